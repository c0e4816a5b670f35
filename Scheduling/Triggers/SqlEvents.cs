using System.Data.Common;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Detection;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Triggers;

/// <summary>Events in a control store.</summary>
/// <remarks>An event that is about many targets is linked to them in pieces, each a transaction with triggers of its own: who follows triggers by their numbers has met a trigger with all
/// of its targets. How far that has come stands in the event's row, so that another program goes on where one was killed, and nothing is linked twice.</remarks>
public sealed class SqlEvents(IControlStore store, ITargets targets, StoreClock clock) : IEvents
{
    // Events of one transaction: others wait for it.
    private const int BatchSize = 20;

    // More events than any store will have, and 2 billion triggers of each.
    private const int PieceBits = 32;

    // Half a million targets on a busy machine.
    private const int TimeoutSeconds = 60;

    // Whoever took the event goes on with it meanwhile.
    private static readonly TimeSpan LeftAfter = TimeSpan.FromSeconds(10);

    private readonly string _ofTenant = Reach.TargetSql(store.Dialect), _ofBrand = $"t.query_id = q.id AND q.brand_id = b.id AND b.tenant = @tenant AND b.name = @brand AND {Reach.SitesSql(store.Dialect)}";

    /// <summary>Targets that are linked in one transaction: a tenth of a second.</summary>
    internal int PieceSize { get; init; } = 5_000;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EventAnswer>> RecordAsync(Reach reach, IReadOnlyList<NewEvent> events, CancellationToken stop = default)
    {
        var index = await targets.IndexAsync(stop);
        var answers = new List<EventAnswer>(events.Count);
        foreach (var some in events.Chunk(BatchSize))
        {
            var aimed = new List<List<Found>>();
            foreach (var one in some)
                aimed.Add(await AimedAtAsync(reach, one.Aim, index, 0, stop));
            var answered = await store.WriteAsync(
                async transaction =>
                {
                    await SqlTriggers.TakeTurnAsync(transaction);
                    long nowMs = await clock.NowMsAsync(transaction);
                    var recorded = new List<(long Id, EventAnswer Answer)>();
                    for (int i = 0; i < some.Length; i++)
                        recorded.Add(await RecordAsync(transaction, reach, some[i], aimed[i], nowMs));
                    return recorded;
                },
                stop);
            for (int i = 0; i < some.Length; i++)
            {
                var (id, answer) = answered[i];
                if (answer.Outcome == EventOutcome.Recorded && aimed[i].Count > PieceSize)
                    answer = answer with { Triggers = [.. answer.Triggers, .. await ContinueAsync(id, aimed[i], stop)] };
                answers.Add(answer);
            }
        }
        return answers;
    }

    /// <summary>Goes on with events that a program has left before they were linked to all their targets.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ContinueAsync(CancellationToken stop)
    {
        long untilMs = (await clock.NowAsync(stop) - LeftAfter).ToUnixTimeMilliseconds();
        List<OpenRow> open;
        await using (var connection = await store.ReadAsync(stop))
        {
            open = (await connection.QueryAsync<OpenRow>(
                "SELECT id AS Id, tenant AS Tenant, sites AS Sites, aim AS Aim, linked_to AS LinkedTo FROM events WHERE linked_to IS NOT NULL AND recorded_ms <= @untilMs ORDER BY id",
                new { untilMs })).AsList();
        }
        foreach (var left in open)
        {
            var index = await targets.IndexAsync(stop);
            var reach = new Reach(left.Tenant, left.Sites is null ? null : [.. JsonSerializer.Deserialize<string[]>(left.Sites)!.Select(SiteId.Parse)]);
            await ContinueAsync(left.Id, await AimedAtAsync(reach, JsonSerializer.Deserialize<EventAim>(left.Aim)!, index, left.LinkedTo, stop), stop);
        }
        return open.Count;
    }

