using Weir.Control;

namespace Weir.Scheduling.Queue;

/// <summary>The statements of the queue. Each reads one of the partial indexes, so that none grows with the queue.</summary>
/// <remarks>Rows to be changed are locked in the order of their numbers or passing over those that others hold, and a lane after its scans by those who wait: so no
/// two programs wait for each other in a circle.</remarks>
internal sealed class QueueSql(SqlDialect dialect)
{
    /// <summary>Most scans that one lease makes ready or takes back; bounds how long a writer is held when very many fall due at once.</summary>
    public const int PromoteMax = 5000;

    private const string IsOpen = "state IN ('waiting', 'ready', 'leased')";

    /// <summary>Only scans within reach; needs the target as <c>t</c>.</summary>
    private string InReach(Reach reach) => reach.IsAll ? "1 = 1" : Reach.TargetSql(dialect);

    public string Enqueue { get; } = $"""
        INSERT INTO scans (tenant, target_id, engine, state, priority, due_ms, created_ms)
        SELECT t.tenant, t.id, t.engine, CASE WHEN w.due_ms <= @nowMs THEN 'ready' ELSE 'waiting' END, w.priority, w.due_ms, @nowMs
        FROM
        (
            SELECT CAST(value ->> 0 AS bigint) AS target_id, max(CAST(value ->> 1 AS double precision)) AS priority, min(CAST(value ->> 2 AS bigint)) AS due_ms
            FROM {dialect.Elements("@rows")} GROUP BY CAST(value ->> 0 AS bigint)
        ) AS w
        INNER JOIN targets AS t ON t.id = w.target_id
        WHERE 1 = 1
        ORDER BY t.id
        ON CONFLICT (target_id) WHERE {IsOpen}
        DO UPDATE SET priority = CASE WHEN scans.priority < excluded.priority THEN excluded.priority ELSE scans.priority END,
                      due_ms = CASE WHEN scans.due_ms > excluded.due_ms THEN excluded.due_ms ELSE scans.due_ms END
        WHERE scans.priority < excluded.priority OR scans.due_ms > excluded.due_ms
        """;

    public string Promote { get; } = $"""
        WITH due AS MATERIALIZED (SELECT s.id FROM scans s WHERE s.state = 'waiting' AND s.due_ms <= @nowMs ORDER BY s.due_ms LIMIT @promoteMax {dialect.SkipLocked("s")})
        UPDATE scans SET state = 'ready' WHERE id IN (SELECT id FROM due)
        """;

    public string Reap { get; } = $"""
        WITH ran_out AS MATERIALIZED (SELECT s.id FROM scans s WHERE s.state = 'leased' AND s.lease_until_ms <= @nowMs ORDER BY s.lease_until_ms LIMIT @promoteMax {dialect.SkipLocked("s")})
        UPDATE scans SET state = CASE WHEN attempts < @maxAttempts THEN 'ready' ELSE 'dead' END,
                         finished_ms = CASE WHEN attempts < @maxAttempts THEN NULL ELSE @nowMs END,
                         reason = CASE WHEN attempts < @maxAttempts THEN 'The lease of ' || worker || ' ran out.'
                                       ELSE 'The lease ran out in the last of ' || attempts || ' attempts.' END
        WHERE id IN (SELECT id FROM ran_out)
        RETURNING state
        """;

    /// <summary>Takes the best of one lane.</summary>
    public string Lease(Reach reach) => $"""
        WITH best AS MATERIALIZED
        (
            SELECT s.id FROM scans s WHERE s.state = 'ready' AND s.tenant = @tenant AND s.engine = @engine {InSites(reach)}
            ORDER BY s.priority DESC, s.due_ms, s.id LIMIT @max {dialect.SkipLocked("s")}
        )
        UPDATE scans SET state = 'leased', fencing_token = fencing_token + 1, attempts = attempts + 1, lease_until_ms = @untilMs,
                         leased_ms = @nowMs, worker = @worker
        WHERE id IN (SELECT id FROM best)
        RETURNING id AS Id, fencing_token AS FencingToken, attempts AS Attempts, lease_until_ms AS LeaseUntilMs
        """;

    /// <summary>The worth of the best of one lane, to compare lanes by.</summary>
    public string Best(Reach reach) => $"""
        SELECT s.priority AS Priority, s.due_ms AS DueMs, s.id AS Id FROM scans s WHERE s.state = 'ready' AND s.tenant = @tenant AND s.engine = @engine {InSites(reach)}
        ORDER BY s.priority DESC, s.due_ms, s.id LIMIT @max
        """;

