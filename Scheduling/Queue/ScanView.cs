using System.Data.Common;
using Dapper;
using Weir.Control;
using Weir.Scheduling.Planning;
using Weir.Scheduling.ScanPolicy;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Queue;

/// <summary>Reads scans with what people want to know of them.</summary>
internal sealed class ScanView(SqlDialect dialect, EngineCatalog engines)
{
    private const string Columns = """
        SELECT s.id AS Id, s.tenant AS Tenant, s.target_id AS TargetId, b.name AS Brand, q.text AS Query, s.engine AS Engine, s.state AS State, s.due_ms AS DueMs,
               s.priority AS Priority, s.attempts AS Attempts, s.fencing_token AS FencingToken, s.lease_until_ms AS LeaseUntilMs,
               s.leased_ms AS LeasedMs, s.worker AS Worker, s.trigger_count AS TriggerCount, s.lead_weight AS LeadWeight, s.reason AS Reason,
               s.created_ms AS CreatedMs, s.decision AS Decision, s.finished_ms AS FinishedMs, g.crawler AS Crawler, g.identity AS Identity,
               g.class AS TriggerClass, g.path AS Path, g.at_ms AS AtMs
        """;

    // CROSS JOIN tells SQLite to begin with the scans: left to itself it begins with all targets of the tenant.
    private const string From = """
        FROM scans s
        CROSS JOIN targets t
        CROSS JOIN brand_queries q
        CROSS JOIN brands b
        LEFT JOIN triggers g ON g.id = s.lead_trigger_id
        """;

    internal const string Select = $"""
        {Columns}, r.result AS Result, l.at_ms AS LastScanMs, l.result AS LastResult
        {From}
        LEFT JOIN results r ON r.scan_id = s.id
        LEFT JOIN results l ON l.id = (SELECT max(p.id) FROM results p WHERE p.target_id = s.target_id AND p.scan_id < s.id)
        """;

    // Of a scan that was just leased the target knows what was found before, and nothing else was. Results are not read: of a table that grows from nothing
    // PostgreSQL reads all, for as long as it plans by the size that it knew.
    private const string SelectLeased = $"{Columns}, NULL AS Result, t.last_scan_ms AS LastScanMs, t.last_result AS LastResult {From}";

    /// <summary>What joins those tables.</summary>
    internal const string Joined = "t.id = s.target_id AND q.id = t.query_id AND b.id = q.brand_id";

    private readonly string _select = $"{Select} WHERE {Joined} AND {Reach.TargetSql(dialect)} AND";

    /// <summary>Scans within reach; <paramref name="where"/> is one of this folder's own texts.</summary>
    public async Task<List<Scan>> ReadAsync(DbConnection connection, string where, object parameters, long nowMs) =>
        [.. (await connection.QueryAsync<Row>($"{_select} {where}", parameters)).Select(r => ToScan(r, nowMs))];

    /// <summary>Scans that were just leased, with their triggers, highest priority first.</summary>
    /// <param name="connection">Where to read.</param>
    /// <param name="ids">Their numbers, as a JSON list.</param>
    /// <param name="nowMs">The time.</param>
    public async Task<List<Scan>> ReadLeasedAsync(DbConnection connection, string ids, long nowMs)
    {
        // The lease has looked whose they are.
        string sql = $"{SelectLeased} WHERE {Joined} AND s.id IN (SELECT CAST(value AS bigint) FROM {dialect.Values("@ids")}) ORDER BY s.priority DESC, s.due_ms, s.id";
        var rows = await connection.QueryAsync<Row>(sql, new { ids });
        return await WithTriggersAsync(connection, [.. rows.Select(r => ToScan(r, nowMs))]);
    }

    /// <summary>The scans with the latest of their triggers.</summary>
    public async Task<List<Scan>> WithTriggersAsync(DbConnection connection, List<Scan> scans)
    {
        long[] with = [.. scans.Where(s => s.TriggerCount > 0).Select(s => s.Id)];
        if (with.Length == 0)
            return scans;
        var triggers = await SqlTriggers.OfScansAsync(connection, dialect, with, Scan.MaxTriggers);
        return scans.ConvertAll(s => s with { Triggers = [.. triggers[s.Id]] });
    }

    private Scan ToScan(Row row, long nowMs) => new()
    {
        Id = row.Id,
        Tenant = row.Tenant,
        Target = row.TargetId,
        Brand = row.Brand,
        Query = row.Query,
        Engine = row.Engine,
        State = StateOf(row.State),
        Due = UnixMs.Time(row.DueMs),
        Priority = row.Priority,
        Attempts = (int)row.Attempts,
        FencingToken = row.FencingToken,
        LeasedUntil = row.State == "leased" ? UnixMs.Time(row.LeaseUntilMs) : null,
        Worker = row.Worker,
        WhyNow = DecisionRecord.Parse(row.Decision) is { } decision ? decision.Sentence() : WhyOf(row).Sentence(UnixMs.Time(row.State is "waiting" or "ready" ? nowMs : row.LeasedMs ?? row.FinishedMs ?? nowMs)),
        TriggerCount = (int)row.TriggerCount,
        Reason = row.Reason,
        Result = row.Result,
        Created = UnixMs.Time(row.CreatedMs),
        Finished = UnixMs.Time(row.FinishedMs),
    };

    private WhyNow WhyOf(Row row) => new()
    {
        Class = row.TriggerClass is { } of ? TriggerClasses.Of(of) : null,
        Crawler = row.Crawler is { Length: > 0 } crawler ? engines.NameOf(crawler) : null,
        Identity = row.Identity,
        Path = row.Path,
        At = UnixMs.Time(row.AtMs ?? 0),
        Engine = row.Engine,
        Weight = row.LeadWeight,
        Triggers = (int)row.TriggerCount,
        LastScan = UnixMs.Time(row.LastScanMs),
        LastResult = row.LastResult,
    };

    internal static ScanState StateOf(string state) => state switch
    {
        "waiting" or "ready" => ScanState.Queued,
        "leased" => ScanState.Leased,
        "done" => ScanState.Done,
        "dead" => ScanState.Dead,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state."),
    };

    private sealed record Row
    {
        public long Id { get; init; }
        public string Tenant { get; init; } = "";
        public long TargetId { get; init; }
        public string Brand { get; init; } = "";
        public string Query { get; init; } = "";
        public string Engine { get; init; } = "";
        public string State { get; init; } = "";
        public long DueMs { get; init; }
        public double Priority { get; init; }
        public long Attempts { get; init; }
        public long FencingToken { get; init; }
        public long? LeaseUntilMs { get; init; }
        public long? LeasedMs { get; init; }
        public string? Worker { get; init; }
        public long TriggerCount { get; init; }
        public double LeadWeight { get; init; }
        public string? Reason { get; init; }
        public long CreatedMs { get; init; }
        public long? FinishedMs { get; init; }
        public string? Decision { get; init; }
        public string? Result { get; init; }
        public string? TriggerClass { get; init; }
        public string? Crawler { get; init; }
        public string? Identity { get; init; }
        public string? Path { get; init; }
        public long? AtMs { get; init; }
        public long? LastScanMs { get; init; }
        public string? LastResult { get; init; }
    }
}
