using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using System.Net;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Signals;
using Weir.Hosting;
using Weir.Ingest;
using Weir.Proxy;
using Weir.Settings;
using Weir.Sites;
using Weir.TestKit;

namespace Weir.Tests.Sites;

/// <summary>Settings, folders and stores of one run, and a real edge before two origins that answer with their names.</summary>
internal sealed class SiteRun : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<WebApplication> _apps = [];

    public SiteRun()
    {
        Directory.CreateDirectory(Folder);
        Directory.CreateDirectory(Data);
        Settings("""{ "sitesFolder": "sites.d" }""");
    }

    public string Folder => _folder["sites.d"];

    public string Data => _folder["data"];

    public string File => _folder["weir.json"];

    public LogLines Log { get; } = new();

    public Uri Old { get; private set; } = new("http://127.0.0.1:3000");

    public Uri New { get; private set; } = new("http://127.0.0.1:3001");

    public void Settings(string json) => System.IO.File.WriteAllText(File, json);

    public void Site(string id, Uri origin) => System.IO.File.WriteAllText(Path.Combine(Folder, $"{id}.json"), Json(id, origin));

    public static string Json(string id, Uri origin) => $$"""{ "id": "{{id}}", "hosts": ["{{id}}.example", "www.{{id}}.example", "*.{{id}}.example"], "origins": "{{origin}}" }""";

    public WeirSettings Read() => SettingsReader.ReadForEdge(File, [], [SettingOverride.Flag("--listen", "listen", "127.0.0.1:0")]);

    public SiteSources Open() => SiteSources.Open(Read(), new SettingsSource(File, [], []), Data, hasControl: true, Log);

    public void Keep(SiteSources sites) => new SiteKeeper(Data, sites.InForce, new SiteFreshness(TimeProvider.System), TimeProvider.System, new Logger<SiteKeeper>(Log)).Keep();

    public async Task StartOriginsAsync()
    {
        Old = await StartOriginAsync("old");
        New = await StartOriginAsync("new");
    }

    public async Task<Uri> StartEdgeAsync(SiteSources sites)
    {
        var edge = EdgeHost.Create(Read().Edge, sites.InForce.Sites, new NoHits(), new Detector(CrawlerCatalog.Load(), new ClientWindows(1024)),
            web => sites.AddWatchers(web.Services));
        await edge.StartEdgeAsync();
        _apps.Add(edge);
        return edge.BoundUrls()[0];
    }

    public Task<ControlDatabase> OpenControlAsync() => ControlDatabase.OpenAsync(Data, [], TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        foreach (var app in Enumerable.Reverse(_apps))
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
        _folder.Dispose();
    }

    private async Task<Uri> StartOriginAsync(string name)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync(name));
        await app.StartAsync();
        _apps.Add(app);
        return app.BoundUrls()[0];
    }

    private sealed class NoHits : IHitSink
    {
        public bool TryWrite(in Hit hit) => true;
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly List<(int Id, string Text)> _lines = [];

    public IReadOnlyList<(int Id, string Text)> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add((eventId.Id, formatter(state, exception)));
    }

    public void Dispose()
    {
    }
}
