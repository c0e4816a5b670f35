using Microsoft.Extensions.Logging;
using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;
using Weir.Detection.Signals;
using Weir.Ingest.Buffering;
using Weir.Settings;

namespace Weir.Hosting;

/// <summary>The edge's detector with what it asks beside its catalog. Disposed after the edge, so that no request finds it gone.</summary>
internal sealed class EdgeDetector : IAsyncDisposable
{
    private readonly SignatureDirectories _directories;
    private readonly ReverseDnsMetrics _metrics = new();
    private readonly ReverseDnsResolver? _names;

    private readonly CancellationTokenSource _stop = new();
    private readonly RangeListRefresher? _refresher;
    private readonly Task _refreshing = Task.CompletedTask;

    private EdgeDetector(WeirSettings settings, string dataFolder, ILogger log)
    {
        var catalog = Catalogs.Load().WithRanges(dataFolder, log);
        // Asked by the detector alone, so it is there by then; its catalog may be swapped for one that names others.
        _directories = new SignatureDirectories(settings.Signatures, agent => Detector!.Catalog.FindBySignatureAgent(agent) is not null, TimeProvider.System);
        _names = settings.ReverseDns is { } reverseDns ? new ReverseDnsResolver(reverseDns, TimeProvider.System, _metrics) { Sink = Verifications } : null;
        Detector = new Detector(catalog, new ClientWindows())
        {
            Signatures = new WebBotAuth(_directories, TimeProvider.System),
            ReverseDns = _names,
            Behaviour = settings.Behaviour,
        };
        if (settings.RangeRefresh is not { } interval)
            return;
        var options = new RangeRefreshOptions { Interval = interval };
        _refresher = new RangeListRefresher(Detector, new RangeListStore(RangeListStore.FolderIn(dataFolder), options), options, TimeProvider.System,
            report => RangeLog.Report(log, report), Random.Shared);
        _refreshing = _refresher.RunAsync(_stop.Token);
    }

    /// <summary>What was found out after a request was judged, on its way to the store.</summary>
    public VerificationChannel Verifications { get; } = new();

    /// <summary>Classifies requests; keeps what each client does.</summary>
    public Detector Detector { get; }

    /// <exception cref="CommandException">The catalog or a range list is wrong; the message says where.</exception>
    public static EdgeDetector Create(WeirSettings settings, DataFolder folder, ILoggerFactory logs) =>
        new(settings, folder.Path, logs.CreateLogger<EdgeDetector>());

    /// <summary>Gives up fetches and questions under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _refreshing;
        _refresher?.Dispose();
        _stop.Dispose();
        await _directories.DisposeAsync();
        if (_names is not null)
            await _names.DisposeAsync();
        _metrics.Dispose();
    }
}
