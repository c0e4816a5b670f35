using System.Data.Common;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Detection;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Triggers;

/// <summary>Events in a control store.</summary>
public sealed class SqlEvents(IControlStore store, ITargets targets, StoreClock clock) : IEvents
{
    // Most are about some targets; one that is about an engine may be about all of them, and others wait for the transaction.
    private const int BatchSize = 20;

    // A statement of about a megabyte.
    private const int LinkedAtOnce = 20_000;

    private readonly string _inReach = Reach.TargetSql(store.Dialect);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EventAnswer>> RecordAsync(Reach reach, IReadOnlyList<NewEvent> events, CancellationToken stop = default)
    {
        var index = await targets.IndexAsync(stop);
        var answers = new List<EventAnswer>(events.Count);
        foreach (var some in events.Chunk(BatchSize))
        {
            answers.AddRange(await store.WriteAsync(
                async transaction =>
                {
                    await SqlTriggers.TakeTurnAsync(transaction);
                    long nowMs = await clock.NowMsAsync(transaction);
                    var answered = new List<EventAnswer>();
                    foreach (var one in some)
                        answered.Add(await RecordAsync(transaction, reach, one, index, nowMs));
                    return answered;
                },
                stop));
        }
        return answers;
    }

    private async Task<EventAnswer> RecordAsync(DbTransaction transaction, Reach reach, NewEvent one, TargetIndex index, long nowMs)
    {
        if (await FindAsync(transaction, reach.Tenant, one.Key) is { } known)
            return known;
        if (await UnknownAsync(transaction, reach, one.Aim) is { } error)
            return new EventAnswer(EventOutcome.Refused, 0, [], error);
        long id = await transaction.Connection!.QuerySingleAsync<long>(
            """
            INSERT INTO events (tenant, event_key, kind, strength, at_ms, aim, note, recorded_ms)
            VALUES (@tenant, @key, @kind, @strength, @atMs, @aim, @note, @nowMs) RETURNING id
            """,
            new
            {
                tenant = reach.Tenant,
                key = one.Key,
                kind = one.Kind.Name(),
                strength = one.Strength.Name(),
                atMs = one.At.ToUnixTimeMilliseconds(),
                aim = JsonSerializer.Serialize(one.Aim),
                note = one.Note,
                nowMs,
            },
            transaction);
        var found = await AimedAtAsync(transaction, reach, one.Aim, index);
        var triggers = new List<long>();
        foreach (var engine in found.GroupBy(f => f.Engine, StringComparer.Ordinal))
        {
            long trigger = await AddAsync(transaction, reach.Tenant, one, id, engine.Key, nowMs);
            triggers.Add(trigger);
            foreach (var links in engine.Select(f => new TargetMatch(f.Target, f.Weight * one.Strength.Weight())).Chunk(LinkedAtOnce))
                await SqlTriggers.LinkAsync(transaction, store.Dialect, trigger, one.Kind.Class(), links);
        }
        // Nothing is lost: who follows triggers sees it, and that nothing was about it.
        if (triggers.Count == 0)
            triggers.Add(await AddAsync(transaction, reach.Tenant, one, id, one.Aim.Engine ?? "", nowMs));
        return new EventAnswer(EventOutcome.Recorded, found.Count, triggers);
    }

    private static async Task<EventAnswer?> FindAsync(DbTransaction transaction, string tenant, string key)
    {
        var connection = transaction.Connection!;
        if (await connection.QuerySingleOrDefaultAsync<long?>("SELECT id FROM events WHERE tenant = @tenant AND event_key = @key", new { tenant, key }, transaction) is not { } id)
            return null;
        var triggers = await connection.QueryAsync<long>("SELECT id FROM triggers WHERE event_id = @id ORDER BY id", new { id }, transaction);
        long linked = await connection.QuerySingleAsync<long>(
            "SELECT count(*) FROM trigger_targets WHERE trigger_id IN (SELECT id FROM triggers WHERE event_id = @id)", new { id }, transaction);
        return new EventAnswer(EventOutcome.Duplicate, linked, [.. triggers]);
    }

