using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Weir.Proxy;
using Weir.Proxy.Connection;

namespace Weir.Hosting;

/// <summary>Tells what a role counts to those who watch it: Prometheus reads <c>/metrics</c> on a port of its own, an OpenTelemetry collector
/// is sent it when the environment names one (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its kin).</summary>
internal sealed class Telemetry : IAsyncDisposable
{
    /// <summary>Where an OpenTelemetry collector listens, by OpenTelemetry's own name for it.</summary>
    public const string CollectorVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly WebApplication? _server;

    private Telemetry(WebApplication? server) => _server = server;

    /// <summary>Where metrics can be read; null when they cannot.</summary>
    public Uri? Url { get; private init; }

    /// <summary>Starts what is asked for; nothing, when nothing is.</summary>
    /// <param name="listen">Where <c>/metrics</c> is served, to anybody who can reach it; null for nowhere.</param>
    /// <param name="stop">Gives the start up.</param>
    /// <exception cref="CommandException">The port cannot be used.</exception>
    public static async Task<Telemetry> StartAsync(ListenAddress? listen, CancellationToken stop)
    {
        bool hasCollector = Environment.GetEnvironmentVariable(CollectorVariable) is { Length: > 0 };
        if (listen is null && !hasCollector)
            return new Telemetry(null);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        Logs.Configure(builder.Logging);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddOpenTelemetry().ConfigureResource(r => r.AddService("weir")).WithMetrics(metrics =>
        {
            metrics.AddMeter("Weir.*", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
            if (listen is not null)
                metrics.AddPrometheusExporter();
            if (hasCollector)
                metrics.AddOtlpExporter();
        });
        // Without an address a free port of this machine alone carries nothing but the host.
        var address = listen ?? new ListenAddress(IPAddress.Loopback, 0);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (address.Address is null)
                kestrel.ListenAnyIP(address.Port);
            else
                kestrel.Listen(address.Address, address.Port);
        });
        var server = builder.Build();
        if (listen is not null)
            server.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
        try
        {
            await server.StartAsync(stop);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await server.DisposeAsync();
            throw new CommandException($"metrics cannot be served on {address}: {e.Message} Choose another address in \"metrics\".", e);
        }
        return new Telemetry(server) { Url = listen is null ? null : new Uri($"{Banner.Reachable(server.BoundUrls()[0])}/metrics") };
    }

    /// <summary>Sends what was counted last, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is null)
            return;
        await _server.StopAsync();
        await _server.DisposeAsync();
    }
}
