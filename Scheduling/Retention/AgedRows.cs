using Weir.Control;

namespace Weir.Scheduling.Retention;

/// <summary>One kind of row that is deleted by age. Numbers are given in the order of time, so that a walk by number may end at the first young row.</summary>
/// <param name="Name">What it is called in metrics.</param>
/// <param name="Page">Rows behind a number, with when each was written.</param>
/// <param name="Chosen">Of a span of numbers those that may go, with their tenants.</param>
/// <param name="Delete">Deletes them.</param>
internal sealed record AgedRows(string Name, string Page, string Chosen, string Delete)
{
    // A subquery with a limit is asked row by row, from the index; NOT EXISTS may become a join that reads the whole table.
    /// <summary>All kinds, in an order in which nothing refers to what goes.</summary>
    public static IReadOnlyList<AgedRows> All(SqlDialect dialect)
    {
        string ids = $"(SELECT CAST(value AS bigint) FROM {dialect.Values("@ids")})";
        return
        [
            new("results", PageOf("results", "at_ms"),
                "SELECT r.id AS Id, r.tenant AS Tenant FROM results r WHERE r.id > @after AND r.id <= @until AND r.at_ms < @beforeMs ORDER BY r.id",
                $"DELETE FROM results WHERE id IN {ids}"),
            // The links go first: one that outlived its scan would be planned again.
            new("scans", PageOf("scans", "created_ms"),
                $"""
                SELECT s.id AS Id, s.tenant AS Tenant FROM scans s
                WHERE s.id > @after AND s.id <= @until AND s.state IN ('done', 'dead') AND s.finished_ms < @beforeMs ORDER BY s.id {dialect.SkipLocked("s")}
                """,
                $"DELETE FROM trigger_targets WHERE scan_id IN {ids}; DELETE FROM scans WHERE id IN {ids}"),
            new("triggers", PageOf("triggers", "recorded_ms"),
                """
                SELECT g.id AS Id, g.tenant AS Tenant FROM triggers g
                WHERE g.id > @after AND g.id <= @until AND g.recorded_ms < @beforeMs AND g.id <= (SELECT p.trigger_id FROM planner p WHERE p.id = 1)
                    AND (SELECT s.id FROM scans s WHERE s.lead_trigger_id = g.id LIMIT 1) IS NULL
                    AND (SELECT x.target_id FROM trigger_targets x WHERE x.trigger_id = g.id AND x.scan_id IS NULL AND x.is_weak = 0 LIMIT 1) IS NULL
                ORDER BY g.id
                """,
                $"DELETE FROM triggers WHERE id IN {ids}"),
            new("events", PageOf("events", "recorded_ms"),
                """
                SELECT e.id AS Id, e.tenant AS Tenant FROM events e
                WHERE e.id > @after AND e.id <= @until AND e.recorded_ms < @beforeMs AND (SELECT g.id FROM triggers g WHERE g.event_id = e.id LIMIT 1) IS NULL
                ORDER BY e.id
                """,
                $"DELETE FROM events WHERE id IN {ids}"),
        ];
    }

    private static string PageOf(string table, string at) => $"SELECT id AS Id, {at} AS AtMs FROM {table} WHERE id > @after ORDER BY id LIMIT @max";
}