    /// <summary>Lanes with due scans of the tenants behind one: it jumps from tenant to tenant in the index, whatever is queued for each.</summary>
    /// <remarks>What is ordered here is ordered as the index: nothing else tells PostgreSQL to jump, and not to read all that is due.</remarks>
    public string DueLanes { get; } = $"""
        WITH RECURSIVE due (tenant, place) AS
        (
            SELECT (SELECT s.tenant FROM scans s WHERE s.state = 'ready' AND s.tenant > @after ORDER BY s.tenant, s.engine LIMIT 1), 1
            UNION ALL
            SELECT (SELECT s.tenant FROM scans s WHERE s.state = 'ready' AND s.tenant > d.tenant ORDER BY s.tenant, s.engine LIMIT 1), d.place + 1
            FROM due d WHERE d.tenant IS NOT NULL AND d.place < @tenants
        )
        SELECT d.tenant AS Tenant, e.value AS Engine FROM due d CROSS JOIN (SELECT value FROM {dialect.Values("@engines")}) e
        WHERE d.tenant IS NOT NULL
            AND (SELECT s.engine FROM scans s WHERE s.state = 'ready' AND s.tenant = d.tenant AND s.engine = e.value ORDER BY s.priority DESC LIMIT 1) IS NOT NULL
        """;

    /// <summary>A tenant's engines with due scans.</summary>
    public static string DueEngines => """
        WITH RECURSIVE due (engine) AS
        (
            SELECT (SELECT min(s.engine) FROM scans s WHERE s.state = 'ready' AND s.tenant = @tenant)
            UNION ALL
            SELECT (SELECT min(s.engine) FROM scans s WHERE s.state = 'ready' AND s.tenant = @tenant AND s.engine > d.engine) FROM due d WHERE d.engine IS NOT NULL
        )
        SELECT engine FROM due WHERE engine IS NOT NULL
        """;

    /// <summary>Keeps others from leasing of these lanes until the commit, or together they would go over a ceiling; in one order, or they would wait in a circle.</summary>
    public string LockLanes { get; } = $"{Lanes(dialect)} {dialect.ForUpdate("l")}";

    /// <summary>As <see cref="LockLanes"/>, passing over lanes that others hold.</summary>
    public string LockFreeLanes { get; } = $"{Lanes(dialect)} {dialect.SkipLocked("l")}";

    /// <summary>How many scans of lanes are under way, and their ceilings. Where it must hold, lock first: PostgreSQL counts as of the begin of the statement, which may have waited.</summary>
    public string LanesUnderWay { get; } = $"""
        SELECT w.tenant AS Tenant, w.engine AS Engine, l.ceiling AS Ceiling, CASE WHEN l.tenant IS NULL THEN 0 ELSE 1 END AS IsKnown,
               (SELECT count(*) FROM scans h WHERE h.state = 'leased' AND h.tenant = w.tenant AND h.engine = w.engine) AS UnderWay
        FROM ({Named(dialect)}) AS w LEFT JOIN scan_lanes l ON l.tenant = w.tenant AND l.engine = w.engine
        """;

    /// <summary>Which of some lanes have a lowered ceiling.</summary>
    public string LoweredLanes { get; } = $"""
        SELECT l.tenant AS Tenant, l.engine AS Engine FROM scan_lanes l INNER JOIN ({Named(dialect)}) AS w ON l.tenant = w.tenant AND l.engine = w.engine
        WHERE l.ceiling IS NOT NULL
        """;

    public string NewLanes { get; } = $"""
        INSERT INTO scan_lanes (tenant, engine, changed_ms) SELECT w.tenant, w.engine, @nowMs FROM ({Named(dialect)}) AS w WHERE 1 = 1 ORDER BY w.tenant, w.engine
        ON CONFLICT (tenant, engine) DO NOTHING
        """;

    private static string Named(SqlDialect dialect) => $"SELECT value ->> 0 AS tenant, value ->> 1 AS engine FROM {dialect.Elements("@lanes")}";

    private static string Lanes(SqlDialect dialect) => $"""
        SELECT l.tenant AS Tenant, l.engine AS Engine, l.ceiling AS Ceiling, l.passed AS Passed, l.changed_ms AS ChangedMs
        FROM scan_lanes l INNER JOIN ({Named(dialect)}) AS w ON l.tenant = w.tenant AND l.engine = w.engine
        ORDER BY l.tenant, l.engine
        """;

    public static string ChangeLane => """
        UPDATE scan_lanes SET ceiling = @ceiling, passed = @passed, changed_ms = @changedMs, reason = COALESCE(@reason, reason)
        WHERE tenant = @tenant AND engine = @engine
        """;

    public static string CountDue => """
        SELECT count(*) FROM (SELECT 1 AS one FROM scans s WHERE s.state = 'ready' AND s.tenant = @tenant AND s.engine = @engine LIMIT @dueMax) AS counted
        """;

