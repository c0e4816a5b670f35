using System.Diagnostics.Metrics;
using ClickHouse.Driver;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Detection.Identification;
using Weir.Ingest.Buffering;

namespace Weir.Ingest.ClickHouse;

/// <summary>Writes late identities to table <c>verifications</c>, a batch a second at most. Keeps its batch while the store is away; what does
/// not fit into the waiting room meanwhile is lost and counted.</summary>
internal sealed class VerificationWriter(
    VerificationChannel verifications, ClickHouseConnections connections, IngestOptions options, IMeterFactory meters,
    ILogger<VerificationWriter> log, TimeProvider time)
    : IHostedService, IAsyncDisposable
{
    private const int BatchRows = 2000;

    private const string Sql =
        "INSERT INTO verifications (as_of, client_address, crawler, identity, identity_method, evidence, edge) FORMAT RowBinary";

    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _hurry = new();
    private Task _work = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        meters.Create(IngestMetrics.MeterName).CreateObservableCounter(
            "weir.ingest.verifications_lost", () => verifications.Lost, "{verification}", "Late identities that will never be stored.");
        _work = WriteAllAsync();
        return Task.CompletedTask;
    }

    /// <summary>Stores what waits, for as long as <see cref="IngestOptions.DrainTimeout"/>, and counts the rest as lost.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        verifications.Close();
        await _hurry.CancelAsync();
        await _work.WaitAsync(options.DrainTimeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abort.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (verifications.Reader.TryRead(out _))
            verifications.CountLost(1);
        if (verifications.Lost > 0)
            log.VerificationsLost(verifications.Lost);
    }

    public ValueTask DisposeAsync()
    {
        _abort.Dispose();
        _hurry.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WriteAllAsync()
    {
        await Task.Yield();
        using var rows = new RowBuffer();
        while (await verifications.Reader.WaitToReadAsync(_abort.Token))
        {
            // The first of a batch waits for company; a program that stops does not.
            await Task.Delay(Gather, time, _hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (rows.Rows < BatchRows && verifications.Reader.TryRead(out var one))
                Encode(rows, one);
            try
            {
                await StoreAsync(rows);
            }
            catch
            {
                verifications.CountLost(rows.Rows);
                throw;
            }
            rows.Clear();
        }
    }

    private async Task StoreAsync(RowBuffer rows)
    {
        var settings = new Dictionary<string, object> { ["async_insert"] = 0, ["insert_deduplication_token"] = Guid.NewGuid().ToString("n") };
        var wait = TimeSpan.FromMilliseconds(200);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using var response = await connections.Client.PostStreamAsync(
                    Sql, rows.AsStream(0, rows.Rows), isCompressed: false, _abort.Token, new QueryOptions { CustomSettings = settings });
                return;
            }
            catch (Exception e) when (InsertFailure.KindOf(e) == InsertFailureKind.ContentRefused)
            {
                verifications.CountLost(rows.Rows);
                log.VerificationsRefused(rows.Rows, InsertFailure.Sentence(e));
                return;
            }
            catch (Exception e) when (InsertFailure.IsOfStore(e) && !_abort.IsCancellationRequested)
            {
                if (attempt == 5) // sooner it says nothing that the writer of hits does not say
                    log.VerificationsNotStored(rows.Rows, InsertFailure.Sentence(e));
                await Task.Delay(wait, time, _abort.Token);
                wait = wait * 2 < RetryMax ? wait * 2 : RetryMax;
            }
        }
    }

    private void Encode(RowBuffer rows, in Verification one)
    {
        rows.Write(one.AsOf.ToUnixTimeMilliseconds());
        rows.WriteIPv6(one.Address.Value);
        rows.Write(one.Crawler.Id, HitEncoder.MaxHostChars);
        rows.Write((byte)one.Identity);
        rows.Write((byte)one.Method);
        rows.Write(one.Evidence, HitEncoder.MaxHostChars);
        rows.Write(options.Edge, HitEncoder.MaxHostChars);
        rows.EndRow();
    }
}
