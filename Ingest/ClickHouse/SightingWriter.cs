using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Detection;

namespace Weir.Ingest.ClickHouse;

/// <summary>Stores sightings in batches, and tries again while ClickHouse is away. What finds the waiting room full is lost and counted.</summary>
/// <remarks>Sightings can be had again at the crawler's next fetch, so they get neither the hits' checks of views nor their drain.</remarks>
internal sealed class SightingWriter(ClickHouseConnections connections, IngestOptions options, IngestMetrics metrics, ILogger<SightingWriter> log, TimeProvider time)
    : BackgroundService, IContentSink
{
    // A day of a busy crawler on a large site; about 300 bytes each.
    private const int Waiting = 10_000;
    private const int BatchRows = 1_000;

    // The hits' writer stops behind this one and needs the host's time more.
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);

    private const string Sql =
        """
        INSERT INTO content_sightings (time, site, hit_id, host, path, query, crawler, identity, hash, simhash, words, change_for_crawler,
            change_for_anyone, indicators) FORMAT RowBinary
        """;

    private readonly Channel<ContentSighting> _channel = Channel.CreateBounded<ContentSighting>(new BoundedChannelOptions(Waiting) { SingleReader = true });
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RowBuffer _rows = new();
    private readonly PatientInsert _insert = new(time);
    private readonly string _run = Guid.NewGuid().ToString("n");
    private long _batches;

    /// <inheritdoc/>
    public bool TryWrite(ContentSighting sighting)
    {
        if (_channel.Writer.TryWrite(sighting))
            return true;
        metrics.SightingsLost(1);
        return false;
    }

    /// <summary>Stores what waits, within two seconds, and counts the rest as lost.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _channel.Writer.TryComplete();
        _closing.TrySetResult();
        if (ExecuteTask is { } work)
            await work.WaitAsync(StopWithin, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
        int left = _rows.Rows;
        while (_channel.Reader.TryRead(out _))
            left++;
        metrics.SightingsLost(left);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _channel.Reader.WaitToReadAsync(stoppingToken))
        {
            // Others of the same moment come along.
            await Task.WhenAny(_closing.Task, Task.Delay(options.FlushInterval, time, stoppingToken));
            while (_rows.Rows < BatchRows && _channel.Reader.TryRead(out var sighting))
                Write(sighting);
            await StoreAsync($"{_run}-s{++_batches}", stoppingToken);
            _rows.Clear();
        }
    }

    private void Write(ContentSighting sighting)
    {
        if (!HitEncoder.CanHoldTime(sighting.TimeMs))
        {
            metrics.SightingsLost(1);
            return;
        }
        _rows.Write(sighting.TimeMs);
        _rows.Write(sighting.Site.Value, SiteId.MaxLength);
        _rows.Write(sighting.HitId);
        _rows.Write(sighting.Host, HitEncoder.MaxHostChars);
        _rows.Write(sighting.Path, HitEncoder.MaxChars);
        _rows.Write(sighting.Query, HitEncoder.MaxChars);
        _rows.Write(sighting.Crawler, HitEncoder.MaxHostChars);
        _rows.Write((byte)sighting.Identity);
        _rows.Write(sighting.Hash);
        _rows.Write(sighting.SimHash);
        _rows.Write(sighting.Words);
        _rows.Write((byte)sighting.ChangeForCrawler);
        _rows.Write((byte)sighting.ChangeForAnyone);
        _rows.Write(sighting.Indicators);
        _rows.EndRow();
    }

    private Task StoreAsync(string token, CancellationToken stop) => _rows.Rows == 0 ? Task.CompletedTask : _insert.RunAsync(
        async () =>
        {
            await connections.Client.PostStreamAsync(Sql, _rows.AsStream(0, _rows.Rows), isCompressed: false, stop, PatientInsert.OptionsOf(token));
            metrics.SightingsStored(_rows.Rows);
        },
        why =>
        {
            metrics.SightingsLost(_rows.Rows);
            log.SightingsRefused(_rows.Rows, why);
        },
        (attempt, why, wait) => log.SightingsNotStored(_rows.Rows, attempt, why, wait),
        stop);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _rows.Dispose();
        base.Dispose();
    }
}
