using Weir.Control;

namespace Weir.Scheduling.Queue;

/// <summary>The statements of the queue. Each reads one of the partial indexes, so that none grows with the queue.</summary>
/// <remarks>Rows to be changed are locked in one step, in the order of their numbers or passing over those that others hold: so no two programs wait for
/// each other in a circle.</remarks>
internal sealed class QueueSql(SqlDialect dialect)
{
    /// <summary>Most waiting scans that one lease makes ready; bounds how long a writer is held when very many fall due at once.</summary>
    public const int PromoteMax = 5000;

    private readonly string _inReach = Reach.TargetSql(dialect);

    public static string Enqueue => """
        INSERT INTO scans (tenant, target_id, engine, state, priority, due_ms, created_ms)
        SELECT tenant, id, engine, 'waiting', @priority, @dueMs, @nowMs FROM targets WHERE id = @target
        ON CONFLICT (target_id) WHERE state IN ('waiting', 'ready', 'leased')
        DO UPDATE SET priority = CASE WHEN scans.priority < excluded.priority THEN excluded.priority ELSE scans.priority END,
                      due_ms = CASE WHEN scans.due_ms > excluded.due_ms THEN excluded.due_ms ELSE scans.due_ms END
        """;

    public string Promote => $"""
        WITH due AS MATERIALIZED (SELECT s.id FROM scans s WHERE s.state = 'waiting' AND s.due_ms <= @nowMs ORDER BY s.due_ms LIMIT @promoteMax {dialect.SkipLocked("s")})
        UPDATE scans SET state = 'ready' WHERE id IN (SELECT id FROM due)
        """;

    public string ReapDead => $"""
        {RanOut}
        UPDATE scans SET state = 'dead', finished_ms = @nowMs, reason = 'The lease ran out in the last of ' || attempts || ' attempts.'
        WHERE id IN (SELECT id FROM ran_out) AND attempts >= @maxAttempts
        """;

    public string Reap => $"""
        {RanOut}
        UPDATE scans SET state = 'ready', reason = 'The lease of ' || worker || ' ran out.'
        WHERE id IN (SELECT id FROM ran_out) AND attempts < @maxAttempts
        """;

    public string LeaseAny => Lease("");

    public string LeaseEngine => Lease("AND s.engine = @engine");

    public string Held => $"""
        SELECT s.target_id AS TargetId, s.state AS State, s.fencing_token AS FencingToken, s.attempts AS Attempts,
               s.lease_until_ms AS LeaseUntilMs, s.worker AS Worker,
               (SELECT r.result FROM results r WHERE r.scan_id = s.id) AS Result
        FROM scans s CROSS JOIN targets t WHERE t.id = s.target_id AND s.id = @id AND {_inReach} {dialect.ForUpdate("s")}
        """;

    public static string Heartbeat => "UPDATE scans SET lease_until_ms = @untilMs WHERE id = @id";

    public static string Complete => "UPDATE scans SET state = 'done', finished_ms = @nowMs WHERE id = @id";

    public static string Fail => "UPDATE scans SET state = 'waiting', due_ms = @dueMs, reason = @reason WHERE id = @id";

    public static string Bury => "UPDATE scans SET state = 'dead', finished_ms = @nowMs, reason = @reason WHERE id = @id";

    public static string Replay => """
        UPDATE scans SET state = 'waiting', due_ms = @nowMs, attempts = 0, finished_ms = NULL WHERE id = @id AND state = 'dead'
            AND NOT EXISTS (SELECT 1 FROM scans o WHERE o.target_id = scans.target_id AND o.state IN ('waiting', 'ready', 'leased'))
        """;

    public static string Depth => """
        SELECT (SELECT count(*) FROM scans WHERE state = 'waiting') AS Waiting, (SELECT count(*) FROM scans WHERE state = 'ready') AS Ready,
               (SELECT count(*) FROM scans WHERE state = 'leased') AS Leased, (SELECT count(*) FROM scans WHERE state = 'dead') AS Dead
        """;

    private string RanOut => $"""
        WITH ran_out AS MATERIALIZED (SELECT s.id FROM scans s WHERE s.state = 'leased' AND s.lease_until_ms <= @nowMs {dialect.SkipLocked("s")})
        """;

    private string Lease(string where) => $"""
        WITH best AS MATERIALIZED
        (
            SELECT s.id FROM scans s WHERE s.state = 'ready' AND s.tenant = @tenant {where}
                AND (@sites IS NULL OR EXISTS (SELECT 1 FROM targets t WHERE t.id = s.target_id AND {_inReach}))
            ORDER BY s.priority DESC, s.due_ms, s.id LIMIT @max {dialect.SkipLocked("s")}
        )
        UPDATE scans SET state = 'leased', fencing_token = fencing_token + 1, attempts = attempts + 1, lease_until_ms = @untilMs,
                         leased_ms = @nowMs, worker = @worker
        WHERE id IN (SELECT id FROM best)
        RETURNING id AS Id, fencing_token AS FencingToken, attempts AS Attempts, lease_until_ms AS LeaseUntilMs
        """;
}
