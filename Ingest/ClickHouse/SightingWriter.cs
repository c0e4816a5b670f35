using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Detection;

namespace Weir.Ingest.ClickHouse;

/// <summary>Stores sightings, and the texts of pages that come before some, in batches, and tries again while ClickHouse is away. What finds the
/// waiting room full is lost and counted.</summary>
/// <remarks>Both can be had again at the crawler's next fetch, so they get neither the hits' checks of views nor their drain.</remarks>
internal sealed class SightingWriter(ClickHouseConnections connections, IngestOptions options, IngestMetrics metrics, ILogger<SightingWriter> log, TimeProvider time)
    : BackgroundService, IContentSink
{
    // A day of a busy crawler on a large site; about 300 bytes each.
    private const int Waiting = 10_000;
    private const int BatchRows = 1_000;

    // Some 16 KB each: 16 MB. Edges remember which texts were taken, so that a lost one comes with the page's next fetch.
    private const int TextsWaiting = 1_000;
    private const int TextsBatchRows = 200;

    // The hits' writer stops behind this one and needs the host's time more.
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);

    private const string Sql =
        """
        INSERT INTO content_sightings (time, site, hit_id, host, path, query, crawler, identity, hash, simhash, words, change_for_crawler,
            change_for_anyone, indicators) FORMAT RowBinary
        """;

    private const string TextSql = "INSERT INTO page_texts (time, site, host, path, title, text, hash) FORMAT RowBinary";

    private readonly Channel<ContentSighting> _channel = Channel.CreateBounded<ContentSighting>(new BoundedChannelOptions(Waiting) { SingleReader = true });
    private readonly Channel<PageText> _texts = Channel.CreateBounded<PageText>(new BoundedChannelOptions(TextsWaiting) { SingleReader = true });
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RowBuffer _rows = new();
    private readonly RowBuffer _textRows = new();
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

    /// <inheritdoc/>
    public bool TryWrite(PageText text)
    {
        if (HitEncoder.CanHoldTime(text.TimeMs) && _texts.Writer.TryWrite(text))
            return true;
        metrics.PageTextsLost(1);
        return false;
    }

    /// <summary>Stores what waits, within two seconds, and counts the rest as lost.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _texts.Writer.TryComplete();
        _channel.Writer.TryComplete();
        _closing.TrySetResult();
        if (ExecuteTask is { } work)
            await work.WaitAsync(StopWithin, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
        metrics.SightingsLost(_rows.Rows + Drain(_channel.Reader));
        metrics.PageTextsLost(_textRows.Rows + Drain(_texts.Reader));
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
            // Each came before a sighting, which woke this loop.
            while (_texts.Reader.TryPeek(out _))
                await StoreTextsAsync(stoppingToken);
        }
    }

    private async Task StoreTextsAsync(CancellationToken stop)
    {
        while (_textRows.Rows < TextsBatchRows && _texts.Reader.TryRead(out var text))
            Write(text);
        string token = $"{_run}-t{++_batches}";
        await _insert.RunAsync(
            async () =>
            {
                await connections.Client.PostStreamAsync(TextSql, _textRows.AsStream(0, _textRows.Rows), isCompressed: false, stop, PatientInsert.OptionsOf(token));
                metrics.PageTextsStored(_textRows.Rows);
            },
            why =>
            {
                metrics.PageTextsLost(_textRows.Rows);
                log.PageTextsRefused(_textRows.Rows, why);
            },
            (attempt, why, wait) => log.PageTextsNotStored(_textRows.Rows, attempt, why, wait),
            stop);
        _textRows.Clear();
    }

    private void Write(PageText text)
    {
        _textRows.Write(text.TimeMs);
        _textRows.Write(text.Site.Value, SiteId.MaxLength);
        _textRows.Write(text.Host, HitEncoder.MaxHostChars);
        _textRows.Write(text.Path, HitEncoder.MaxChars);
        _textRows.Write(text.Title, HitEncoder.MaxChars);
        _textRows.Write(text.Text, PageText.CharactersMax);
        _textRows.Write(text.Hash);
        _textRows.EndRow();
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

    private static int Drain<T>(ChannelReader<T> waiting)
    {
        int left = 0;
        while (waiting.TryRead(out _))
            left++;
        return left;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _rows.Dispose();
        _textRows.Dispose();
        base.Dispose();
    }
}
