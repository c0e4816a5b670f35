using System.Data.Common;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Suggestions;

/// <summary>What the control store knows of suggestions: queries and their links, and what people said of suggestions. Safe from any thread.</summary>
public sealed class SqlSuggestions(IControlStore store, TimeProvider time)
{
    private readonly string _inReach = Reach.FoundTargetSql(store.Dialect);

    /// <summary>The query of a target; null when there is none within reach.</summary>
    public async Task<SuggestedQuery?> FindAsync(Reach reach, long target, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var ids = await connection.QueryAsync<long>(
            $"SELECT t.query_id FROM targets t WHERE t.id = @target AND {_inReach}", new { target, tenant = reach.Tenant, sites = reach.SitesJson }, snapshot);
        return (await ReadAsync(connection, snapshot, reach, ids.AsList())) is [var found] ? found : null;
    }

    /// <summary>Queries by their numbers; those out of reach are left out.</summary>
    public async Task<IReadOnlyList<SuggestedQuery>> FindAsync(Reach reach, IReadOnlyCollection<long> queries, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        return await ReadAsync(connection, snapshot, reach, queries);
    }

    /// <summary>Queries within reach by brand and number: those without any link first, then the others.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="brand">Only this brand's; null for any.</param>
    /// <param name="after">Where the list before ended.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>The queries, and where to go on; null at the end. There may be none and more behind them: a call looks at a bounded number.</returns>
    public async Task<(IReadOnlyList<SuggestedQuery> Queries, QueryPlace? Next)> ListAsync(Reach reach, long? brand, QueryPlace after, int limit, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var brands = (await connection.QueryAsync<long>(
            "SELECT id FROM brands WHERE tenant = @tenant AND (@brand = 0 OR id = @brand) ORDER BY id", new { tenant = reach.Tenant, brand = brand ?? 0 }, snapshot)).AsList();
        var walk = new QueryWalk(connection, snapshot, _inReach, reach);
        var ids = new List<long>();
        QueryPlace? next = after;
        while (next is { } place && ids.Count < limit && walk.IsAffordable)
        {
            int at = brands.FindIndex(b => b >= place.Brand);
            if (at < 0)
            {
                next = place.IsLinked ? null : new QueryPlace(true, 0, 0);
                continue;
            }
            long query = brands[at] == place.Brand ? place.Query : 0;
            long? last = await walk.TakeAsync(brands[at], query, place.IsLinked, limit - ids.Count, ids);
            next = last is { } seen ? new QueryPlace(place.IsLinked, brands[at], seen) : new QueryPlace(place.IsLinked, brands[at] + 1, 0);
        }
        var found = (await ReadAsync(connection, snapshot, reach, ids)).ToDictionary(q => q.Id);
        return ([.. ids.Select(found.GetValueOrDefault).OfType<SuggestedQuery>()], next);
    }

