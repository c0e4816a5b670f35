using System.Data.Common;
using Dapper;
using Weir.Control;
using Weir.Scheduling.Planning;

namespace Weir.Scheduling.Results;

/// <summary>Reads <see cref="ScanOverview"/>s from a control store. Safe from any thread.</summary>
public sealed class SqlScanOverview(IControlStore store, IPlans plans, TimeProvider time)
{
    private const double DayMs = 86_400_000;

    // What is supposed of a tenant before its scans have shown anything: one change in so many days. It weighs as much as that one observation.
    private const double SupposedChangeDays = 30;

    // Beliefs are read target by target; above this the overview would take longer than people wait.
    private const int BelievedMax = 5_000;

    // Of half a million targets, on a busy machine. Nobody waits for it but who asks first.
    private const int TimeoutSeconds = 60;

    private readonly KeptAnswers<(string Tenant, string? Sites, int Days), ScanOverview> _kept = new(time);

    /// <summary>The overview as of now or, where that takes more than a moment, one of the last minutes; and when it was made.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="days">The span: so many days until then.</param>
    /// <param name="isFresh">Whether one of now is wanted whatever it takes.</param>
    /// <param name="stop">Gives up.</param>
    public Task<(ScanOverview Overview, DateTimeOffset Made)> LatestAsync(Reach reach, int days, bool isFresh, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(reach);
        return _kept.GetAsync((reach.Tenant, reach.SitesJson, days), isFresh, () => ReadAsync(reach, days, CancellationToken.None), stop);
    }

    /// <summary>Reads one.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="days">The span: so many days until now.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<ScanOverview> ReadAsync(Reach reach, int days, CancellationToken stop = default)
    {
        var now = time.GetUtcNow();
        string within = Reach.TargetSql(store.Dialect);
        var of = new { tenant = reach.Tenant, sites = reach.SitesJson, nowMs = now.ToUnixTimeMilliseconds(), fromMs = now.AddDays(-days).ToUnixTimeMilliseconds() };
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var byEngine = (await connection.QueryAsync<TargetRow>(
            $"""
            SELECT engine AS Engine, count(*) AS Targets, count(last_scan_ms) AS Ever, count(CASE WHEN last_scan_ms >= @fromMs THEN 1 END) AS Scanned,
                   count(CASE WHEN last_result = 'cited' THEN 1 END) AS Cited, count(CASE WHEN last_result = 'gap' THEN 1 END) AS Gap,
                   count(CASE WHEN last_result = 'lost_citation' THEN 1 END) AS Lost,
                   CAST(coalesce(sum(@nowMs - CASE WHEN created_ms > @fromMs THEN created_ms ELSE @fromMs END), 0) AS bigint) AS WatchedMs
            FROM targets t WHERE {within} GROUP BY engine
            """,
            of, snapshot, TimeoutSeconds)).ToList();
        var found = (await connection.QueryAsync<FoundRow>(
            $"""
            SELECT t.engine AS Engine, count(*) AS Scans, count(CASE WHEN r.changed = 1 THEN 1 END) AS Changes, count(CASE WHEN r.changed = 1 AND r.result = 'cited' THEN 1 END) AS Won
            FROM results r INNER JOIN targets t ON t.id = r.target_id WHERE r.tenant = @tenant AND r.at_ms >= @fromMs AND {within} GROUP BY t.engine
            """,
            of, snapshot, TimeoutSeconds)).ToList();
        var coverage = CoverageOf(byEngine);
        long changes = found.Sum(f => f.Changes), won = found.Sum(f => f.Won);
        return new ScanOverview(
            days, coverage, await FreshnessAsync(connection, snapshot, reach, within, of, coverage), SavingOf(found, byEngine, await plans.FindAsync(reach.Tenant, stop)),
            new ScanFindings(changes, won, changes - won), await QueueAsync(connection, snapshot, within, of));
    }

    private static ScanCoverage CoverageOf(IReadOnlyList<TargetRow> byEngine)
    {
        long targets = byEngine.Sum(t => t.Targets), scanned = byEngine.Sum(t => t.Scanned);
        return new ScanCoverage(
            targets, scanned, byEngine.Sum(t => t.Ever), targets == 0 ? null : (double)scanned / targets, byEngine.Sum(t => t.Cited), byEngine.Sum(t => t.Gap), byEngine.Sum(t => t.Lost));
    }

