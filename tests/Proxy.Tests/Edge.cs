using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest;
using Weir.Detection.Signals;
using Weir.Proxy.Connection;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Tests;

/// <summary>A real edge on a loopback port, and what it needs around it.</summary>
internal sealed class Edge : IAsyncDisposable
{
    private readonly HttpClient _client;

    private Edge(WebApplication app, HitList hits)
    {
        App = app;
        Hits = hits;
        Port = app.BoundUrls()[0].Port;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = async (_, stop) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, Port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    public WebApplication App { get; }

    public HitList Hits { get; }

    public int Port { get; }

    /// <summary>A client whose every connection leads to the edge, whatever host a URL names.</summary>
    public HttpClient Client => _client;

    public SiteTable Sites => App.Services.GetRequiredService<SiteTable>();

    public static Task<Edge> BeforeAsync(TestOrigin origin, Func<EdgeOptions, EdgeOptions>? change = null) =>
        StartAsync([SiteOf("www.example.com", origin.Url)], change);

    public static async Task<Edge> StartAsync(IReadOnlyList<Site> sites, Func<EdgeOptions, EdgeOptions>? change = null, Detector? detector = null,
        IContentSink? content = null, TimeProvider? time = null, IRobotsSink? robots = null, Action<WebApplicationBuilder>? configure = null)
    {
        // A hang fails soon instead of after the default of 100 s.
        var options = new EdgeOptions
        {
            Listen = [new ListenAddress(IPAddress.Loopback, 0)],
            Limits = new EdgeLimits { OriginIdleTimeout = TimeSpan.FromSeconds(20) },
        };
        var hits = new HitList();
        var app = EdgeHost.Create(change is null ? options : change(options), sites, hits, detector ?? Detector(),
            builder =>
            {
                configure?.Invoke(builder);
                if (time is not null)
                    builder.Services.AddSingleton(time);
            }, content, robots);
        await app.StartEdgeAsync();
        return new Edge(app, hits);
    }

    public static Site SiteOf(string host, params Uri[] origins) => new() { Id = SiteId.Parse("shop"), Hosts = [host], Origins = [.. origins.Select(o => new SiteOrigin(o))] };

    public static Detector Detector() => new(CrawlerCatalog.Load(), new ClientWindows(1024));

    /// <summary>A connection for bytes that no client would send.</summary>
    public async Task<RawConnection> ConnectAsync()
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(IPAddress.Loopback, Port);
        return new RawConnection(tcp);
    }

    /// <summary>Sums a counter of the edge's meter from now on, or what of it has a tag.</summary>
    public CounterSum Count(string instrument, string? tag = null, string? value = null) =>
        new(App.Services.GetRequiredService<IMeterFactory>(), instrument, tag, value);

    /// <summary>What a gauge of the edge's meter reads now, by its tag; by "" where it has none.</summary>
    public Dictionary<string, int> Gauge(string instrument)
    {
        var read = new Dictionary<string, int>();
        var meters = App.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (i, l) =>
            {
                if (i.Name == instrument && ReferenceEquals(i.Meter.Scope, meters))
                    l.EnableMeasurementEvents(i);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => read[tags.Length == 0 ? "" : (string)tags[0].Value!] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await App.DisposeAsync();
    }
}

/// <summary>Adds up what one counter of one edge reports.</summary>
internal sealed class CounterSum : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _changes = new(0);
    private long _sum;

    public CounterSum(IMeterFactory meters, string instrument, string? tag = null, string? value = null)
    {
        _listener.InstrumentPublished = (i, l) =>
        {
            if (i.Name == instrument && ReferenceEquals(i.Meter.Scope, meters))
                l.EnableMeasurementEvents(i);
        };
        _listener.SetMeasurementEventCallback<long>((_, by, tags, _) =>
        {
            foreach (var given in tags)
            {
                if (given.Key == tag && given.Value as string != value)
                    return;
            }
            Interlocked.Add(ref _sum, by);
            _changes.Release();
        });
        _listener.Start();
    }

    public long Sum => Interlocked.Read(ref _sum);

    /// <summary>Waits until so much has been counted.</summary>
    public async Task UntilAsync(long sum)
    {
        // A hang fails.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Sum < sum)
            await _changes.WaitAsync(patience.Token);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _changes.Dispose();
    }
}

/// <summary>An origin on a loopback port that answers as a test says.</summary>
internal sealed class TestOrigin : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestOrigin(WebApplication app, string scheme)
    {
        _app = app;
        Url = new UriBuilder(app.BoundUrls()[0]) { Scheme = scheme }.Uri;
    }

    public Uri Url { get; }

    public static async Task<TestOrigin> StartAsync(RequestDelegate answer, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxRequestLineSize = 64 * 1024;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.AllowAlternateSchemes = true;
            kestrel.Listen(IPAddress.Loopback, 0, l => l.Protocols = protocols);
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(answer);
        await app.StartAsync();
        return new TestOrigin(app, protocols == HttpProtocols.Http2 ? "h2c" : "http");
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
