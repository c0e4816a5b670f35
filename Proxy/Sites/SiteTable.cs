using System.Diagnostics.CodeAnalysis;
using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Sites;

/// <summary>Leads from a host name to its site. Safe from any thread; a change builds a new table aside and swaps it whole.</summary>
/// <remarks>One table and one catch-all endpoint instead of a route per site: routing by host slows down and eats memory past some
/// hundreds of hosts (dotnet/yarp#2967, dotnet/aspnetcore#64205).</remarks>
public sealed class SiteTable
{
    private readonly OriginBook _origins;
    private readonly Lock _changing = new();
    private HostLookup _lookup = new();

    internal SiteTable(OriginBook origins) => _origins = origins;

    /// <summary>How many sites are served.</summary>
    public int SiteCount => Volatile.Read(ref _lookup).SiteCount;

    /// <summary>How many hosts lead to a site, wildcards included.</summary>
    public int HostCount => Volatile.Read(ref _lookup).HostCount;

    /// <summary>The sites served, each once; another collection after each change.</summary>
    internal IReadOnlyCollection<EdgeSite> Served => Volatile.Read(ref _lookup).Sites;

    /// <summary>Serves these sites and no others from the next request on. Requests under way keep what they found; a site whose settings
    /// are the very same object keeps its state.</summary>
    /// <exception cref="ArgumentException">Two sites claim the same host; the table stays as it was.</exception>
    public void Replace(IReadOnlyList<Site> sites)
    {
        lock (_changing)
        {
            var next = new HostLookup();
            foreach (var site in sites)
                next.Add(_lookup.Find(site.Id) is { } served && ReferenceEquals(served.Settings, site) ? served : NewSite(site));
            Publish(next);
        }
    }

    /// <summary>Puts new and changed sites in force, and removed ones out of it, all from the next request on. Only these are built anew.</summary>
    /// <param name="changed">New sites, and sites that take the place of theirs of the same id.</param>
    /// <param name="removed">Sites served no longer; unknown ones are passed over.</param>
    /// <exception cref="ArgumentException">Two sites claim the same host; the table stays as it was.</exception>
    public void Change(IReadOnlyCollection<Site> changed, IReadOnlyCollection<SiteId> removed)
    {
        lock (_changing)
        {
            var next = new HostLookup(_lookup);
            foreach (var id in removed)
                next.Remove(id);
            // All that changes lets go of its hosts first: one may take over another's.
            foreach (var site in changed)
                next.Remove(site.Id);
            foreach (var site in changed)
                next.Add(NewSite(site));
            Publish(next);
        }
    }

    /// <summary>Finds the site of a host: its exact name, else the longest wildcard above it, else <c>*</c>. Allocates nothing.</summary>
    /// <param name="host">Normalised by <see cref="HostName.Normalize"/>; any case.</param>
    /// <param name="entry">What was found.</param>
    internal bool TryFind(ReadOnlySpan<char> host, [NotNullWhen(true)] out HostEntry? entry) =>
        Volatile.Read(ref _lookup).TryFind(host, out entry);

    // Publishes the finished table; pairs with the Volatile.Read in TryFind, so that no half-built dictionary is seen.
    private void Publish(HostLookup next) => Volatile.Write(ref _lookup, next);

    private EdgeSite NewSite(Site site) => new(site, _origins.SetOf(site));
}
