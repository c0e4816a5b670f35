using Weir.Control;

namespace Weir.Scheduling.Targets;

/// <summary>Topics and brands of every tenant. Safe from any thread. Each change is in the audit log, in its own transaction.</summary>
public interface ITopics
{
    /// <summary>A tenant's brands above a number, at most so many.</summary>
    Task<IReadOnlyList<WatchedBrand>> BrandsAsync(string tenant, long after, int limit, CancellationToken stop = default);

    /// <summary>Gives a brand another name.</summary>
    Task<RenameOutcome> RenameBrandAsync(string tenant, long id, string name, Actor by, CancellationToken stop = default);

    /// <summary>Deletes a brand with its queries, targets, scans and results; its triggers stay readable. False when there is none.</summary>
    Task<bool> DeleteBrandAsync(string tenant, long id, Actor by, CancellationToken stop = default);

    /// <summary>A tenant's topics above a number, at most so many.</summary>
    Task<IReadOnlyList<Topic>> ListAsync(string tenant, long after, int limit, CancellationToken stop = default);

    /// <summary>Makes a topic, or puts these pages in the place of those that the one of this name has.</summary>
    Task<Topic> PutAsync(string tenant, string name, IReadOnlyList<PageLink> pages, Actor by, CancellationToken stop = default);

    /// <summary>Gives a topic another name.</summary>
    Task<RenameOutcome> RenameAsync(string tenant, long id, string name, Actor by, CancellationToken stop = default);

    /// <summary>Deletes a topic; queries lose it and stay. False when there is none.</summary>
    Task<bool> DeleteAsync(string tenant, long id, Actor by, CancellationToken stop = default);
}
