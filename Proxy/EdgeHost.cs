using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Detection;
using Weir.Ingest;
using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;

namespace Weir.Proxy;

/// <summary>The edge could not begin to listen; the message is one line for people.</summary>
public sealed class EdgeStartException : Exception
{
    /// <summary>Makes the error.</summary>
    public EdgeStartException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>Makes the edge's web server.</summary>
public static class EdgeHost
{
    /// <summary>An edge ready to start: Kestrel with the limits of the options, and nothing before the pipeline.</summary>
    /// <param name="options">How to listen, whom to believe, what to bear.</param>
    /// <param name="sites">Sites to serve; replaced later through <see cref="Sites.SiteTable.Replace"/> from the app's services.</param>
    /// <param name="hits">Takes the hits.</param>
    /// <param name="detector">Classifies requests.</param>
    /// <param name="configure">Adds logging, metrics exporters and hosted services; runs before the edge's own settings.</param>
    /// <param name="content">Takes what pages showed to crawlers; null when nobody wants to know.</param>
    /// <param name="robots">Takes robots.txt files as served; null when nobody wants to know.</param>
    public static WebApplication Create(
        EdgeOptions options, IReadOnlyList<Site> sites, IHitSink hits, Detector detector, Action<WebApplicationBuilder>? configure = null,
        IContentSink? content = null, IRobotsSink? robots = null)
    {
        // Empty: no appsettings.json, no ASPNETCORE_URLS and no host filtering may change what the settings say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        configure?.Invoke(builder);
        // Per-request lines of these would cost more than the request, and name paths.
        builder.Logging.AddFilter("Yarp", LogLevel.Critical).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(hits).AddSingleton(detector).AddEdge(options, sites);
        if (content is not null)
            builder.Services.AddSingleton(content);
        if (robots is not null)
            builder.Services.AddSingleton(robots);
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = options.Limits.ShutdownTimeout);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, options));
        if (options.IsTlsUsed && TlsListener.HasQuic)
            builder.WebHost.UseQuic();
        var app = builder.Build();
        app.RunEdge();
        return app;
    }

    /// <summary>Starts to listen.</summary>
    /// <exception cref="EdgeStartException">A port is in use, not allowed, or its address is not this machine's.</exception>
    public static async Task StartEdgeAsync(this WebApplication app, CancellationToken stop = default)
    {
        app.LoadCertificates();
        try
        {
            await app.StartAsync(stop);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new EdgeStartException(Explain(e), e);
        }
    }

    /// <summary>Where a started server listens, ports chosen by the system included.</summary>
    public static IReadOnlyList<Uri> BoundUrls(this WebApplication app) =>
        [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a))];

    private static void Configure(KestrelServerOptions kestrel, EdgeOptions options)
    {
        var limits = options.Limits;
        kestrel.AddServerHeader = false;
        // Bytes beyond ASCII pass as they are; refusing them would break old clients that their origin understands.
        kestrel.RequestHeaderEncodingSelector = static name => name.Length == 10 && name.Equals("Connection", StringComparison.OrdinalIgnoreCase) ? ConnectionOptionText.Instance : Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MaxRequestHeadersTotalSize = limits.HeaderBytesMax;
        kestrel.Limits.MaxRequestHeaderCount = limits.HeadersMax;
        kestrel.Limits.MaxRequestLineSize = limits.RequestLineBytesMax;
        kestrel.Limits.RequestHeadersTimeout = limits.HeadersTimeout;
        kestrel.Limits.KeepAliveTimeout = limits.KeepAliveTimeout;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = limits.HeaderBytesMax;
        // Cuts who trickles bytes to hold a connection; the grace lets a phone lose its network for a moment.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 100, gracePeriod: TimeSpan.FromSeconds(30));
        kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 100, gracePeriod: TimeSpan.FromSeconds(30));
        foreach (var address in options.Listen)
            Listen(kestrel, address);
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address)
    {
        var services = kestrel.ApplicationServices;
        var gate = services.GetRequiredService<ConnectionGate>();
        void Shape(ListenOptions listen)
        {
            listen.Use(gate.Bound);
            ((IMultiplexedConnectionBuilder)listen).Use(gate.Bound);
            if (address.HasProxyHeader)
                listen.Use(services.GetRequiredService<ProxyProtocol>().Read);
            // Without TLS nothing tells the two protocols apart, so a port speaks one of them.
            listen.Protocols = address.IsHttp2Only ? HttpProtocols.Http2 : HttpProtocols.Http1;
            if (address.IsHttps)
                services.GetRequiredService<TlsListener>().Use(listen, offersHttp3: !address.HasProxyHeader);
            listen.Use(gate.ReadFacts);
        }
        if (address.Address is null)
            kestrel.ListenAnyIP(address.Port, Shape);
        else
            kestrel.Listen(new IPEndPoint(address.Address, address.Port), Shape);
    }

    private static void LoadCertificates(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<EdgeOptions>().IsTlsUsed)
            return;
        app.Services.GetRequiredService<CertificateStore>().Load();
        // Observed by whoever exports metrics; nothing asks for it.
        _ = app.Services.GetRequiredService<CertificateMetrics>();
        if (!TlsListener.HasQuic)
            app.Services.GetRequiredService<ILogger<TlsListener>>().Http3Missing();
    }

    private static string Explain(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is AddressInUseException || cause is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
                return $"{AddressIn(e)} is in use by another program. Stop that program, or choose another port with --listen.";
            if (cause is SocketException { SocketErrorCode: SocketError.AccessDenied })
                return $"{AddressIn(e)} may not be used by this account. Choose a port above 1023, or give the program the right to bind low ports.";
            if (cause is SocketException { SocketErrorCode: SocketError.AddressNotAvailable })
                return $"{AddressIn(e)} is no address of this machine. Use one of its own addresses, or leave the address out.";
        }
        return $"The edge cannot listen: {e.Message}";
    }

    // Kestrel says "Failed to bind to address http://127.0.0.1:8080: address already in use."
    private static string AddressIn(Exception e)
    {
        const string Before = "bind to address ";
        int at = e.Message.IndexOf(Before, StringComparison.Ordinal);
        return at < 0 ? "The address" : e.Message[(at + Before.Length)..].Split(": ")[0].TrimEnd('.');
    }
}
