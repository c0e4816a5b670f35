namespace Weir.Scheduling.Queue;

/// <summary>The statements of the queue on SQLite. Each reads one of the partial indexes, so that none grows with the queue.</summary>
internal static class QueueSql
{
    /// <summary>Most waiting scans that one lease makes ready; bounds how long a writer is held when very many fall due at once.</summary>
    public const int PromoteMax = 5000;

    public const string Enqueue = """
        INSERT INTO scans (tenant, target_id, engine, state, priority, due_ms, created_ms)
        SELECT tenant, id, engine, 'waiting', @priority, @dueMs, @nowMs FROM targets WHERE id = @target
        ON CONFLICT (target_id) WHERE state IN ('waiting', 'ready', 'leased')
        DO UPDATE SET priority = max(priority, excluded.priority), due_ms = min(due_ms, excluded.due_ms)
        """;

    public const string Promote = """
        UPDATE scans SET state = 'ready'
        WHERE id IN (SELECT id FROM scans WHERE state = 'waiting' AND due_ms <= @nowMs ORDER BY due_ms LIMIT @promoteMax)
        """;

    public const string ReapDead = """
        UPDATE scans SET state = 'dead', finished_ms = @nowMs, reason = 'The lease ran out in the last of ' || attempts || ' attempts.'
        WHERE state = 'leased' AND lease_until_ms <= @nowMs AND attempts >= @maxAttempts
        """;

    public const string Reap = """
        UPDATE scans SET state = 'ready', reason = 'The lease of ' || worker || ' ran out.'
        WHERE state = 'leased' AND lease_until_ms <= @nowMs
        """;

    private const string Take = """
        UPDATE scans SET state = 'leased', fencing_token = fencing_token + 1, attempts = attempts + 1, lease_until_ms = @untilMs,
                         leased_ms = @nowMs, worker = @worker
        """;

    private const string Best =
        "ORDER BY s.priority DESC, s.due_ms, s.id LIMIT @max) RETURNING id AS Id, fencing_token AS FencingToken, attempts AS Attempts, lease_until_ms AS LeaseUntilMs";

    private const string InSites = "(@sites IS NULL OR EXISTS (SELECT 1 FROM targets t WHERE t.id = s.target_id AND " + Reach.TargetSql + "))";

    public const string LeaseAny = $"""
        {Take} WHERE id IN (SELECT s.id FROM scans s WHERE s.state = 'ready' AND s.tenant = @tenant AND {InSites} {Best}
        """;

    public const string LeaseEngine = $"""
        {Take} WHERE id IN (SELECT s.id FROM scans s WHERE s.state = 'ready' AND s.tenant = @tenant AND s.engine = @engine AND {InSites} {Best}
        """;

    public const string Held = $"""
        SELECT s.target_id AS TargetId, s.state AS State, s.fencing_token AS FencingToken, s.attempts AS Attempts,
               s.lease_until_ms AS LeaseUntilMs, s.worker AS Worker,
               (SELECT r.result FROM results r WHERE r.scan_id = s.id) AS Result
        FROM scans s CROSS JOIN targets t ON t.id = s.target_id WHERE s.id = @id AND {Reach.TargetSql}
        """;

    public const string Heartbeat = "UPDATE scans SET lease_until_ms = @untilMs WHERE id = @id";

    public const string Complete = "UPDATE scans SET state = 'done', finished_ms = @nowMs WHERE id = @id";

    public const string Fail = "UPDATE scans SET state = 'waiting', due_ms = @dueMs, reason = @reason WHERE id = @id";

    public const string Bury = "UPDATE scans SET state = 'dead', finished_ms = @nowMs, reason = @reason WHERE id = @id";

    public const string Replay = """
        UPDATE OR IGNORE scans SET state = 'waiting', due_ms = @nowMs, attempts = 0, finished_ms = NULL WHERE id = @id AND state = 'dead'
        """;

    public const string Depth = """
        SELECT (SELECT count(*) FROM scans WHERE state = 'waiting') AS Waiting, (SELECT count(*) FROM scans WHERE state = 'ready') AS Ready,
               (SELECT count(*) FROM scans WHERE state = 'leased') AS Leased, (SELECT count(*) FROM scans WHERE state = 'dead') AS Dead
        """;
}
