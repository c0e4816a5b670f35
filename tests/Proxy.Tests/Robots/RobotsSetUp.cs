using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Control;
using Weir.Detection.Catalog;
using Weir.Proxy.Origins;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Robots;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Tests.Robots;

/// <summary>What keeps a site's merged robots.txt, on a clock that a test moves.</summary>
internal sealed class RobotsSetUp
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly OriginRobots _origins;
    private readonly EdgeSite _site;
    private readonly CounterSum _fetches;

    public RobotsSetUp(Site site, FakeTimeProvider time)
    {
        var meters = _services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        var metrics = new OwnPageMetrics(meters);
        _fetches = new CounterSum(meters, "weir.edge.robots.fetches");
        _origins = new OriginRobots(new OriginClients(new EdgeOptions(), System.Net.Dns.GetHostAddressesAsync), metrics, time, NullLogger<OriginRobots>.Instance);
        _site = new EdgeSite(site, new OriginBook(time, new EdgeOptions()).SetOf(site));
    }

    /// <summary>The text that would be served at this moment.</summary>
    public async Task<string> AskAsync() => Encoding.UTF8.GetString(RobotsPages.Compose(_site.Settings.Robots, CrawlerCatalog.Load().Crawlers,
        (await _origins.GetAsync(_site, "https", "www.example.com"))!.Content));

    /// <summary>Waits until so many fetches have ended.</summary>
    public async Task FetchedAsync(int count)
    {
        while (_fetches.Sum < count)
            await Task.Yield();
    }
}
