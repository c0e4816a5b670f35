using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Detection.Places;

namespace Weir.Proxy.Places;

/// <summary>Reads the files of places at the start and again when they change. A bad file changes nothing: the last good one stays.</summary>
internal sealed class PlaceWatcher(PlaceOptions options, PlaceBook places, EdgeMetrics metrics, TimeProvider time, ILogger<PlaceWatcher> log) : BackgroundService
{
    private readonly Watched[] _files =
    [
        new(options.CountryFile, PlaceFile.ReadCountries, (old, read) => old.WithCountriesOf(read), t => t.Countries),
        new(options.AsnFile, PlaceFile.ReadNetworks, (old, read) => old.WithNetworksOf(read), t => t.Networks),
    ];

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.IsNeededAtStart)
            Look();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options is { CountryFile: null, AsnFile: null })
            return;
        using var timer = new PeriodicTimer(options.LookInterval, time);
        try
        {
            // Off the thread that starts the host.
            await Task.Run(Look, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Look();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void Look()
    {
        foreach (var file in _files)
        {
            if (file.Path is not null && file.HasSettled())
                Take(file, file.Path);
        }
    }

    private void Take(Watched file, string path)
    {
        try
        {
            places.Table = file.With(places.Table, file.Read(path));
            metrics.PlacesReloaded(isAccepted: true);
            log.PlacesRead(file.Count(places.Table), path);
        }
        catch (PlaceFileException e)
        {
            metrics.PlacesReloaded(isAccepted: false);
            log.PlacesRefused(path, e.Message, file.Count(places.Table) > 0 ? "The last good one stays in use." : "What it would tell is unknown.");
        }
    }

    // A file that is being written is read when two looks see the same; the first look takes what it finds.
    private sealed class Watched(string? path, Func<string, PlaceTable> read, Func<PlaceTable, PlaceTable, PlaceTable> with, Func<PlaceTable, int> count)
    {
        private (DateTime Written, long Length)? _seen, _taken;

        public string? Path => path;

        public Func<string, PlaceTable> Read => read;

        public Func<PlaceTable, PlaceTable, PlaceTable> With => with;

        public Func<PlaceTable, int> Count => count;

        public bool HasSettled()
        {
            var info = new FileInfo(path!);
            (DateTime, long) now = info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
            bool isSame = _seen is null || now == _seen;
            _seen = now;
            if (!isSame || now == _taken)
                return false;
            _taken = now;
            return true;
        }
    }
}
