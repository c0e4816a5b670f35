using System.Data.Common;
using System.Text.Json;
using Dapper;
using Weir.Control;

namespace Weir.Scheduling.Targets;

/// <summary>Makes and links many targets by a few statements, each over all rows as one JSON list: a statement a row costs ten times as much.</summary>
/// <remarks>What is there already is read first and not written again: a file that is imported every night changes little. CROSS JOIN keeps SQLite to the order written: left to itself it may read the list once for each row of a table.</remarks>
internal static class TargetUpsert
{
    private const string Wish = "SELECT value ->> 0 AS brand, value ->> 1 AS query, value ->> 2 AS engine, CAST(value ->> 3 AS bigint) AS place FROM";

    // Each by its unique key, one after the other: joined, PostgreSQL would try every wish with every target of a table that it has not counted yet.
    private const string QueryOf =
        "(SELECT q.id FROM brand_queries q WHERE q.brand_id = (SELECT b.id FROM brands b WHERE b.tenant = @tenant AND b.name = w.brand) AND q.text = w.query)";

    /// <summary>Makes targets that are not there, and links pages and topics to those that are. The caller holds the turn of writers.</summary>
    /// <returns>One answer a wish, in order.</returns>
    public static async Task<IReadOnlyList<UpsertedTarget>> RunAsync(
        DbTransaction transaction, SqlDialect dialect, string tenant, IReadOnlyList<NewTarget> wishes, long nowMs)
    {
        if (wishes.Count == 0)
            return [];
        var keys = wishes.Select(w => (w.Brand, w.Query, w.Engine)).Distinct().ToList();
        var call = new Call(transaction, dialect.Elements("@rows"), tenant, nowMs);
        var ids = await IdsAsync(call, keys);
        var made = new HashSet<long>();
        if (keys.FindAll(key => !ids.ContainsKey(key)) is { Count: > 0 } missing)
        {
            made = await MakeAsync(call, missing);
            foreach (var (key, id) in await IdsAsync(call, missing))
                ids[key] = id;
        }
        var (linked, others) = await LinkAsync(call, wishes, ids, made);
        if (linked.Concat(others).Where(id => !made.Contains(id)).Distinct().ToList() is { Count: > 0 } changed)
            await TargetChanges.LinkedAsync(transaction, dialect, tenant, changed);
        var answers = new List<UpsertedTarget>(wishes.Count);
        foreach (var wish in wishes)
        {
            long id = ids[(wish.Brand, wish.Query, wish.Engine)];
            // The first wish for a target makes it, and another one in the same list finds it.
            answers.Add(new UpsertedTarget(id, made.Remove(id) ? TargetChange.Created : linked.Contains(id) ? TargetChange.Linked : TargetChange.None));
            if (answers[^1].Change == TargetChange.Created)
                linked.Remove(id);
        }
        return answers;
    }

    private static async Task<HashSet<long>> MakeAsync(Call call, List<(string Brand, string Query, string Engine)> keys)
    {
        string rows = Rows(keys);
        await call.ExecuteAsync(
            $"INSERT INTO brands (tenant, name) SELECT DISTINCT @tenant, w.brand FROM ({Wish} {call.Elements}) w WHERE true ON CONFLICT (tenant, name) DO NOTHING", rows);
        await call.ExecuteAsync(
            $"""
            INSERT INTO brand_queries (brand_id, text)
            SELECT DISTINCT b.id, w.query FROM ({Wish} {call.Elements}) w CROSS JOIN brands b
            WHERE b.tenant = @tenant AND b.name = w.brand ON CONFLICT (brand_id, text) DO NOTHING
            """, rows);
        return (await call.QueryAsync<long>(
            $"""
            INSERT INTO targets (tenant, query_id, engine, created_ms)
            SELECT @tenant, {QueryOf}, w.engine, @nowMs
            FROM ({Wish} {call.Elements}) w WHERE true ORDER BY w.place ON CONFLICT (query_id, engine) DO NOTHING RETURNING id
            """, rows)).ToHashSet();
    }

    private static async Task<Dictionary<(string, string, string), long>> IdsAsync(Call call, List<(string Brand, string Query, string Engine)> keys)
    {
        string rows = Rows(keys);
        var found = await call.QueryAsync<IdRow>(
            $"""
            SELECT w.place AS Place, (SELECT t.id FROM targets t WHERE t.query_id = {QueryOf} AND t.engine = w.engine) AS Id FROM ({Wish} {call.Elements}) w
            """, rows);
        return found.Where(f => f.Id is not null).ToDictionary(f => keys[(int)f.Place], f => f.Id!.Value);
    }

