using Dapper;
using Microsoft.Data.Sqlite;
using Weir.Scheduling.ScanPolicy;

namespace Weir.Scheduling.Triggers;

/// <summary>Makes one scan of many triggers: each target's waiting triggers are listed on the scan that waits for it, or on a new one.</summary>
/// <remarks>Runs in one transaction, so that a trigger is never listed twice nor forgotten, whoever dies when.</remarks>
internal static class Debounce
{
    // One transaction holds up other writers; at some 100 µs a target this is a twentieth of a second.
    private const int MaxTargets = 500;

    // A target whose page is fetched all day long may wait with very many; the next call takes the others.
    private const int MaxTriggers = 1000;

    /// <summary>Plans the longest waiting targets. Returns how many.</summary>
    public static int Plan(SqliteTransaction transaction, IScanPolicy policy, DateTimeOffset now)
    {
        var targets = transaction.Connection!.Query<TargetRow>(
            """
            SELECT t.id AS Id, t.last_scan_ms AS LastScanMs, s.id AS ScanId, s.due_ms AS DueMs, s.priority AS Priority,
                   s.lead_trigger_id AS LeadTriggerId, s.lead_weight AS LeadWeight, s.attempts AS Attempts
            FROM (SELECT target_id, min(trigger_id) AS first FROM trigger_targets WHERE scan_id IS NULL GROUP BY target_id) u
            JOIN targets t ON t.id = u.target_id
            LEFT JOIN scans s ON s.target_id = t.id AND s.state IN ('waiting', 'ready', 'leased')
            WHERE s.state IS NULL OR s.state <> 'leased'
            ORDER BY u.first
            LIMIT @max
            """,
            new { max = MaxTargets }, transaction).AsList();
        foreach (var target in targets)
            Plan(transaction, policy, target, now);
        return targets.Count;
    }

    private static void Plan(SqliteTransaction transaction, IScanPolicy policy, TargetRow target, DateTimeOffset now)
    {
        var connection = transaction.Connection!;
        var rows = connection.Query<TriggerRow>(
            """
            SELECT g.id AS Id, g.at_ms AS AtMs, g.delay_ms AS DelayMs, x.weight AS Weight
            FROM trigger_targets x JOIN triggers g ON g.id = x.trigger_id
            WHERE x.target_id = @target AND x.scan_id IS NULL ORDER BY x.trigger_id LIMIT @max
            """,
            new { target = target.Id, max = MaxTriggers }, transaction).AsList();
        var facts = new ScanFacts
        {
            Now = now,
            New = rows.ConvertAll(r => new TriggerFact(r.Id, UnixMs.Time(r.AtMs), TimeSpan.FromMilliseconds(r.DelayMs), r.Weight)),
            Waiting = target.ScanId is null ? null
                : new WaitingScan(UnixMs.Time(target.DueMs), target.Priority, target.LeadTriggerId, target.LeadWeight, (int)target.Attempts),
            LastScan = UnixMs.Time(target.LastScanMs),
        };
        var decision = policy.Decide(facts);
        var parameters = new
        {
            scan = target.ScanId,
            target = target.Id,
            priority = decision.Priority,
            dueMs = decision.Due.ToUnixTimeMilliseconds(),
            lead = decision.LeadTrigger,
            leadWeight = decision.LeadWeight,
            count = rows.Count,
            last = rows[^1].Id,
            nowMs = now.ToUnixTimeMilliseconds(),
        };
        long scan = connection.QuerySingle<long>(target.ScanId is null ? Open : Add, parameters, transaction);
        connection.Execute(
            "UPDATE trigger_targets SET scan_id = @scan WHERE target_id = @target AND scan_id IS NULL AND trigger_id <= @last",
            new { scan, parameters.target, parameters.last }, transaction);
    }

    private const string Open = """
        INSERT INTO scans (tenant, target_id, engine, state, priority, due_ms, trigger_count, lead_trigger_id, lead_weight, created_ms)
        SELECT tenant, id, engine, 'waiting', @priority, @dueMs, @count, @lead, @leadWeight, @nowMs FROM targets WHERE id = @target
        RETURNING id
        """;

    private const string Add = """
        UPDATE scans SET priority = @priority, due_ms = CASE state WHEN 'ready' THEN due_ms ELSE @dueMs END,
                         trigger_count = trigger_count + @count, lead_trigger_id = @lead, lead_weight = @leadWeight
        WHERE id = @scan
        RETURNING id
        """;

    private sealed record TargetRow
    {
        public long Id { get; init; }
        public long? LastScanMs { get; init; }
        public long? ScanId { get; init; }
        public long DueMs { get; init; }
        public double Priority { get; init; }
        public long? LeadTriggerId { get; init; }
        public double LeadWeight { get; init; }
        public long Attempts { get; init; }
    }

    private sealed record TriggerRow
    {
        public long Id { get; init; }
        public long AtMs { get; init; }
        public long DelayMs { get; init; }
        public double Weight { get; init; }
    }
}
