using System.Data.Common;
using System.Globalization;
using Dapper;
using Weir.Control;
using Weir.Detection;
using Weir.Scheduling.ScanPolicy;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Triggers;

/// <summary>Triggers in a control store.</summary>
public sealed class SqlTriggers(IControlStore store, StoreClock clock) : ITriggers
{
    private const string Columns = """
        SELECT g.id AS Id, g.kind AS Kind, g.at_ms AS AtMs, g.site AS Site, g.path AS Path, g.hit_id AS HitId, g.crawler AS Crawler,
               g.identity AS Identity, g.engine AS Engine, g.weight AS Weight, g.class AS Class, g.content AS Content, e.event_key AS EventKey, e.note AS Note
        FROM triggers g LEFT JOIN events e ON e.id = g.event_id
        """;

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> PositionAsync(string reader, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return UnixMs.Time(await connection.QuerySingleOrDefaultAsync<long?>(
            "SELECT position_ms FROM reader_positions WHERE name = @reader", new { reader }));
    }

    /// <inheritdoc/>
    public Task<int> RecordAsync(
        IReadOnlyList<NewTrigger> triggers, string reader, DateTimeOffset position, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            await TakeTurnAsync(transaction);
            long nowMs = await clock.NowMsAsync(transaction);
            int added = 0;
            foreach (var trigger in triggers)
                added += await AddAsync(transaction, store.Dialect, trigger, nowMs) ? 1 : 0;
            await transaction.Connection!.ExecuteAsync(
                """
                INSERT INTO reader_positions (name, position_ms) VALUES (@reader, @positionMs)
                ON CONFLICT (name) DO UPDATE SET position_ms = excluded.position_ms WHERE reader_positions.position_ms < excluded.position_ms
                """,
                new { reader, positionMs = position.ToUnixTimeMilliseconds() }, transaction);
            return added;
        },
        stop);

    /// <inheritdoc/>
    public Task<int> PlanAsync(IScanPolicy policy, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            await TakeTurnAsync(transaction);
            return await Debounce.PlanAsync(transaction, store.Dialect, policy, UnixMs.Time(await clock.NowMsAsync(transaction)));
        },
        stop);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Trigger>> ListAsync(Reach reach, long after, int limit, TriggerClass? only = null, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var rows = await connection.QueryAsync<Row>(
            $"""
            {Columns} WHERE g.tenant = @tenant AND g.id > @after AND (@sites IS NULL OR g.site IN (SELECT value FROM {store.Dialect.Values("@sites")}))
                AND (@only IS NULL OR g.class = @only)
            ORDER BY g.id LIMIT @limit
            """,
            new { tenant = reach.Tenant, sites = reach.SitesJson, after, limit, only = only?.Name() }, snapshot);
        return await WithTargetsAsync(connection, store.Dialect, rows.AsList(), snapshot);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Trigger>> FindAsync(Reach reach, IReadOnlyList<long> ids, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>(
            $"""
            {Columns} WHERE g.tenant = @tenant AND g.id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")})
                AND (@sites IS NULL OR g.site IN (SELECT value FROM {store.Dialect.Values("@sites")})) ORDER BY g.id
            """,
            new { tenant = reach.Tenant, sites = reach.SitesJson, ids = JsonLists.Of(ids) });
        return await WithTargetsAsync(connection, store.Dialect, rows.AsList());
    }

    /// <summary>The latest triggers that are listed on each of some scans, newest first.</summary>
    internal static async Task<ILookup<long, Trigger>> OfScansAsync(DbConnection connection, SqlDialect dialect, IReadOnlyList<long> scans, int limit)
    {
        var listed = (await connection.QueryAsync<LinkRow>(
            $"""
            SELECT x.scan_id AS ScanId, x.trigger_id AS TriggerId FROM
            (
                SELECT scan_id, trigger_id, ROW_NUMBER() OVER (PARTITION BY scan_id ORDER BY trigger_id DESC) AS place
                FROM trigger_targets WHERE scan_id IN (SELECT CAST(value AS bigint) FROM {dialect.Values("@ids")})
            ) AS x
            WHERE x.place <= @limit ORDER BY x.scan_id, x.place
            """,
            new { ids = JsonLists.Of(scans), limit })).AsList();
        var rows = await connection.QueryAsync<Row>(
            $"{Columns} WHERE g.id IN (SELECT CAST(value AS bigint) FROM {dialect.Values("@ids")})", new { ids = JsonLists.Of(listed.Select(l => l.TriggerId).Distinct()) });
        var triggers = (await WithTargetsAsync(connection, dialect, rows.AsList())).ToDictionary(t => t.Id);
        // One may have been deleted by age between the two reads.
        return listed.Where(l => triggers.ContainsKey(l.TriggerId)).ToLookup(l => l.ScanId!.Value, l => triggers[l.TriggerId]);
    }

    /// <summary>Waits for others who write or plan triggers and keeps them waiting until the transaction's end.</summary>
    /// <remarks>Numbers are given at once and seen at the commit: without a queue of writers, who reads on behind the last number would miss one that was
    /// given earlier and committed later. Two planners at a time would make two scans of one target.</remarks>
    internal static Task TakeTurnAsync(DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync("UPDATE versions SET version = version + 1 WHERE name = 'triggers'", transaction: transaction);

    private static async Task<bool> AddAsync(DbTransaction transaction, SqlDialect dialect, NewTrigger trigger, long nowMs)
    {
        var fetch = trigger.Fetch;
        long? id = await transaction.Connection!.QuerySingleOrDefaultAsync<long?>(
            """
            INSERT INTO triggers (tenant, kind, class, content, site, at_ms, hit_id, path, crawler, identity, engine, weight, delay_ms, recorded_ms)
            VALUES (@tenant, 'crawl', @of, @content, @site, @atMs, @hitId, @path, @crawler, @identity, @engine, @weight, @delayMs, @nowMs)
            ON CONFLICT (site, at_ms, hit_id, engine) DO NOTHING
            RETURNING id
            """,
            new
            {
                tenant = trigger.Tenant,
                of = trigger.Class.Name(),
                content = trigger.Content.Name(),
                site = fetch.Site.Value,
                atMs = fetch.Time.ToUnixTimeMilliseconds(),
                hitId = unchecked((long)fetch.HitId),
                path = fetch.Path.Replace('\0', ' '), // PostgreSQL keeps none
                crawler = fetch.Crawler,
                identity = NameOf(fetch.Identity),
                engine = trigger.Engine,
                weight = trigger.Weight,
                delayMs = (long)trigger.Delay.TotalMilliseconds,
                nowMs,
            },
            transaction);
        if (id is null)
            return false;
        await LinkAsync(transaction, dialect, id.Value, trigger.Class, trigger.Targets.Select(m => m with { Weight = trigger.Weight * m.Weight }));
        return true;
    }

    /// <summary>Notes which targets a trigger speaks of. A weak one joins the scan that already waits for its target, and makes none: one of a weak class, and any of
    /// a tenant whose scans are planned.</summary>
    internal static async Task LinkAsync(DbTransaction transaction, SqlDialect dialect, long trigger, TriggerClass of, IEnumerable<TargetMatch> targets)
    {
        string rows = $"[{string.Join(',', targets.Select(m => string.Create(CultureInfo.InvariantCulture, $"[{m.Target},{m.Weight:R}]")))}]";
        await transaction.Connection!.ExecuteAsync(
            $"""
            INSERT INTO trigger_targets (target_id, trigger_id, weight, is_weak)
            SELECT t.id, @trigger, w.weight,
                   CASE WHEN @isWeak = 1 OR EXISTS (SELECT 1 FROM scan_plans p WHERE p.tenant = t.tenant AND p.policy <> 'event') THEN 1 ELSE 0 END
            FROM (SELECT CAST(value ->> 0 AS bigint) AS target, CAST(value ->> 1 AS double precision) AS weight FROM {dialect.Elements("@rows")}) w
            CROSS JOIN targets t WHERE t.id = w.target
            """,
            new { trigger, rows, isWeak = of.IsWeak() ? 1L : 0L }, transaction);
        await transaction.Connection!.ExecuteAsync(JoinWaiting, new { trigger }, transaction);
    }

    private const string JoinWaiting = """
        UPDATE trigger_targets SET scan_id = (SELECT s.id FROM scans s WHERE s.target_id = trigger_targets.target_id AND s.state IN ('waiting', 'ready'))
        WHERE trigger_id = @trigger AND is_weak = 1;
        UPDATE scans SET trigger_count = trigger_count + 1 WHERE id IN (SELECT scan_id FROM trigger_targets WHERE trigger_id = @trigger AND scan_id IS NOT NULL)
        """;

    private static string NameOf(Identity identity) => identity switch
    {
        Identity.Verified => "verified",
        Identity.Unverifiable => "unverifiable",
        _ => throw new ArgumentOutOfRangeException(nameof(identity), identity, "Such fetches are no triggers."),
    };

    private static async Task<IReadOnlyList<Trigger>> WithTargetsAsync(
        DbConnection connection, SqlDialect dialect, List<Row> rows, DbTransaction? snapshot = null)
    {
        var links = await connection.QueryAsync<LinkRow>(
            $"""
            SELECT trigger_id AS TriggerId, target_id AS TargetId, scan_id AS ScanId FROM trigger_targets
            WHERE trigger_id IN (SELECT CAST(value AS bigint) FROM {dialect.Values("@ids")}) ORDER BY target_id
            """,
            new { ids = JsonLists.Of(rows.Select(r => r.Id)) }, snapshot);
        var targets = links.ToLookup(l => l.TriggerId);
        return rows.ConvertAll(r => new Trigger(
            r.Id, r.Kind, r.Class, UnixMs.Time(r.AtMs), r.Site, r.Path, OfCrawl(r, unchecked((ulong)r.HitId).ToString("x16")), OfCrawl(r, r.Crawler),
            OfCrawl(r, r.Identity), OfCrawl(r, r.Content), r.EventKey, r.Note, r.Engine, r.Weight, [.. targets[r.Id].Select(l => l.TargetId)], [.. targets[r.Id].Where(l => l.ScanId is not null).Select(l => l.ScanId!.Value)]));
    }

    private static string? OfCrawl(Row row, string text) => row.EventKey is null ? text : null;

    private sealed record Row
    {
        public string Class { get; init; } = "";
        public string Content { get; init; } = "";
        public string? EventKey { get; init; }
        public string? Note { get; init; }
        public long Id { get; init; }
        public string Kind { get; init; } = "";
        public long AtMs { get; init; }
        public string Site { get; init; } = "";
        public string Path { get; init; } = "";
        public long HitId { get; init; }
        public string Crawler { get; init; } = "";
        public string Identity { get; init; } = "";
        public string Engine { get; init; } = "";
        public double Weight { get; init; }
    }

    private sealed record LinkRow
    {
        public long TriggerId { get; init; }
        public long TargetId { get; init; }
        public long? ScanId { get; init; }
    }
}
