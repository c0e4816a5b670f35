using System.Globalization;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Planning;

/// <summary>Budgets in a control store.</summary>
public sealed class SqlPlans(IControlStore store, StoreClock clock) : IPlans
{
    private const string Columns = "tenant AS Tenant, policy AS Policy, scans_per_day AS ScansPerDay, share AS Share, costs AS Costs FROM scan_plans";

    /// <inheritdoc/>
    public async Task<TenantPlan> FindAsync(string tenant, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} WHERE tenant = @tenant", new { tenant }))?.ToPlan() ?? TenantPlan.Default;
    }

    /// <inheritdoc/>
    public Task PutAsync(string tenant, TenantPlan plan, Actor by, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            long nowMs = await clock.NowMsAsync(transaction);
            var connection = transaction.Connection!;
            await connection.ExecuteAsync("UPDATE versions SET version = version + 1 WHERE name = 'plans'", transaction: transaction);
            await connection.ExecuteAsync(
                """
                INSERT INTO scan_plans (tenant, policy, scans_per_day, share, costs, changed_ms) VALUES (@tenant, @policy, @scansPerDay, @share, @costs, @nowMs)
                ON CONFLICT (tenant) DO UPDATE SET policy = excluded.policy, scans_per_day = excluded.scans_per_day, share = excluded.share,
                    costs = excluded.costs, changed_ms = excluded.changed_ms
                """,
                new { tenant, policy = plan.Policy.Name(), scansPerDay = plan.ScansPerDay, share = plan.Share, costs = JsonSerializer.Serialize(plan.Costs), nowMs },
                transaction);
            await SqlAuditLog.NoteAsync(transaction, tenant, by, new AuditNote(AuditActions.SchedulingPut, tenant, TextOf(plan)), nowMs);
            return true;
        },
        stop);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<long, long>> RequestAsync(Reach reach, IReadOnlyCollection<long> targets, Actor by, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(reach);
        var plan = await FindAsync(reach.Tenant, stop);
        return await store.WriteAsync(
            async transaction =>
            {
                long nowMs = await clock.NowMsAsync(transaction);
                var rows = await transaction.Connection!.QueryAsync<RequestRow>(
                    $"""
                    SELECT t.id AS Id, t.last_scan_ms AS LastScanMs, b.belief AS Belief, b.volatility AS Volatility
                    FROM targets t LEFT JOIN target_beliefs b ON b.target_id = t.id
                    WHERE t.id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@targets")}) AND {Reach.TargetSql(store.Dialect)} ORDER BY t.id
                    """,
                    new { tenant = reach.Tenant, sites = reach.SitesJson, targets = JsonLists.Of(targets) }, transaction);
                var belief = NewBelief();
                string wanted = JsonSerializer.Serialize(rows.Select(r => (object[])[r.Id, r.WhyRequested(belief, plan.Policy, UnixMs.Time(nowMs)).ToJson()]));
                var made = await transaction.Connection!.QueryAsync<(long Target, long Scan)>(
                    $"""
                    INSERT INTO scans (tenant, target_id, engine, state, priority, due_ms, created_ms, decision, is_requested)
                    SELECT t.tenant, t.id, t.engine, 'waiting', 1, @nowMs, @nowMs, w.decision, 1
                    FROM (SELECT CAST(value ->> 0 AS bigint) AS target, value ->> 1 AS decision FROM {store.Dialect.Elements("@wanted")}) w
                    CROSS JOIN targets t WHERE t.id = w.target
                    ON CONFLICT (target_id) WHERE state IN ('waiting', 'ready', 'leased')
                    DO UPDATE SET priority = 1, due_ms = CASE WHEN scans.attempts = 0 AND scans.due_ms > @nowMs THEN @nowMs ELSE scans.due_ms END
                    RETURNING target_id AS Target, id AS Scan
                    """,
                    new { wanted, nowMs }, transaction);
                var scans = made.ToDictionary(m => m.Target, m => m.Scan);
                if (scans.Count > 0)
                {
                    string detail = string.Create(CultureInfo.InvariantCulture, $"{scans.Count} scans");
                    await SqlAuditLog.NoteAsync(transaction, reach.Tenant, by, new AuditNote(AuditActions.ScansRequest, scans.Values.Min().ToString(CultureInfo.InvariantCulture), detail), nowMs);
                }
                return scans;
            },
            stop);
    }

    /// <inheritdoc/>
    public async Task<PlanStanding?> StandingAsync(string tenant, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var row = await connection.QuerySingleOrDefaultAsync<StandingRow>(
            """
            SELECT as_of_ms AS AsOfMs, tokens AS Tokens, price AS Price, targets AS Targets, never_scanned AS NeverScanned, unknown_beliefs AS UnknownBeliefs,
                   late_ticks AS LateTicks
            FROM planner_tenants WHERE tenant = @tenant
            """,
            new { tenant });
        return row is null ? null
            : new PlanStanding(UnixMs.Time(row.AsOfMs), row.Tokens, row.Price, row.Targets, row.NeverScanned, row.UnknownBeliefs, row.LateTicks);
    }

    /// <inheritdoc/>
    public async Task<DecisionRecord?> WhyAsync(Reach reach, long scan, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(reach);
        await using var connection = await store.ReadAsync(stop);
        return DecisionRecord.Parse(await connection.QuerySingleOrDefaultAsync<string?>(
            $"SELECT s.decision FROM scans s JOIN targets t ON t.id = s.target_id WHERE s.id = @scan AND {Reach.TargetSql(store.Dialect)}",
            new { tenant = reach.Tenant, sites = reach.SitesJson, scan }));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<long, TargetOutlook>> OutlookAsync(Reach reach, IReadOnlyCollection<long> targets, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(reach);
        double now = PlanTime.Days(await clock.NowAsync(stop));
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<OutlookRow>(
            $"""
            SELECT b.target_id AS Id, b.belief AS Belief, b.volatility AS Volatility, b.due_ms AS DueMs FROM target_beliefs b JOIN targets t ON t.id = b.target_id
            WHERE b.target_id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@targets")}) AND {Reach.TargetSql(store.Dialect)}
            """,
            new { tenant = reach.Tenant, sites = reach.SitesJson, targets = JsonLists.Of(targets) });
        var belief = NewBelief();
        return rows.ToDictionary(r => r.Id, r => new TargetOutlook(r.Volatility, UnixMs.Time(r.DueMs), ChanceOf(belief, r.Belief, now)));
    }

    /// <summary>Every tenant's plan.</summary>
    internal async Task<Dictionary<string, TenantPlan>> AllAsync(CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QueryAsync<Row>($"SELECT {Columns}")).ToDictionary(r => r.Tenant, r => r.ToPlan(), StringComparer.Ordinal);
    }

    /// <summary>Rises with every change of a plan.</summary>
    internal async Task<long> VersionAsync(CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return await connection.QuerySingleAsync<long>("SELECT version FROM versions WHERE name = 'plans'");
    }

    // Of one target, to read stored ones by.
    private static Belief NewBelief() => new(new Fleet([0], [0]), [Belief.NewPrior()]);

    private static double ChanceOf(Belief belief, string? stored, double now)
    {
        byte[] bytes = new byte[stored?.Length ?? 0];
        if (stored is null || !Convert.TryFromBase64String(stored, bytes, out int length) || !belief.TryRead(0, bytes.AsSpan(0, length)))
            return 0;
        belief.Advance(0, now);
        return belief.ChangeChance(0, now);
    }

    private static string TextOf(TenantPlan plan) => string.Create(CultureInfo.InvariantCulture,
        $"{plan.Policy.Name()}{(plan.ScansPerDay is { } scans ? $", {scans} scans a day" : plan.Share is { } share ? $", {share} of daily scanning" : ", no budget")}");

    private sealed record Row
    {
        public string Tenant { get; init; } = "";
        public string Policy { get; init; } = "";
        public double? ScansPerDay { get; init; }
        public double? Share { get; init; }
        public string Costs { get; init; } = "{}";

        // A policy that only a newer program knows is none of this one's: events then, which lose nothing.
        public TenantPlan ToPlan() => new()
        {
            Policy = PlanPolicies.TryParse(Policy, out var policy) ? policy : PlanPolicy.Event,
            ScansPerDay = ScansPerDay,
            Share = Share,
            Costs = JsonSerializer.Deserialize<Dictionary<string, double>>(Costs) ?? [],
        };
    }

    private sealed record RequestRow
    {
        public long Id { get; init; }
        public long? LastScanMs { get; init; }
        public string? Belief { get; init; }
        public double? Volatility { get; init; }

        public DecisionRecord WhyRequested(Belief belief, PlanPolicy policy, DateTimeOffset now) => new()
        {
            At = now,
            Policy = policy.Name(),
            Rule = "requested",
            DaysSinceScan = LastScanMs is { } last ? (now - UnixMs.Time(last)).TotalDays : null,
            ChangeChance = ChanceOf(belief, Belief, PlanTime.Days(now)),
            VolatilityScore = Volatility ?? TierPolicy.NewScore,
        };
    }

    private sealed record StandingRow
    {
        public long AsOfMs { get; init; }
        public double Tokens { get; init; }
        public double Price { get; init; }
        public long Targets { get; init; }
        public long NeverScanned { get; init; }
        public long UnknownBeliefs { get; init; }
        public long LateTicks { get; init; }
    }

    private sealed record OutlookRow
    {
        public long Id { get; init; }
        public string Belief { get; init; } = "";
        public double Volatility { get; init; }
        public long? DueMs { get; init; }
    }
}
