using System.Net;
using ClickHouse.Driver;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Weir.Control;
using Weir.Detection.Catalog;
using Weir.Ingest.ClickHouse;

namespace Weir.Analytics.Api;

/// <summary>The analytics side as one web application.</summary>
public static class AnalyticsHost
{
    /// <summary>Makes the application; the caller starts and disposes it. Its address is <see cref="AnalyticsOptions.Listen"/>.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="clickHouse">Where hits are; its schema must be there before the first request.</param>
    /// <param name="keys">Who may ask; the caller disposes its store.</param>
    /// <param name="sites">Whose sites are whose.</param>
    /// <param name="catalog">Names of crawlers.</param>
    /// <param name="configure">Further services (scheduling) and logging; null for none.</param>
    public static WebApplication Create(
        AnalyticsOptions options, ClickHouseEndpoint clickHouse, IApiKeys keys, ISites sites, CrawlerCatalog catalog,
        Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        // ASPNETCORE_URLS and appsettings.json belong to other programs; ours are in weir.json.
        builder.Configuration.Sources.Clear();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddSingleton(keys).AddSingleton(sites).AddSingleton(catalog);
        builder.Services.AddSingleton(_ => new ClickHouseConnections(clickHouse));
        builder.Services.AddSingleton<IClickHouseClient>(services => services.GetRequiredService<ClickHouseConnections>().Client);
        builder.Services.AddAnalytics(options);
        configure?.Invoke(builder);
        return builder.Build().MapAnalytics();
    }

    private static void Listen(KestrelServerOptions kestrel, AnalyticsOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 16 * 1024 * 1024; // an import of targets; reports have no body
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.MaxConcurrentConnections = 2_000;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        string host = options.Listen.Host;
        if (host is "localhost")
            kestrel.ListenLocalhost(options.Listen.Port);
        else if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            kestrel.Listen(address, options.Listen.Port);
        else
            kestrel.ListenAnyIP(options.Listen.Port);
    }
}
