using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Control;
using Weir.Ingest;
using Weir.Ingest.ClickHouse;
using Weir.Proxy;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Hosting;

/// <summary>The edge and the writer behind it. The edge stops first, so that the writer drains hits of every request.</summary>
internal sealed class EdgeRole : IAsyncDisposable
{
    private readonly IHost _writer;
    private readonly WebApplication _edge;

    private EdgeRole(IHost writer, WebApplication edge)
    {
        _writer = writer;
        _edge = edge;
    }

    public IReadOnlyList<Uri> Urls => _edge.BoundUrls();

    /// <param name="settings">Checked settings.</param>
    /// <param name="store">Where hits go.</param>
    /// <param name="detector">Classifies requests.</param>
    /// <param name="sites">The sites, followed while the edge runs.</param>
    /// <param name="certificates">Certificates of the control store; null without one.</param>
    /// <param name="stop">Gives the start up.</param>
    /// <exception cref="CommandException">A port cannot be used.</exception>
    public static async Task<EdgeRole> StartAsync(WeirSettings settings, ClickHouseEndpoint store, EdgeDetector detector, SiteSources sites, IStoredCertificates? certificates,
        CancellationToken stop)
    {
        var writing = Host.CreateEmptyApplicationBuilder(null);
        Logs.Configure(writing.Logging);
        writing.Services.AddSingleton<IHostLifetime, NoLifetime>();
        writing.Services.AddIngest(store, settings.Ingest with { SpoolFolder = Path.Combine(settings.Data, "spool"), SaltFile = Path.Combine(settings.Data, IngestOptions.SaltFileName) });
        writing.Services.AddVerifications(detector.Verifications);
        // The host's own bound must leave the writer its time to drain.
        writing.Services.Configure<HostOptions>(h => h.ShutdownTimeout = settings.Ingest.DrainTimeout + TimeSpan.FromSeconds(5));
        var writer = writing.Build();

        var edge = EdgeHost.Create(settings.Edge with { Secret = EdgeSecret.Of(settings.Data) }, sites.InForce.Sites, writer.Services.GetRequiredService<IHitSink>(), detector.Detector, web =>
        {
            Logs.Configure(web.Logging);
            web.Services.AddSingleton<IHostLifetime, NoLifetime>();
            sites.AddWatchers(web.Services);
            if (certificates is not null)
                web.Services.AddSingleton(certificates);
        }, writer.Services.GetRequiredService<IContentSink>(), writer.Services.GetRequiredService<IRobotsSink>());
        var role = new EdgeRole(writer, edge);
        try
        {
            await writer.StartAsync(stop);
            await edge.StartEdgeAsync(stop);
            return role;
        }
        catch (EdgeStartException e)
        {
            await role.DisposeAsync();
            throw new CommandException(e.Message, e);
        }
        catch
        {
            await role.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.StopAsync();
        await _writer.StopAsync();
        await _edge.DisposeAsync();
        _writer.Dispose();
    }
}

/// <summary>Signals are <see cref="StopSignals"/>' business: a host of ours stops when its role is disposed, in the order that loses nothing.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
