using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;
using Weir.Detection.Signals;

namespace Weir.Hosting;

/// <summary>The catalog shipped with the program, for the roles.</summary>
internal static class CatalogInUse
{
    /// <exception cref="CommandException">The catalog or a range list is wrong; the message says where.</exception>
    public static CrawlerCatalog Load()
    {
        try
        {
            return CrawlerCatalog.Load();
        }
        catch (Exception e) when (e is CatalogException or RangeListException)
        {
            throw new CommandException(e.Message, e);
        }
    }

    /// <summary>A detector that also counts requests per client, as the edge needs it.</summary>
    public static Detector CreateDetector() => new(Load(), new ClientWindows());
}
