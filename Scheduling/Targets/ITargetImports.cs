namespace Weir.Scheduling.Targets;

/// <summary>Imports of every tenant that run beside their requests. Safe from any thread.</summary>
public interface ITargetImports
{
    /// <summary>Notes an upload, to be imported by this machine.</summary>
    Task<ImportJob> AddAsync(NewImport import, CancellationToken stop = default);

    /// <summary>Finds an import; null when the tenant has none of this number. One of a caller for some sites is found by such callers alone.</summary>
    Task<ImportJob?> FindAsync(Reach reach, long id, CancellationToken stop = default);

    /// <summary>A tenant's imports, the newest first.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="before">Only numbers below this; null from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<ImportJob>> ListAsync(Reach reach, long? before, int limit, CancellationToken stop = default);

    /// <summary>What was wrong with an import's rows, in their order. The first 100,000 are kept; the rest is counted as rejected.</summary>
    /// <param name="id">The import, found before.</param>
    /// <param name="after">Only numbers above this; 0 from the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<ImportError>> ErrorsAsync(long id, long after, int limit, CancellationToken stop = default);
}