    /// <summary>Scans that somebody may hold, locked.</summary>
    public string Held(Reach reach) => $"""
        SELECT s.id AS Id, s.tenant AS Tenant, s.engine AS Engine, s.target_id AS TargetId, s.state AS State, s.fencing_token AS FencingToken,
               s.attempts AS Attempts, s.lease_until_ms AS LeaseUntilMs, s.worker AS Worker, t.last_result AS LastResult,
               CASE s.state WHEN 'done' THEN (SELECT r.result FROM results r WHERE r.scan_id = s.id) END AS Result
        FROM scans s CROSS JOIN targets t
        WHERE t.id = s.target_id AND s.id IN (SELECT CAST(value AS bigint) FROM {dialect.Values("@ids")}) AND {InReach(reach)}
        ORDER BY s.id {dialect.ForUpdate("s")}
        """;

    public string Heartbeat { get; } = $"""
        UPDATE scans SET lease_until_ms = @untilMs WHERE id IN (SELECT CAST(value AS bigint) FROM {dialect.Values("@ids")})
        """;

    public string Complete { get; } = $"""
        UPDATE scans SET state = 'done', finished_ms = @nowMs WHERE id IN (SELECT CAST(value AS bigint) FROM {dialect.Values("@ids")})
        """;

    public string Fail { get; } = $"""
        UPDATE scans SET state = w.state, due_ms = w.due_ms, attempts = w.attempts, reason = w.reason,
                         finished_ms = CASE w.state WHEN 'dead' THEN CAST(@nowMs AS bigint) END
        FROM
        (
            SELECT CAST(value ->> 0 AS bigint) AS id, value ->> 1 AS state, CAST(value ->> 2 AS bigint) AS due_ms, CAST(value ->> 3 AS bigint) AS attempts,
                   value ->> 4 AS reason
            FROM {dialect.Elements("@rows")}
        ) AS w
        WHERE scans.id = w.id
        """;

    public string Replay(Reach reach) => $"""
        WITH chosen AS MATERIALIZED
        (
            SELECT s.id FROM scans s CROSS JOIN targets t CROSS JOIN brand_queries q CROSS JOIN brands b
            WHERE t.id = s.target_id AND q.id = t.query_id AND b.id = q.brand_id AND s.state = 'dead' AND s.tenant = @tenant AND {InReach(reach)}
                AND (@id IS NULL OR s.id = @id) AND (@engine IS NULL OR s.engine = @engine) AND (@brand IS NULL OR b.name = @brand)
                AND (@id IS NOT NULL OR s.id = (SELECT max(d.id) FROM scans d WHERE d.target_id = s.target_id AND d.state = 'dead'))
                AND NOT EXISTS (SELECT 1 FROM scans o WHERE o.target_id = s.target_id AND o.{IsOpen})
            ORDER BY s.id LIMIT @max {dialect.SkipLocked("s")}
        )
        UPDATE scans SET state = 'waiting', due_ms = @nowMs, attempts = 0, finished_ms = NULL WHERE id IN (SELECT id FROM chosen)
        """;

    public static string Depth => """
        SELECT (SELECT count(*) FROM scans WHERE state = 'waiting') AS Waiting, (SELECT count(*) FROM scans WHERE state = 'ready') AS Ready,
               (SELECT count(*) FROM scans WHERE state = 'leased') AS Leased, (SELECT count(*) FROM scans WHERE state = 'dead') AS Dead,
               (SELECT min(due_ms) FROM scans WHERE state = 'ready') AS DueMs, (SELECT min(leased_ms) FROM scans WHERE state = 'leased') AS LeasedMs
        """;

    public string Lanes(Reach reach) => $"""
        SELECT c.engine AS Engine, c.waiting AS Waiting, c.ready AS Ready, c.leased AS Leased, c.dead AS Dead, c.due_ms AS DueMs, c.leased_ms AS LeasedMs,
               l.ceiling AS Ceiling, l.reason AS Reason
        FROM
        (
            SELECT o.engine, sum(CASE o.state WHEN 'waiting' THEN 1 ELSE 0 END) AS waiting, sum(CASE o.state WHEN 'ready' THEN 1 ELSE 0 END) AS ready,
                   sum(CASE o.state WHEN 'leased' THEN 1 ELSE 0 END) AS leased, sum(CASE o.state WHEN 'dead' THEN 1 ELSE 0 END) AS dead,
                   min(CASE o.state WHEN 'ready' THEN o.due_ms END) AS due_ms, min(CASE o.state WHEN 'leased' THEN o.leased_ms END) AS leased_ms
            FROM
            (
                SELECT engine, state, due_ms, leased_ms FROM scans s WHERE s.tenant = @tenant AND s.state IN ('waiting', 'ready', 'leased') {InSites(reach)}
                UNION ALL SELECT engine, state, due_ms, leased_ms FROM scans s WHERE s.tenant = @tenant AND s.state = 'dead' {InSites(reach)}
            ) AS o
            GROUP BY o.engine
        ) AS c
        LEFT JOIN scan_lanes l ON l.tenant = @tenant AND l.engine = c.engine
        ORDER BY c.engine
        """;

    private string InSites(Reach reach) =>
        reach.Sites is null ? "" : $"AND EXISTS (SELECT 1 FROM targets t WHERE t.id = s.target_id AND {InReach(reach)})";
}
