using Weir.Detection;

namespace Weir.Control;

/// <summary>The sites that settings files define now. Safe from any thread.</summary>
/// <param name="sites">The sites at first.</param>
public sealed class SiteFiles(IEnumerable<FileSite> sites) : ISiteFiles
{
    private Tables _tables = new(sites);

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<FileSite> All => Volatile.Read(ref _tables).ById.Values;

    /// <inheritdoc/>
    public FileSite? Find(SiteId id) => Volatile.Read(ref _tables).ById.GetValueOrDefault(id);

    /// <inheritdoc/>
    public FileSite? FindHost(string host) => Volatile.Read(ref _tables).ByHost.GetValueOrDefault(host);

    /// <summary>Takes other sites over from the next question on.</summary>
    // Publishes finished tables; pairs with the Volatile.Reads above.
    public void Replace(IEnumerable<FileSite> others) => Volatile.Write(ref _tables, new Tables(others));

    // Plain dictionaries: these are made anew with each change of a file, of thousands maybe, and asked by people alone.
    private sealed class Tables
    {
        public Tables(IEnumerable<FileSite> sites)
        {
            foreach (var site in sites)
            {
                ById[site.Site.Id] = site;
                foreach (string host in site.GivesWay ? [] : site.Site.Hosts)
                    ByHost.TryAdd(host, site);
            }
        }

        public Dictionary<SiteId, FileSite> ById { get; } = [];

        public Dictionary<string, FileSite> ByHost { get; } = new(StringComparer.Ordinal);
    }
}
