using Microsoft.Extensions.Logging;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;

namespace Weir.Hosting;

/// <summary>Loads the catalog for commands and roles, its errors as one line.</summary>
internal static class Catalogs
{
    /// <summary>The catalog of a folder, or the one that ships with the program.</summary>
    /// <exception cref="CommandException">The catalog or a range list is wrong; the message says where.</exception>
    public static CrawlerCatalog Load(string? folder = null)
    {
        try
        {
            return CrawlerCatalog.Load(folder);
        }
        catch (Exception error) when (error is CatalogException or RangeListException)
        {
            throw new CommandException(error.Message, error);
        }
    }

    /// <summary>A catalog with the range lists that were fetched into a data folder; the bundled ones where there is nothing good.</summary>
    public static CrawlerCatalog WithRanges(this CrawlerCatalog catalog, string dataFolder, ILogger log) =>
        new RangeListStore(RangeListStore.FolderIn(dataFolder), new RangeRefreshOptions()).Apply(catalog, log.RangeListPutAside);

    /// <summary>The time of a request that says none. A clock behind the lists in use is wrong, not early.</summary>
    public static long NowMs(CrawlerCatalog catalog)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var list in catalog.RangeLists)
            now = Math.Max(now, list.PublishedAt.ToUnixTimeMilliseconds());
        return now;
    }
}
