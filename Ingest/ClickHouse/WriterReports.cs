using ClickHouse.Driver;
using Microsoft.Extensions.Logging;
using Weir.Ingest.Buffering;

namespace Weir.Ingest.ClickHouse;

/// <summary>Writes what this writer knows of itself: table <c>losses</c>, then its line in table <c>writers</c>.</summary>
/// <remarks>In this order, so that a reader of <c>complete_until</c> finds every loss before it. For one caller at a time.</remarks>
internal sealed class WriterReports(
    ClickHouseConnections connections, LossCounters losses, HitChannel hits, IngestOptions options, ILogger<HitWriter> log, TimeProvider time)
    : IDisposable
{
    private const string LossesSql = "INSERT INTO losses (time, edge, site, reason, count) FORMAT RowBinary";

    private const string WritersSql =
        "INSERT INTO writers (edge, reported_at, complete_until, is_stopped, hits_waiting, lost) FORMAT RowBinary";

    private readonly string _run = Guid.NewGuid().ToString("n");
    private readonly Dictionary<(LossReason, string Site), long> _reported = [];

    // Losses on their way: kept with their token until ClickHouse has said yes, so that a repeat counts nothing twice.
    private readonly RowBuffer _pending = new();
    private readonly List<Loss> _pendingLosses = [];
    private long _pendingNumber;

    /// <summary>Reports once. False when ClickHouse did not take it: the next call says the same and more.</summary>
    public async Task<bool> TryReportAsync(DateTimeOffset completeUntil, bool isStopped, CancellationToken stop)
    {
        try
        {
            await ReportLossesAsync(stop);
            await ReportWriterAsync(completeUntil, isStopped, stop);
            return true;
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e) && !stop.IsCancellationRequested)
        {
            log.ReportFailed(InsertFailure.Sentence(e));
            return false;
        }
    }

    public void Dispose() => _pending.Dispose();

    private async Task ReportLossesAsync(CancellationToken stop)
    {
        if (_pending.Rows == 0)
            CollectLosses();
        if (_pending.Rows == 0)
            return;
        await PostAsync(LossesSql, _pending, $"{_run}-losses-{_pendingNumber}", stop);
        foreach (var loss in _pendingLosses)
            _reported[(loss.Reason, loss.Site.Value)] = loss.Count;
        _pending.Clear();
        _pendingLosses.Clear();
    }

    private void CollectLosses()
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var loss in losses.All())
        {
            long before = _reported.GetValueOrDefault((loss.Reason, loss.Site.Value));
            if (loss.Count == before)
                continue;
            _pending.Write(now);
            _pending.Write(options.Edge, HitEncoder.MaxHostChars);
            _pending.Write(loss.Site.Value, HitEncoder.MaxHostChars);
            _pending.Write(loss.Reason.Name(), HitEncoder.MaxHostChars);
            _pending.Write((ulong)(loss.Count - before));
            _pending.EndRow();
            _pendingLosses.Add(loss);
        }
        _pendingNumber++;
    }

    private async Task ReportWriterAsync(DateTimeOffset completeUntil, bool isStopped, CancellationToken stop)
    {
        using var row = new RowBuffer();
        row.Write(options.Edge, HitEncoder.MaxHostChars);
        row.Write(time.GetUtcNow().ToUnixTimeMilliseconds());
        row.Write(completeUntil.ToUnixTimeMilliseconds());
        row.Write((byte)(isStopped ? 1 : 0));
        row.Write((ulong)hits.Waiting);
        row.Write((ulong)losses.Total);
        row.EndRow();
        await PostAsync(WritersSql, row, token: null, stop);
    }

    private async Task PostAsync(string sql, RowBuffer rows, string? token, CancellationToken stop)
    {
        var settings = new Dictionary<string, object> { ["async_insert"] = 0 };
        if (token is not null)
            settings["insert_deduplication_token"] = token;
        using var response = await connections.Client.PostStreamAsync(
            sql, rows.AsStream(0, rows.Rows), isCompressed: false, stop, new QueryOptions { CustomSettings = settings });
    }
}
