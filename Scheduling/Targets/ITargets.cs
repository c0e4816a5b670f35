namespace Weir.Scheduling.Targets;

/// <summary>The targets of every tenant. Safe from any thread.</summary>
public interface ITargets
{
    /// <summary>Makes targets that are not there, and links pages to those that are; all of them or none. Repeating it changes nothing.</summary>
    /// <param name="tenant">Whose they are.</param>
    /// <param name="wishes">Already checked: names bounded, engine known, sites the tenant's own.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>One answer a wish, in order.</returns>
    Task<IReadOnlyList<UpsertedTarget>> UpsertAsync(string tenant, IReadOnlyList<NewTarget> wishes, CancellationToken stop = default);

    /// <summary>Targets within reach in order of their numbers.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="after">Only numbers above this; 0 for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<Target>> ListAsync(Reach reach, long after, int limit, CancellationToken stop = default);

    /// <summary>Finds a target; null when there is none within reach.</summary>
    Task<Target?> FindAsync(Reach reach, long id, CancellationToken stop = default);

    /// <summary>Deletes a target with its scans and results; its triggers stay readable. False when there is none within reach.</summary>
    Task<bool> DeleteAsync(Reach reach, long id, CancellationToken stop = default);

    /// <summary>An index of all targets; the same object while nothing has changed. On a very large store it may be some seconds old.</summary>
    Task<TargetIndex> IndexAsync(CancellationToken stop = default);
}