    private async Task<(long Id, EventAnswer Answer)> RecordAsync(DbTransaction transaction, Reach reach, NewEvent one, List<Found> aimed, long nowMs)
    {
        if (await FindAsync(transaction, reach.Tenant, one.Key) is { } known)
            return (0, known);
        if (await UnknownAsync(transaction, reach, one.Aim) is { } error)
            return (0, new EventAnswer(EventOutcome.Refused, 0, [], error));
        var piece = aimed.Take(PieceSize).ToList();
        long id = await transaction.Connection!.QuerySingleAsync<long>(
            """
            INSERT INTO events (tenant, event_key, kind, strength, at_ms, aim, note, sites, linked_to, recorded_ms)
            VALUES (@tenant, @key, @kind, @strength, @atMs, @aim, @note, @sites, @linkedTo, @nowMs) RETURNING id
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
                sites = reach.SitesJson,
                linkedTo = piece.Count < aimed.Count ? piece[^1].Target : (long?)null,
                nowMs,
            },
            transaction);
        var stored = new StoredEvent(id, reach.Tenant, one.Kind, one.Strength, one.At.ToUnixTimeMilliseconds(), one.Aim);
        var triggers = await LinkAsync(transaction, stored, piece, nowMs);
        // Nothing is lost: who follows triggers sees it, and that nothing was about it.
        if (triggers.Count == 0)
            triggers.Add(await AddAsync(transaction, stored, one.Aim.Engine ?? "", 0, nowMs));
        return (id, new EventAnswer(EventOutcome.Recorded, aimed.Count, triggers));
    }

    // Piece by piece behind those that are linked, whoever linked them.
    private async Task<List<long>> ContinueAsync(long id, List<Found> aimed, CancellationToken stop)
    {
        var triggers = new List<long>();
        while (await store.WriteAsync(
            async transaction =>
            {
                await SqlTriggers.TakeTurnAsync(transaction);
                var connection = transaction.Connection!;
                if (await connection.QuerySingleOrDefaultAsync<EventRow>(
                        "SELECT tenant AS Tenant, kind AS Kind, strength AS Strength, at_ms AS AtMs, aim AS Aim, linked_to AS LinkedTo FROM events WHERE id = @id AND linked_to IS NOT NULL",
                        new { id }, transaction) is not { } row)
                    return false;
                var left = aimed.SkipWhile(f => f.Target <= row.LinkedTo).Take(PieceSize + 1).ToList();
                var piece = left.Take(PieceSize).ToList();
                triggers.AddRange(await LinkAsync(transaction, row.ToEvent(id), piece, await clock.NowMsAsync(transaction)));
                await connection.ExecuteAsync(
                    "UPDATE events SET linked_to = @linkedTo WHERE id = @id", new { id, linkedTo = left.Count > PieceSize ? piece[^1].Target : (long?)null }, transaction);
                return left.Count > PieceSize;
            },
            stop))
        {
        }
        return triggers;
    }

    // A trigger for each engine.
    private async Task<List<long>> LinkAsync(DbTransaction transaction, StoredEvent of, List<Found> piece, long nowMs)
    {
        long before = await transaction.Connection!.QuerySingleAsync<long>("SELECT count(*) FROM triggers WHERE event_id = @Id", new { of.Id }, transaction);
        var triggers = new List<long>();
        foreach (var engine in piece.GroupBy(f => f.Engine, StringComparer.Ordinal))
        {
            long trigger = await AddAsync(transaction, of, engine.Key, before, nowMs);
            triggers.Add(trigger);
            await SqlTriggers.LinkAsync(transaction, store.Dialect, trigger, of.Kind.Class(), engine.Select(f => new TargetMatch(f.Target, f.Weight * of.Strength.Weight())));
        }
        return triggers;
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

    /// <summary>Targets behind a number, in the order of their numbers.</summary>
    private async Task<List<Found>> AimedAtAsync(Reach reach, EventAim aim, TargetIndex index, long after, CancellationToken stop)
    {
        if (aim.Site is not null && !SiteId.TryParse(aim.Site, null, out _))
            return [];
        Dictionary<long, double>? ofPage = aim.Path is null ? null : index.Find(SiteId.Parse(aim.Site!), aim.Path).ToDictionary(m => m.Target, m => m.Weight);
        // Only what is asked for is joined and compared, so that each form is answered from its own index.
        var (from, where) = aim.Brand is null
            ? ("targets t JOIN brand_queries q ON q.id = t.query_id", new List<string> { _ofTenant, "t.id > @after" })
            : ("brands b CROSS JOIN brand_queries q CROSS JOIN targets t", [_ofBrand, "t.id > @after"]);
        if (aim.Query is not null)
            where.Add("q.text = @query");
        if (aim.Engine is not null)
            where.Add("t.engine = @engine");
        if (aim.Topic is not null)
            where.Add("t.query_id IN (SELECT qt.query_id FROM query_topics qt JOIN topics o ON o.id = qt.topic_id WHERE o.tenant = @tenant AND o.name = @topic)");
        if (ofPage is not null)
            where.Add($"t.id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@pages")})");
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<TargetRow>(
            $"""
            SELECT t.id AS Target, t.engine AS Engine
            FROM {from}
            WHERE {string.Join(" AND ", where)} ORDER BY t.id
            """,
            new
            {
                tenant = reach.Tenant,
                sites = reach.SitesJson,
                after,
                brand = aim.Brand,
                query = aim.Query,
                engine = aim.Engine,
                topic = aim.Topic,
                pages = ofPage is null ? null : JsonLists.Of(ofPage.Keys),
            },
            commandTimeout: TimeoutSeconds);
        return [.. rows.Select(r => new Found(r.Target, r.Engine, ofPage is null ? 1 : ofPage[r.Target]))];
    }

    /// <param name="transaction">Of the caller.</param>
    /// <param name="of">The event.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="before">Triggers that the event has already.</param>
    /// <param name="nowMs">The time.</param>
    private static Task<long> AddAsync(DbTransaction transaction, StoredEvent of, string engine, long before, long nowMs) =>
        transaction.Connection!.QuerySingleAsync<long>(
            """
            INSERT INTO triggers (tenant, kind, class, event_id, site, at_ms, hit_id, path, crawler, identity, engine, weight, delay_ms, recorded_ms)
            VALUES (@Tenant, @kind, @class, @Id, @site, @AtMs, @hitId, @path, '', '', @engine, @weight, 0, @nowMs) RETURNING id
            """,
            new
            {
                of.Tenant,
                kind = of.Kind.Name(),
                @class = of.Kind.Class().Name(),
                of.Id,
                site = of.Aim.Site ?? "",
                of.AtMs,
                // Where a crawl has its hit: no event and no piece has another's, and no hit has a small negative one.
                hitId = -of.Id - (before << PieceBits),
                path = of.Aim.Path ?? "",
                engine,
                weight = of.Strength.Weight(),
                nowMs,
            },
            transaction);

    private static string Head(string text) => text.Length <= 60 ? text : $"{text[..60]}…";

    private sealed record TargetRow(long Target, string Engine);

    private sealed record StoredEvent(long Id, string Tenant, EventKind Kind, EventStrength Strength, long AtMs, EventAim Aim);

    private sealed record EventRow
    {
        public string Tenant { get; init; } = "";
        public string Kind { get; init; } = "";
        public string Strength { get; init; } = "";
        public long AtMs { get; init; }
        public string Aim { get; init; } = "";
        public long LinkedTo { get; init; }

        public StoredEvent ToEvent(long id) => new(
            id, Tenant, EventKinds.Of(Kind), EventKinds.StrengthOf(Strength) ?? EventStrength.Medium, AtMs, JsonSerializer.Deserialize<EventAim>(Aim)!);
    }

    private sealed record OpenRow
    {
        public long Id { get; init; }
        public string Tenant { get; init; } = "";
        public string? Sites { get; init; }
        public string Aim { get; init; } = "";
        public long LinkedTo { get; init; }
    }

    private readonly record struct Found(long Target, string Engine, double Weight);
}
