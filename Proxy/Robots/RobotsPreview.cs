using Weir.Control;
using Weir.Detection.Catalog;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Robots;

/// <summary>The origin's part of a robots.txt cannot be had; the message is one line for people.</summary>
public sealed class RobotsPreviewException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Makes a site's robots.txt as its edge would serve it, without an edge.</summary>
public static class RobotsPreview
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The file's bytes. The origin is asked unless the file is managed.</summary>
    /// <param name="site">The site.</param>
    /// <param name="host">Which of its hosts; null for the first that is no wildcard.</param>
    /// <param name="catalog">Whose names are written.</param>
    /// <param name="options">Bounds of asking the origin.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="RobotsPreviewException">The origin cannot be asked, or has no file where it alone would serve it.</exception>
    public static async Task<byte[]> ReadAsync(Site site, string? host, CrawlerCatalog catalog, EdgeOptions options, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(catalog);
        if (site.Robots.Mode == RobotsMode.Managed)
            return RobotsPages.Compose(site.Robots, catalog.Crawlers, null);
        host ??= site.Hosts.FirstOrDefault(h => !h.Contains('*', StringComparison.Ordinal)) ?? "localhost";
        var copy = await FetchAsync(site, host, options, stop);
        if (site.Robots.Mode == RobotsMode.Merged)
            return RobotsPages.Compose(site.Robots, catalog.Crawlers, copy.Content);
        return copy.Status < 400 ? copy.Content
            : throw new RobotsPreviewException($"The origin answers {copy.Status}, and the edge passes that on: crawlers take it as leave to read everything.");
    }

    private static async Task<OriginRobotsCopy> FetchAsync(Site site, string host, EdgeOptions options, CancellationToken stop)
    {
        var url = site.Origins[0].Url;
        var origin = new Origin(url, OriginTrust.Of(url, site.AllowsPrivateOrigins, site.OriginCa), TimeProvider.System);
        using var clients = new OriginClients(options, System.Net.Dns.GetHostAddressesAsync);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            string scheme = site.RedirectToHttps ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
            return await OriginRobotsFetch.FetchAsync(clients.For(origin), site, origin, scheme, host, null, patience.Token)
                ?? throw new RobotsPreviewException($"The origin {origin.Url} answers with an error. Crawlers then stay away, unless the edge has a copy from before.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            throw new RobotsPreviewException($"The origin {origin.Url} cannot be asked: {e.Message.TrimEnd('.')}. Start it, or mend the site's origins.", e);
        }
    }
}
