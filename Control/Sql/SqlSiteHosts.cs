using Dapper;
using Weir.Detection;

namespace Weir.Control.Sql;

/// <summary>Reads a tenant's sites with their hosts: those of settings files, and of definitions in a control store. Safe from any thread.</summary>
/// <param name="store">The control store.</param>
/// <param name="files">Sites that settings files define.</param>
public sealed class SqlSiteHosts(IControlStore store, ISiteFiles files)
{
    /// <summary>A tenant's sites and hosts as of now.</summary>
    public async Task<SiteHosts> OfAsync(string tenant, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = (await connection.QueryAsync<Row>(
            "SELECT s.id AS Site, h.host AS Host FROM sites s LEFT JOIN site_hosts h ON h.site = s.id WHERE s.tenant = @tenant ORDER BY s.id, h.host", new { tenant })).AsList();
        var sites = rows.Select(r => SiteId.Parse(r.Site)).Distinct().ToList();
        // A definition may not take a host that a file has; where a file came later, it is in force all the same.
        var ofFiles = sites.Select(files.Find).OfType<FileSite>().Where(f => !f.GivesWay).SelectMany(f => f.Site.Hosts.Select(host => (host.ToLowerInvariant(), f.Site.Id)));
        return new SiteHosts(sites, ofFiles.Concat(rows.Where(r => r.Host is not null).Select(r => (r.Host!, SiteId.Parse(r.Site)))));
    }

    private sealed record Row(string Site, string? Host);
}
