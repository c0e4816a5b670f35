using ClickHouse.Driver.ADO.Readers;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Verdicts;

/// <summary>The table of runs. Each change is a new row, and the newest row of a run counts.</summary>
internal sealed class ReclassifyRuns(ClickHouseConnections connections, TimeProvider time)
{
    private const string ListSql =
        """
        SELECT run, toUInt8(state), sites, toUnixTimestamp64Milli(from_time), toUnixTimestamp64Milli(to_time), catalog, knowledge, hits, changed,
               done_site, toUnixTimestamp64Milli(done_time), done_id, toUnixTimestamp64Milli(begun_at)
        FROM reclassify_runs FINAL ORDER BY run
        """;

    private const string WriteSql =
        """
        INSERT INTO reclassify_runs (run, state, sites, from_time, to_time, catalog, knowledge, hits, changed, done_site, done_time, done_id, begun_at, updated_at)
        SELECT {run:UInt32}, {state:String}, {sites:String}, fromUnixTimestamp64Milli({from:Int64}, 'UTC'), fromUnixTimestamp64Milli({to:Int64}, 'UTC'),
               {catalog:String}, {knowledge:String}, {hits:UInt64}, {changed:UInt64}, {doneSite:String}, fromUnixTimestamp64Milli({doneTime:Int64}, 'UTC'),
               {doneId:UInt64}, fromUnixTimestamp64Milli({begun:Int64}, 'UTC'), now64(6, 'UTC')
        """;

    /// <summary>Every run, oldest first.</summary>
    public async Task<List<ReclassifyRun>> ListAsync(CancellationToken stop)
    {
        var runs = new List<ReclassifyRun>();
        await using var row = await connections.Client.ExecuteReaderAsync(ListSql, cancellationToken: stop);
        while (await row.ReadAsync(stop))
            runs.Add(Run(row));
        return runs;
    }

    /// <summary>The run that a broken-off one of the same wishes and knowledge is, else a new one, which is stored at once.</summary>
    public async Task<ReclassifyRun> ContinueOrBeginAsync(ReclassifyRequest request, string catalog, string knowledge, CancellationToken stop)
    {
        var runs = await ListAsync(stop);
        var found = runs.FindLast(r => r.State == ReclassifyState.Begun && r.Knowledge == knowledge && r.Site == (request.Site?.Value ?? "")
            && r.From == request.From && (request.To is null || r.To == request.To));
        if (found is not null)
            return found;
        var now = time.GetUtcNow();
        var run = new ReclassifyRun
        {
            Run = runs.Count == 0 ? 1 : runs[^1].Run + 1,
            Site = request.Site?.Value ?? "",
            From = request.From,
            To = request.To ?? Milliseconds(now),
            Catalog = catalog,
            Knowledge = knowledge,
            BegunAt = Milliseconds(now),
        };
        await WriteAsync(run, stop);
        return run;
    }

    /// <summary>Stores how far a run is.</summary>
    public Task WriteAsync(ReclassifyRun run, CancellationToken stop) => connections.Client.ExecuteNonQueryAsync(WriteSql, QueryParameters.Of(
        ("run", run.Run), ("state", run.State.ToString().ToLowerInvariant()), ("sites", run.Site), ("from", run.From.ToUnixTimeMilliseconds()),
        ("to", run.To.ToUnixTimeMilliseconds()), ("catalog", run.Catalog), ("knowledge", run.Knowledge), ("hits", (ulong)run.Hits), ("changed", (ulong)run.Changed),
        ("doneSite", run.DoneSite), ("doneTime", run.DoneTime.ToUnixTimeMilliseconds()), ("doneId", run.DoneId), ("begun", run.BegunAt.ToUnixTimeMilliseconds())),
        cancellationToken: stop);

    /// <summary>Takes a run back: queries no longer see it, then its rows go. False when there is no such run.</summary>
    public async Task<bool> DropAsync(uint number, CancellationToken stop)
    {
        if ((await ListAsync(stop)).Find(r => r.Run == number) is not { } run)
            return false;
        await WriteAsync(run with { State = ReclassifyState.Dropped }, stop);
        // ClickHouse takes no parameter there; the text joined is a number.
        await connections.Client.ExecuteNonQueryAsync($"ALTER TABLE reclassified DROP PARTITION ID '{number}'", cancellationToken: stop);
        return true;
    }

    private static DateTimeOffset Milliseconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());

    private static ReclassifyRun Run(ClickHouseDataReader row) => new()
    {
        Run = (uint)row.GetValue(0),
        State = (ReclassifyState)row.GetByte(1),
        Site = row.GetString(2),
        From = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        To = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
        Catalog = row.GetString(5),
        Knowledge = row.GetString(6),
        Hits = (long)(ulong)row.GetValue(7),
        Changed = (long)(ulong)row.GetValue(8),
        DoneSite = row.GetString(9),
        DoneTime = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(10)),
        DoneId = (ulong)row.GetValue(11),
        BegunAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(12)),
    };
}
