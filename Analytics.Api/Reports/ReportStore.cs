using ClickHouse.Driver;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Logging;
using Weir.Analytics.Api.Hosting;

namespace Weir.Analytics.Api.Reports;

/// <summary>Runs reports on ClickHouse, a bounded number at a time. Safe from any thread.</summary>
/// <remarks>Each report's SQL ends in <see cref="Limits"/>, so that no question can take the store down.</remarks>
internal sealed class ReportStore(IClickHouseClient client, AnalyticsOptions options, TimeProvider time, ILogger<ReportStore> log) : IDisposable
{
    /// <summary>What one report may cost.</summary>
    /// <remarks>10 s is what a person waits. 1.5 GB leaves room for ingest on an 8 GB machine. A page of results is at most 50,000 rows.</remarks>
    public const string Limits = """
        SETTINGS max_execution_time = 10, max_memory_usage = 1500000000, max_result_rows = 100000, result_overflow_mode = 'throw'
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _running = new(options.ReportsAtOnceMax);

    /// <summary>Runs one report and reads all its rows.</summary>
    /// <exception cref="ReportTooCostlyException">ClickHouse stopped it at a limit.</exception>
    /// <exception cref="StoreUnavailableException">ClickHouse did not answer.</exception>
    public async Task<List<T>> ReadAsync<T>(
        string sql, ClickHouseParameterCollection parameters, Func<ClickHouseDataReader, T> row, CancellationToken stop)
    {
        AnswerMaking.Current?.AsksStore();
        if (!await TakeTurnAsync(stop))
            throw new StoreUnavailableException("too many reports at a time", null);
        try
        {
            var rows = new List<T>();
            using var reader = await client.ExecuteReaderAsync(sql, parameters, null, stop);
            while (await reader.ReadAsync(stop))
                rows.Add(row(reader));
            return rows;
        }
        catch (ClickHouseServerException e)
        {
            throw StoreUnavailableException.Sort(e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException or ObjectDisposedException
            || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            log.StoreUnavailable(e.Message);
            throw new StoreUnavailableException(e.Message, e);
        }
        finally
        {
            _running.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _running.Dispose();

    private async Task<bool> TakeTurnAsync(CancellationToken stop)
    {
        if (_running.Wait(0, CancellationToken.None))
            return true;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            await _running.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>ClickHouse stopped a report at its limit of time, memory or rows.</summary>
internal sealed class ReportTooCostlyException(Exception inner) : Exception("The report would cost too much.", inner);

/// <summary>ClickHouse did not answer a report.</summary>
internal sealed class StoreUnavailableException(string why, Exception? inner) : Exception(why, inner)
{
    // Numbers of ClickHouse's ErrorCodes.cpp: time, rows, bytes, memory, result and group-by limits; then "not now".
    private static readonly int[] Costly = [158, 159, 160, 164, 191, 241, 307, 396];
    private static readonly int[] NotNow = [202, 203, 209, 210, 242, 279, 285, 319, 394, 999];

    // 60 unknown table, 81 unknown database: the schema is not there yet.
    private static readonly int[] NotYet = [60, 81];

    /// <summary>What a server's refusal means to whoever asked; the error itself when it is a fault of ours.</summary>
    public static Exception Sort(ClickHouseServerException e) => e.ErrorCode switch
    {
        var code when Costly.Contains(code) => new ReportTooCostlyException(e),
        var code when NotNow.Contains(code) || NotYet.Contains(code) => new StoreUnavailableException(e.Message, e),
        _ => e,
    };
}
