using System.Data.Common;
using Dapper;
using Weir.Control;
using Weir.Scheduling.ScanPolicy;

namespace Weir.Scheduling.Triggers;

/// <summary>Makes one scan of many triggers: each target's waiting triggers are listed on the scan that waits for it, or on a new one.</summary>
/// <remarks>Runs in one transaction, so that a trigger is never listed twice nor forgotten, whoever dies when. One planner at a time; workers and those who
/// queue scans go on beside it.</remarks>
internal static class Debounce
{
    // One transaction holds up other writers; at some 100 µs a target this is a twentieth of a second.
    private const int MaxTargets = 500;

    // A target whose page is fetched all day long may wait with very many; the next call takes the others.
    private const int MaxTriggers = 1000;

    /// <summary>Plans the longest waiting targets. Returns how many.</summary>
    public static async Task<int> PlanAsync(DbTransaction transaction, SqlDialect dialect, IScanPolicy policy, DateTimeOffset now)
    {
        var connection = transaction.Connection!;
        var targets = (await connection.QueryAsync<TargetRow>(
            """
            SELECT t.id AS Id, t.last_scan_ms AS LastScanMs
            FROM (SELECT target_id, min(trigger_id) AS first FROM trigger_targets WHERE scan_id IS NULL AND is_weak = 0 GROUP BY target_id) u
            JOIN targets t ON t.id = u.target_id
            LEFT JOIN scans s ON s.target_id = t.id AND s.state = 'leased'
            LEFT JOIN scan_plans p ON p.tenant = t.tenant
            WHERE s.id IS NULL AND (p.policy IS NULL OR p.policy = 'event')
            ORDER BY u.first
            LIMIT @max
            """,
            new { max = MaxTargets }, transaction)).AsList();
        if (targets.Count == 0)
            return 0;
        // Held until the commit: a worker who leased one meanwhile might ask before these triggers happened, and they would be listed as asked.
        var open = (await connection.QueryAsync<ScanRow>(
            $"""
            SELECT s.id AS Id, s.target_id AS TargetId, s.state AS State, s.due_ms AS DueMs, s.priority AS Priority, s.lead_trigger_id AS LeadTriggerId,
                   s.lead_weight AS LeadWeight, s.attempts AS Attempts
            FROM scans s WHERE s.target_id IN (SELECT CAST(value AS bigint) FROM {dialect.Values("@ids")}) AND s.state IN ('waiting', 'ready', 'leased')
            ORDER BY s.id {dialect.ForUpdate("s")}
            """,
            new { ids = JsonLists.Of(targets.Select(t => t.Id)) }, transaction)).ToDictionary(s => s.TargetId);
        int planned = 0;
        foreach (var target in targets)
        {
            var scan = open.GetValueOrDefault(target.Id);
            if (scan?.State != "leased" && await PlanAsync(transaction, policy, target, scan, now))
                planned++;
        }
        return planned;
    }

    private static async Task<bool> PlanAsync(DbTransaction transaction, IScanPolicy policy, TargetRow target, ScanRow? waiting, DateTimeOffset now)
    {
        var connection = transaction.Connection!;
        var rows = (await connection.QueryAsync<TriggerRow>(
            """
            SELECT g.id AS Id, g.at_ms AS AtMs, g.delay_ms AS DelayMs, x.weight AS Weight
            FROM trigger_targets x JOIN triggers g ON g.id = x.trigger_id
            WHERE x.target_id = @target AND x.scan_id IS NULL AND x.is_weak = 0 ORDER BY x.trigger_id LIMIT @max
            """,
            new { target = target.Id, max = MaxTriggers }, transaction)).AsList();
        var decision = policy.Decide(new ScanFacts
        {
            Now = now,
            New = rows.ConvertAll(r => r.ToFact(now)),
            Waiting = waiting?.ToWaiting(),
            LastScan = UnixMs.Time(target.LastScanMs),
        });
        var parameters = new
        {
            scan = waiting?.Id,
            target = target.Id,
            priority = decision.Priority,
            dueMs = decision.Due.ToUnixTimeMilliseconds(),
            lead = decision.LeadTrigger,
            leadWeight = decision.LeadWeight,
            count = rows.Count,
            last = rows[^1].Id,
            nowMs = now.ToUnixTimeMilliseconds(),
        };
        long? scan = await connection.QuerySingleOrDefaultAsync<long?>(waiting is null ? Open : Add, parameters, transaction);
        // Somebody has queued a scan of it since: the next look joins it.
        if (scan is null)
            return false;
        int listed = await connection.ExecuteAsync(
            "UPDATE trigger_targets SET scan_id = @scan WHERE target_id = @target AND scan_id IS NULL AND (trigger_id <= @last OR is_weak = 1)",
            new { scan, parameters.target, parameters.last }, transaction);
        // Weak triggers that waited for company are listed too; they had no say.
        if (listed > rows.Count)
            await connection.ExecuteAsync("UPDATE scans SET trigger_count = trigger_count + @more WHERE id = @scan", new { scan, more = listed - rows.Count }, transaction);
        return true;
    }

    private const string Open = """
        INSERT INTO scans (tenant, target_id, engine, state, priority, due_ms, trigger_count, lead_trigger_id, lead_weight, created_ms)
        SELECT tenant, id, engine, 'waiting', @priority, @dueMs, @count, @lead, @leadWeight, @nowMs FROM targets WHERE id = @target
        ON CONFLICT (target_id) WHERE state IN ('waiting', 'ready', 'leased') DO NOTHING
        RETURNING id
        """;

    private const string Add = """
        UPDATE scans SET priority = @priority, due_ms = CASE state WHEN 'ready' THEN due_ms ELSE @dueMs END,
                         trigger_count = trigger_count + @count, lead_trigger_id = @lead, lead_weight = @leadWeight
        WHERE id = @scan
        RETURNING id
        """;

    private sealed record TargetRow(long Id, long? LastScanMs);

    private sealed record ScanRow
    {
        public long Id { get; init; }
        public long TargetId { get; init; }
        public string State { get; init; } = "";
        public long DueMs { get; init; }
        public double Priority { get; init; }
        public long? LeadTriggerId { get; init; }
        public double LeadWeight { get; init; }
        public long Attempts { get; init; }

        public WaitingScan ToWaiting() => new(UnixMs.Time(DueMs), Priority, LeadTriggerId, LeadWeight, (int)Attempts);
    }

    private sealed record TriggerRow(long Id, long AtMs, long DelayMs, double Weight)
    {
        // An edge whose clock is ahead must not put its scans off.
        public TriggerFact ToFact(DateTimeOffset now)
        {
            var at = UnixMs.Time(AtMs);
            return new TriggerFact(Id, at < now ? at : now, TimeSpan.FromMilliseconds(DelayMs), Weight);
        }
    }
}
