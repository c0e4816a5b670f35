using Weir.Detection;

namespace Weir.Control;

/// <summary>Which websites are known, and whose they are. Safe from any thread.</summary>
public interface ISites
{
    /// <summary>Makes the site known when it is not; an already known one keeps its tenant. Returns it as known.</summary>
    Task<KnownSite> EnsureAsync(SiteId id, string tenant = Tenant.Default, string name = "", CancellationToken stop = default);

    /// <summary>Finds a site; null when it is not known.</summary>
    Task<KnownSite?> FindAsync(SiteId id, CancellationToken stop = default);

    /// <summary>A tenant's sites by id.</summary>
    Task<IReadOnlyList<KnownSite>> ListAsync(string tenant, CancellationToken stop = default);
}

/// <summary>A website that hits or targets may belong to.</summary>
/// <param name="Id">The site's id.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Created">When it became known.</param>
public sealed record KnownSite(SiteId Id, string Tenant, string Name, DateTimeOffset Created);
