using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Signals;
using Weir.Ingest;
using Weir.Ingest.Buffering;
using Weir.Ladder.Load;
using Weir.Proxy;
using Weir.Proxy.Connection;
using Yarp.ReverseProxy.Configuration;

namespace Weir.Ladder.Serving;

/// <summary>Serves a rung of the ladder until it is ended.</summary>
internal static class Server
{
    /// <summary>Serves.</summary>
    /// <param name="step">How much of Weir.</param>
    /// <param name="port">Where, on the loopback address.</param>
    /// <param name="originPort">The origin's port there.</param>
    /// <param name="sites">How many sites.</param>
    public static async Task RunAsync(Step step, int port, int originPort, int sites)
    {
        var origin = new Uri($"http://127.0.0.1:{originPort}");
        await using var app = step == Step.Yarp ? PlainYarp(port, origin) : Edge(step, port, origin, sites);
        await app.StartAsync();
        await app.WaitForShutdownAsync();
    }

    private static WebApplication PlainYarp(int port, Uri origin)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "origin", Match = new RouteMatch { Path = "{**rest}" } }],
            [new ClusterConfig
            {
                ClusterId = "origin",
                Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { ["one"] = new() { Address = origin.ToString() } },
            }]);
        var app = builder.Build();
        app.MapReverseProxy();
        return app;
    }

    private static WebApplication Edge(Step step, int port, Uri origin, int sites)
    {
        var options = new EdgeOptions { Listen = [new ListenAddress(IPAddress.Loopback, port)], TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] };
        var served = Enumerable.Range(0, sites).Select(i => new Site
        {
            Id = SiteId.Parse($"s{i}"),
            Hosts = [RequestFile.HostOf(i)],
            Origins = [origin],
            Policy = step == Step.All ? Policy : [],
        }).ToList();
        var hits = new HitChannel(65_536, new LossCounters());
        _ = Task.Run(async () =>
        {
            // As the writer does: looks now and then, so that no hit wakes anybody.
            using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
            while (await looks.WaitForNextTickAsync())
            {
                while (hits.Reader.TryRead(out var hit))
                    GC.KeepAlive(hit.Host);
            }
        });
        return EdgeHost.Create(options, served, hits, new Detector(CrawlerCatalog.Load(), new ClientWindows()),
            web =>
            {
                if (step != Step.All)
                    web.Services.AddSingleton<RungPipeline>().AddSingleton<IStartupFilter>(new RungFilter(step));
            },
            step == Step.All ? new Unread() : null);
    }

    // What a careful owner turns on: spoofed crawlers out, SEO crawlers slowed, training crawlers asked a price somewhere.
    private static readonly IReadOnlyList<PolicyRule> Policy =
    [
        new() { Name = "spoofed", Action = PolicyAction.Block, Identities = [Identity.Spoofed], Paths = ["/private/"], IsEnforced = true },
        new() { Name = "slow-seo", Action = PolicyAction.Limit, Purposes = [Purpose.Seo], Limit = new RequestLimit(1_000_000, 60, LimitScope.Crawler), IsEnforced = true },
        new() { Name = "priced", Action = PolicyAction.Price, Purposes = [Purpose.AiTraining], Paths = ["/archive/"], Price = "USD 0.01" },
    ];

    private sealed class Unread : IContentSink
    {
        public bool TryWrite(ContentSighting sighting) => true;

        public bool TryWrite(PageText text) => true;
    }

    private sealed class RungFilter(Step step) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            var rung = app.ApplicationServices.GetRequiredService<RungPipeline>();
            app.Run(http => rung.InvokeAsync(http, step));
            next(app);
        };
    }
}