    /// <summary>Returns the wished targets that got a new page, weight or topic, and those that got a topic since their query has it on another engine too.</summary>
    private static async Task<(HashSet<long> Linked, IEnumerable<long> Others)> LinkAsync(
        Call call, IReadOnlyList<NewTarget> wishes, Dictionary<(string, string, string), long> ids, HashSet<long> made)
    {
        var pages = new Dictionary<(long, string, string), double>();
        var topics = new HashSet<(long, string)>();
        foreach (var wish in wishes)
        {
            long id = ids[(wish.Brand, wish.Query, wish.Engine)];
            foreach (var page in wish.Pages)
                pages[(id, page.Site.Value, page.Pattern)] = page.Weight;
            foreach (string topic in wish.Topics ?? [])
                topics.Add((id, topic));
        }
        if (ids.Values.Where(id => !made.Contains(id)).ToList() is { Count: > 0 } old)
            await LeaveOutAsync(call, JsonSerializer.Serialize(old), pages, topics);
        var linked = new HashSet<long>();
        if (pages.Count > 0)
        {
            linked.UnionWith(await call.QueryAsync<long>(
                $"""
                INSERT INTO target_pages (target_id, site, pattern, weight)
                SELECT CAST(value ->> 0 AS bigint), value ->> 1, value ->> 2, CAST(value ->> 3 AS double precision) FROM {call.Elements}
                WHERE true ON CONFLICT (target_id, site, pattern) DO UPDATE SET weight = excluded.weight, source = excluded.source WHERE target_pages.weight <> excluded.weight
                RETURNING target_id
                """, Json(pages.Select(p => new object[] { p.Key.Item1, p.Key.Item2, p.Key.Item3, p.Value }))));
        }
        if (topics.Count == 0)
            return (linked, []);
        var ofTopics = await TopicsAsync(call, topics);
        linked.UnionWith(ofTopics.Intersect(topics.Select(t => t.Item1)));
        return (linked, ofTopics);
    }

    /// <summary>Takes out what these targets have already.</summary>
    private static async Task LeaveOutAsync(Call call, string targets, Dictionary<(long, string, string), double> pages, HashSet<(long, string)> topics)
    {
        const string Wanted = "(SELECT CAST(CAST(value AS text) AS bigint) AS id FROM";
        if (pages.Count > 0)
        {
            foreach (var page in await call.QueryAsync<PageRow>(
                $"SELECT p.target_id AS Target, p.site AS Site, p.pattern AS Pattern, p.weight AS Weight FROM {Wanted} {call.Elements}) w CROSS JOIN target_pages p WHERE p.target_id = w.id", targets))
            {
                if (pages.GetValueOrDefault((page.Target, page.Site, page.Pattern)) == page.Weight)
                    pages.Remove((page.Target, page.Site, page.Pattern));
            }
        }
        if (topics.Count > 0)
        {
            topics.ExceptWith((await call.QueryAsync<TopicRow>(
                $"""
                SELECT t.id AS Target, o.name AS Topic FROM {Wanted} {call.Elements}) w CROSS JOIN targets t CROSS JOIN query_topics q CROSS JOIN topics o
                WHERE t.id = w.id AND q.query_id = t.query_id AND o.id = q.topic_id
                """,
                targets)).Select(t => (t.Target, t.Topic)));
        }
    }

    /// <summary>Returns every target whose query got a topic.</summary>
    private static async Task<IReadOnlyList<long>> TopicsAsync(Call call, HashSet<(long Target, string Topic)> topics)
    {
        string rows = Json(topics.Select(t => new object[] { t.Target, t.Topic }));
        await call.ExecuteAsync(
            $"INSERT INTO topics (tenant, name) SELECT DISTINCT @tenant, value ->> 1 FROM {call.Elements} WHERE true ON CONFLICT (tenant, name) DO NOTHING", rows);
        var queries = (await call.QueryAsync<long>(
            $"""
            INSERT INTO query_topics (query_id, topic_id)
            SELECT DISTINCT t.query_id, o.id
            FROM (SELECT CAST(value ->> 0 AS bigint) AS target, value ->> 1 AS topic FROM {call.Elements}) w
            CROSS JOIN targets t CROSS JOIN topics o
            WHERE t.id = w.target AND o.tenant = @tenant AND o.name = w.topic ON CONFLICT (query_id, topic_id) DO NOTHING RETURNING query_id
            """, rows)).ToHashSet();
        if (queries.Count == 0)
            return [];
        return (await call.QueryAsync<long>(
            $"SELECT t.id FROM (SELECT CAST(value ->> 0 AS bigint) AS query FROM {call.Elements}) w CROSS JOIN targets t WHERE t.query_id = w.query",
            Json(queries.Select(q => new object[] { q })))).AsList();
    }

    private static string Rows(List<(string Brand, string Query, string Engine)> keys) => Json(keys.Select((k, i) => new object[] { k.Brand, k.Query, k.Engine, i }));

    private static string Json(IEnumerable<object[]> rows) => JsonSerializer.Serialize(rows);

    private sealed record TopicRow(long Target, string Topic);

    private sealed record PageRow
    {
        public long Target { get; init; }
        public string Site { get; init; } = "";
        public string Pattern { get; init; } = "";
        public double Weight { get; init; }
    }

    private sealed record IdRow
    {
        public long Place { get; init; }
        public long? Id { get; init; }
    }

    private readonly record struct Call(DbTransaction Transaction, string Elements, string Tenant, long NowMs)
    {
        public Task<int> ExecuteAsync(string sql, string rows) =>
            Transaction.Connection!.ExecuteAsync(sql, new { rows, tenant = Tenant, nowMs = NowMs }, Transaction);

        public Task<IEnumerable<T>> QueryAsync<T>(string sql, string rows) =>
            Transaction.Connection!.QueryAsync<T>(sql, new { rows, tenant = Tenant, nowMs = NowMs }, Transaction);
    }
}