    /// <summary>Links pages to all targets of their queries, as if somebody had written the links; links that are there stay as they are.</summary>
    /// <returns>The queries and pages that got a link.</returns>
    public Task<IReadOnlySet<(long Query, string Site, string Path)>> ConfirmAsync(Reach reach, IReadOnlyList<ConfirmedPage> pages, Actor by, CancellationToken stop = default) =>
        store.WriteAsync<IReadOnlySet<(long, string, string)>>(
            async transaction =>
            {
                await SqlTargets.TakeTurnAsync(transaction);
                string rows = JsonSerializer.Serialize(pages.Select(p => new object[] { p.Query, p.Site.Value, p.Path, p.Weight }));
                var made = (await transaction.Connection!.QueryAsync<LinkRow>(
                    $"""
                    INSERT INTO target_pages (target_id, site, pattern, weight, source)
                    SELECT t.id, w.site, w.path, w.weight, 'suggested' FROM ({Wish}, CAST(value ->> 3 AS double precision) AS weight FROM {store.Dialect.Elements("@rows")}) w CROSS JOIN targets t
                    WHERE t.query_id = w.query AND {_inReach} ON CONFLICT (target_id, site, pattern) DO NOTHING RETURNING target_id AS Target, site AS Site, pattern AS Path
                    """, new { rows, tenant = reach.Tenant, sites = reach.SitesJson }, transaction)).AsList();
                await ForgetAsync(transaction, reach, rows);
                if (made.Count == 0)
                    return new HashSet<(long, string, string)>();
                await ChangedAsync(transaction, reach, made.Select(m => m.Target));
                await NoteAsync(transaction, reach, by, AuditActions.SuggestionConfirm, pages.Select(p => (p.Query, p.Site, p.Path)).ToList());
                var queries = (await transaction.Connection!.QueryAsync<(long Id, long Query)>(
                    $"SELECT id, query_id FROM targets WHERE id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")})", new { ids = JsonLists.Of(made.Select(m => m.Target)) }, transaction))
                    .ToDictionary(t => t.Id, t => t.Query);
                return made.Select(m => (queries[m.Target], m.Site, m.Path)).ToHashSet();
            },
            stop);

    /// <summary>Refuses pages for queries: they are suggested no more.</summary>
    public Task<int> RejectAsync(Reach reach, IReadOnlyList<PageOfQuery> pages, Actor by, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            int rejected = await transaction.Connection!.ExecuteAsync(
                $"""
                INSERT INTO rejected_pages (query_id, site, path, rejected_ms)
                SELECT DISTINCT w.query, w.site, w.path, @nowMs FROM ({Wish} FROM {store.Dialect.Elements("@rows")}) w CROSS JOIN targets t
                WHERE t.query_id = w.query AND {_inReach} ON CONFLICT (query_id, site, path) DO NOTHING
                """, new { rows = Rows(pages), tenant = reach.Tenant, sites = reach.SitesJson, nowMs = time.NowMs() }, transaction);
            if (rejected > 0)
                await NoteAsync(transaction, reach, by, AuditActions.SuggestionReject, pages.Select(p => (p.Query, p.Site, p.Path)).ToList());
            return rejected;
        },
        stop);

    /// <summary>Takes back what was said of pages: they are suggested again. A link that somebody wrote stays.</summary>
    /// <returns>How many refusals and how many links are gone.</returns>
    public Task<(int Rejections, int Links)> UndoAsync(Reach reach, IReadOnlyList<PageOfQuery> pages, Actor by, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            await SqlTargets.TakeTurnAsync(transaction);
            string rows = Rows(pages);
            var unlinked = (await transaction.Connection!.QueryAsync<long>(
                $"""
                DELETE FROM target_pages WHERE source = 'suggested' AND (target_id, site, pattern) IN (
                    SELECT t.id, w.site, w.path FROM ({Wish} FROM {store.Dialect.Elements("@rows")}) w CROSS JOIN targets t WHERE t.query_id = w.query AND {_inReach})
                RETURNING target_id
                """, new { rows, tenant = reach.Tenant, sites = reach.SitesJson }, transaction)).AsList();
            int rejections = await ForgetAsync(transaction, reach, rows);
            if (unlinked.Count > 0)
                await ChangedAsync(transaction, reach, unlinked);
            if (unlinked.Count + rejections > 0)
                await NoteAsync(transaction, reach, by, AuditActions.SuggestionUndo, pages.Select(p => (p.Query, p.Site, p.Path)).ToList());
            return (rejections, unlinked.Count);
        },
        stop);

    /// <summary>Refused pages within reach, by query.</summary>
    public async Task<IReadOnlyList<RejectedPage>> RejectedAsync(Reach reach, PageOfQuery? after, int limit, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<RejectedRow>(
            $"""
            SELECT r.query_id AS QueryId, b.name AS Brand, q.text AS Query, r.site AS Site, r.path AS Path, r.rejected_ms AS RejectedMs
            FROM rejected_pages r JOIN brand_queries q ON q.id = r.query_id JOIN brands b ON b.id = q.brand_id
            WHERE b.tenant = @tenant AND (r.query_id, r.site, r.path) > (@query, @site, @path)
              AND EXISTS (SELECT 1 FROM targets t WHERE t.query_id = r.query_id AND {_inReach})
              AND (@sites IS NULL OR r.site IN (SELECT value FROM {store.Dialect.Values("@sites")}))
            ORDER BY r.query_id, r.site, r.path LIMIT @limit
            """,
            new { tenant = reach.Tenant, sites = reach.SitesJson, query = after?.Query ?? 0, site = after?.Site.Value ?? "", path = after?.Path ?? "", limit });
        return [.. rows.Select(r => new RejectedPage(r.QueryId, r.Brand, r.Query, SiteId.Parse(r.Site), r.Path, UnixMs.Time(r.RejectedMs)))];
    }

    private const string Wish = "SELECT CAST(value ->> 0 AS bigint) AS query, value ->> 1 AS site, value ->> 2 AS path";

    private Task<int> ForgetAsync(DbTransaction transaction, Reach reach, string rows) => transaction.Connection!.ExecuteAsync(
        $"""
        DELETE FROM rejected_pages WHERE (query_id, site, path) IN (
            SELECT w.query, w.site, w.path FROM ({Wish} FROM {store.Dialect.Elements("@rows")}) w CROSS JOIN targets t WHERE t.query_id = w.query AND {_inReach})
        """, new { rows, tenant = reach.Tenant, sites = reach.SitesJson }, transaction);

    // Readers that keep targets in memory are told which have other links.
    private async Task ChangedAsync(DbTransaction transaction, Reach reach, IEnumerable<long> targets)
    {
        await TargetChanges.LinkedAsync(transaction, store.Dialect, reach.Tenant, targets.Distinct());
        await SqlTargets.RaiseVersionAsync(transaction);
    }

    private async Task<IReadOnlyList<SuggestedQuery>> ReadAsync(DbConnection connection, DbTransaction snapshot, Reach reach, IReadOnlyCollection<long> queries)
    {
        if (queries.Count == 0)
            return [];
        string among = $"IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")})";
        var parameters = new { ids = JsonLists.Of(queries), tenant = reach.Tenant, sites = reach.SitesJson };
        var targets = (await connection.QueryAsync<(long Query, long Id)>(
            $"SELECT t.query_id, t.id FROM targets t WHERE t.query_id {among} AND {_inReach} ORDER BY t.id", parameters, snapshot)).ToLookup(t => t.Query, t => t.Id);
        var texts = await connection.QueryAsync<QueryRow>(
            $"SELECT q.id AS Id, b.id AS BrandId, b.name AS Brand, q.text AS Text FROM brand_queries q JOIN brands b ON b.id = q.brand_id WHERE q.id {among}", parameters, snapshot);
        var links = (await connection.QueryAsync<LinkRow>(
            $"SELECT target_id AS Target, site AS Site, pattern AS Path FROM target_links WHERE target_id {among}",
            new { ids = JsonLists.Of(targets.SelectMany(t => t)) }, snapshot)).ToLookup(l => l.Target, l => new PageLinkOf(l.Target, SiteId.Parse(l.Site), l.Path));
        var rejected = (await connection.QueryAsync<LinkRow>(
            $"SELECT query_id AS Target, site AS Site, path AS Path FROM rejected_pages WHERE query_id {among}", parameters, snapshot))
            .ToLookup(r => r.Target, r => new PagePatternOfSite(SiteId.Parse(r.Site), r.Path));
        return
        [
            .. from row in texts
               let own = targets[row.Id].ToList()
               where own.Count > 0
               select new SuggestedQuery(row.Id, row.Brand, row.BrandId, row.Text, own, [.. own.SelectMany(t => links[t])], [.. rejected[row.Id]])
        ];
    }

    private static string Rows(IEnumerable<PageOfQuery> pages) => JsonSerializer.Serialize(pages.Select(p => new object[] { p.Query, p.Site.Value, p.Path }));

    private Task<int> NoteAsync(DbTransaction transaction, Reach reach, Actor by, string action, List<(long Query, SiteId Site, string Path)> pages) => SqlAuditLog.NoteAsync(
        transaction, reach.Tenant, by,
        new AuditNote(action, pages[0].Query.ToString(System.Globalization.CultureInfo.InvariantCulture), $"{pages.Count} pages: {string.Join("; ", pages.Take(20).Select(p => $"{p.Query} {p.Site} {p.Path}"))}"),
        time.NowMs());

    private sealed record LinkRow
    {
        public long Target { get; init; }
        public string Site { get; init; } = "";
        public string Path { get; init; } = "";
    }

    private sealed record QueryRow
    {
        public long Id { get; init; }
        public long BrandId { get; init; }
        public string Brand { get; init; } = "";
        public string Text { get; init; } = "";
    }

    private sealed record RejectedRow
    {
        public long QueryId { get; init; }
        public string Brand { get; init; } = "";
        public string Query { get; init; } = "";
        public string Site { get; init; } = "";
        public string Path { get; init; } = "";
        public long RejectedMs { get; init; }
    }
}