    /// <summary>What of an aim the tenant does not have; null when it has all.</summary>
    private static async Task<FieldError?> UnknownAsync(DbTransaction transaction, Reach reach, EventAim aim)
    {
        var parameters = new { tenant = reach.Tenant, brand = aim.Brand, query = aim.Query, topic = aim.Topic, site = aim.Site };
        if (aim.Brand is not null && await IsMissingAsync("SELECT count(*) FROM brands WHERE tenant = @tenant AND name = @brand"))
            return new FieldError("aim.brand", $"No brand is called '{Head(aim.Brand)}'. GET /v1/brands lists them.");
        if (aim.Query is not null && await IsMissingAsync(
                "SELECT count(*) FROM brand_queries q JOIN brands b ON b.id = q.brand_id WHERE b.tenant = @tenant AND q.text = @query AND (@brand IS NULL OR b.name = @brand)"))
            return new FieldError("aim.query", $"No query has the text '{Head(aim.Query)}'. Write it as GET /v1/targets does.");
        if (aim.Topic is not null && await IsMissingAsync("SELECT count(*) FROM topics WHERE tenant = @tenant AND name = @topic"))
            return new FieldError("aim.topic", $"No topic is called '{Head(aim.Topic)}'. GET /v1/topics lists them.");
        if (aim.Site is not null && (await IsMissingAsync("SELECT count(*) FROM sites WHERE tenant = @tenant AND id = @site") || reach.Sites?.All(s => s.Value != aim.Site) == true))
            return new FieldError("aim.site", $"'{Head(aim.Site)}' is not a site of yours. GET /v1/sites lists them.");
        return null;

        async Task<bool> IsMissingAsync(string sql) => await transaction.Connection!.QuerySingleAsync<long>(sql, parameters, transaction) == 0;
    }

    private async Task<List<Found>> AimedAtAsync(DbTransaction transaction, Reach reach, EventAim aim, TargetIndex index)
    {
        Dictionary<long, double>? ofPage = aim.Path is null ? null : index.Find(SiteId.Parse(aim.Site!), aim.Path).ToDictionary(m => m.Target, m => m.Weight);
        // Only what is asked for is joined and compared, so that each form is answered from its own index.
        var where = new List<string> { _inReach };
        if (aim.Brand is not null)
            where.Add("b.name = @brand AND b.tenant = @tenant");
        if (aim.Query is not null)
            where.Add("q.text = @query");
        if (aim.Engine is not null)
            where.Add("t.engine = @engine");
        if (aim.Topic is not null)
            where.Add("t.query_id IN (SELECT qt.query_id FROM query_topics qt JOIN topics o ON o.id = qt.topic_id WHERE o.tenant = @tenant AND o.name = @topic)");
        if (ofPage is not null)
            where.Add($"t.id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@pages")})");
        var rows = await transaction.Connection!.QueryAsync<TargetRow>(
            $"""
            SELECT t.id AS Target, t.engine AS Engine
            FROM targets t JOIN brand_queries q ON q.id = t.query_id JOIN brands b ON b.id = q.brand_id
            WHERE {string.Join(" AND ", where)} ORDER BY t.id
            """,
            new
            {
                tenant = reach.Tenant,
                sites = reach.SitesJson,
                brand = aim.Brand,
                query = aim.Query,
                engine = aim.Engine,
                topic = aim.Topic,
                pages = ofPage is null ? null : JsonLists.Of(ofPage.Keys),
            },
            transaction);
        return [.. rows.Select(r => new Found(r.Target, r.Engine, ofPage is null ? 1 : ofPage[r.Target]))];
    }

    private static Task<long> AddAsync(DbTransaction transaction, string tenant, NewEvent one, long id, string engine, long nowMs) =>
        transaction.Connection!.QuerySingleAsync<long>(
            """
            INSERT INTO triggers (tenant, kind, class, event_id, site, at_ms, hit_id, path, crawler, identity, engine, weight, delay_ms, recorded_ms)
            VALUES (@tenant, @kind, @of, @id, @site, @atMs, @hitId, @path, '', '', @engine, @weight, 0, @nowMs) RETURNING id
            """,
            new
            {
                tenant,
                kind = one.Kind.Name(),
                of = one.Kind.Class().Name(),
                id,
                site = one.Aim.Site ?? "",
                atMs = one.At.ToUnixTimeMilliseconds(),
                // Where a crawl has its hit: no event has another's, and no hit has a small negative one.
                hitId = -id,
                path = one.Aim.Path ?? "",
                engine,
                weight = one.Strength.Weight(),
                nowMs,
            },
            transaction);

    private static string Head(string text) => text.Length <= 60 ? text : $"{text[..60]}…";

    private sealed record TargetRow(long Target, string Engine);

    private readonly record struct Found(long Target, string Engine, double Weight);
}
