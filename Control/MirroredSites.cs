using System.Collections.Concurrent;
using Dapper;
using Weir.Control.Sql;
using Weir.Detection;

namespace Weir.Control;

/// <summary>Sites of a shared store, copied into this machine's own as they are seen: its tables of targets refer to sites and tenants there.</summary>
/// <param name="shared">The store that counts.</param>
/// <param name="own">Holds the copies.</param>
/// <param name="time">Clock of the copies.</param>
public sealed class MirroredSites(IControlStore shared, ControlDatabase own, TimeProvider time) : ISites
{
    private readonly SqlSites _shared = new(shared, time);

    // What is known to be copied; a site never changes its tenant. Tenants of millions of sites would be 100 bytes each.
    private readonly ConcurrentDictionary<SiteId, bool> _copied = new();

    /// <inheritdoc/>
    public async Task<KnownSite> EnsureAsync(SiteId id, string tenant = Tenant.Default, string name = "", CancellationToken stop = default)
    {
        var site = await _shared.EnsureAsync(id, tenant, name, stop);
        await CopyAsync(site.Tenant, [site], stop);
        return site;
    }

    /// <inheritdoc/>
    public Task<KnownSite?> FindAsync(SiteId id, CancellationToken stop = default) => _shared.FindAsync(id, stop);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<KnownSite>> ListAsync(string tenant, CancellationToken stop = default)
    {
        var sites = await _shared.ListAsync(tenant, stop);
        await CopyAsync(tenant, [.. sites.Where(s => !_copied.ContainsKey(s.Id))], stop);
        return sites;
    }

    private async Task CopyAsync(string tenant, IReadOnlyList<KnownSite> sites, CancellationToken stop)
    {
        if (sites.Count == 0)
            return;
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        await own.WriteAsync(transaction =>
        {
            var connection = transaction.Connection!;
            connection.Execute("INSERT INTO tenants (id, created_ms) VALUES (@tenant, @nowMs) ON CONFLICT (id) DO NOTHING", new { tenant, nowMs }, transaction);
            // A store of this machine alone may have known the site as another tenant's.
            connection.Execute(
                """
                INSERT INTO sites (id, tenant, name, created_ms) VALUES (@id, @tenant, @name, @createdMs)
                ON CONFLICT (id) DO UPDATE SET tenant = excluded.tenant, name = excluded.name
                """,
                sites.Select(s => new { id = s.Id.Value, tenant, name = s.Name, createdMs = s.Created.ToUnixTimeMilliseconds() }), transaction);
        }, stop);
        foreach (var site in sites)
            _copied[site.Id] = true;
    }
}