    private static ScanSaving SavingOf(IReadOnlyList<FoundRow> found, IReadOnlyList<TargetRow> byEngine, TenantPlan plan)
    {
        long scans = found.Sum(f => f.Scans);
        double daily = byEngine.Sum(t => t.WatchedMs / DayMs);
        return new ScanSaving(
            scans, (long)Math.Round(daily), Math.Round(daily) == 0 ? null : 1 - scans / daily, found.Sum(f => f.Scans * plan.CostOf(f.Engine)),
            byEngine.Sum(t => t.WatchedMs / DayMs * plan.CostOf(t.Engine)));
    }

    private async Task<ScanFreshness> FreshnessAsync(DbConnection connection, DbTransaction snapshot, Reach reach, string within, object of, ScanCoverage coverage)
    {
        // Between two results of a target answers may have changed more than once, so this is the least that they change.
        var seen = await connection.QuerySingleAsync<SeenRow>(
            $"""
            SELECT CAST(coalesce(sum(at_ms - before_ms), 0) AS bigint) AS ObservedMs, count(CASE WHEN changed = 1 THEN 1 END) AS Changes
            FROM (SELECT r.at_ms, r.changed, lag(r.at_ms) OVER (PARTITION BY r.target_id ORDER BY r.id) AS before_ms
                  FROM results r INNER JOIN targets t ON t.id = r.target_id WHERE r.tenant = @tenant AND r.at_ms >= @fromMs AND {within}) AS pairs
            WHERE before_ms IS NOT NULL
            """,
            of, snapshot, TimeoutSeconds);
        double changeDays = (SupposedChangeDays + seen.ObservedMs / DayMs) / (1 + seen.Changes);
        if (await BelievedAsync(connection, snapshot, reach, within, of, coverage) is { } believed)
            return new ScanFreshness(believed, "beliefs", changeDays);
        var ages = await connection.QueryAsync<AgeRow>(
            $"SELECT (@nowMs - last_scan_ms) / 3600000 AS Hours, count(*) AS Targets FROM targets t WHERE last_scan_ms IS NOT NULL AND {within} GROUP BY 1", of, snapshot, TimeoutSeconds);
        double holding = ages.Sum(a => a.Targets * Math.Exp(-(a.Hours + 0.5) / 24 / changeDays));
        return new ScanFreshness(coverage.Targets == 0 ? null : holding / coverage.Targets, "age", changeDays);
    }

    // Null where planning knows not all of the targets that were scanned, or they are too many to be looked at one by one.
    private async Task<double?> BelievedAsync(DbConnection connection, DbTransaction snapshot, Reach reach, string within, object of, ScanCoverage coverage)
    {
        if (coverage.Ever is 0 or > BelievedMax)
            return null;
        var scanned = await connection.QueryAsync<long>($"SELECT t.id FROM targets t WHERE t.last_scan_ms IS NOT NULL AND {within}", of, snapshot, TimeoutSeconds);
        var outlooks = await plans.OutlookAsync(reach, [.. scanned]);
        return outlooks.Count < coverage.Ever ? null : outlooks.Values.Sum(o => 1 - o.ChangeChance) / coverage.Targets;
    }

    private static async Task<QueueStanding> QueueAsync(DbConnection connection, DbTransaction snapshot, string within, object of)
    {
        var states = (await connection.QueryAsync<StateRow>(
            $"""
            SELECT s.state AS State, count(*) AS Scans, min(s.due_ms) AS OldestMs FROM scans s INNER JOIN targets t ON t.id = s.target_id
            WHERE s.tenant = @tenant AND s.state IN ('waiting', 'ready', 'leased', 'dead') AND {within} GROUP BY s.state
            """,
            of, snapshot, TimeoutSeconds)).ToDictionary(r => r.State, StringComparer.Ordinal);
        long Count(string state) => states.GetValueOrDefault(state)?.Scans ?? 0;
        return new QueueStanding(Count("waiting"), Count("ready"), Count("leased"), Count("dead"), states.GetValueOrDefault("ready") is { } due ? UnixMs.Time(due.OldestMs) : null);
    }

    private sealed record TargetRow
    {
        public string Engine { get; init; } = "";
        public long Targets { get; init; }
        public long Ever { get; init; }
        public long Scanned { get; init; }
        public long Cited { get; init; }
        public long Gap { get; init; }
        public long Lost { get; init; }
        public long WatchedMs { get; init; }
    }

    private sealed record FoundRow
    {
        public string Engine { get; init; } = "";
        public long Scans { get; init; }
        public long Changes { get; init; }
        public long Won { get; init; }
    }

    private sealed record SeenRow
    {
        public long ObservedMs { get; init; }
        public long Changes { get; init; }
    }

    private sealed record AgeRow
    {
        public long Hours { get; init; }
        public long Targets { get; init; }
    }

    private sealed record StateRow
    {
        public string State { get; init; } = "";
        public long Scans { get; init; }
        public long OldestMs { get; init; }
    }
}
