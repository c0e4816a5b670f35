using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Access;

/// <summary>Which sites a caller may see: those of its tenant that its list allows.</summary>
/// <remarks>A site that has hits and is in no control store (an import before any settings) belongs to <see cref="Tenant.Default"/>.</remarks>
internal sealed class SiteAccess(ISites sites, SitesReport stored)
{
    /// <summary>Whether a key may read a site; false for a site that nobody knows.</summary>
    public async ValueTask<bool> MayReadAsync(Caller caller, SiteId site, CancellationToken stop)
    {
        if (!caller.AllowsSite(site))
            return false;
        if (await sites.FindAsync(site, stop) is { } known)
            return known.Tenant == caller.Tenant;
        return caller.Tenant == Tenant.Default && await stored.HasHitsAsync(site, stop);
    }

    /// <summary>Whether a key may make a site of this id: nobody has it, nor hits of it.</summary>
    public async ValueTask<bool> MayMakeAsync(Caller caller, SiteId site, CancellationToken stop) =>
        caller.AllowsSite(site) && await sites.FindAsync(site, stop) is null && !await stored.HasHitsAsync(site, stop);

    /// <summary>Every site that a key may read, by id, with what the store has of it.</summary>
    public async Task<IReadOnlyList<SiteRow>> ListAsync(Caller caller, CancellationToken stop)
    {
        var rows = (await stored.ReadAsync(stop)).ToDictionary(r => r.Site, StringComparer.Ordinal);
        var visible = new SortedDictionary<string, SiteRow>(StringComparer.Ordinal);
        foreach (var site in await sites.ListAsync(caller.Tenant, stop))
        {
            if (caller.AllowsSite(site.Id))
                visible[site.Id.Value] = (rows.GetValueOrDefault(site.Id.Value) ?? new SiteRow(site.Id.Value)) with { Name = site.Name };
        }
        foreach (var row in rows.Values)
        {
            if (!visible.ContainsKey(row.Site) && SiteId.TryParse(row.Site, null, out var id) && await MayReadAsync(caller, id, stop))
                visible[row.Site] = row;
        }
        return [.. visible.Values];
    }
}
