using System.Data.Common;
using Dapper;
using Weir.Control;

namespace Weir.Scheduling.Targets;

/// <summary>Keeps a <see cref="TargetIndex"/> of a control store: reads what changed since the last look, and everything when that is less work. Safe from any thread.</summary>
internal sealed class TargetIndexReader(IControlStore store, TimeProvider time)
{
    // So many changed targets lie over the others before all are read again, or a fiftieth of them where that is more: each change costs as much as these.
    private const int ChangedMax = 2_000, ChangedShare = 50;

    // An index that took long to read whole is used for so many times as long: some ten seconds on a very large store.
    private const int BuildEvery = 10;
    private static readonly TimeSpan LongBuild = TimeSpan.FromMilliseconds(500);

    // The joins are the second lock on the door: a link to another tenant's site would show its crawls.
    private const string Links = """
        SELECT p.target_id AS Target, t.tenant AS Tenant, t.engine AS Engine, p.site AS Site, p.pattern AS Pattern, p.weight AS Weight
        FROM target_links p JOIN targets t ON t.id = p.target_id JOIN sites s ON s.id = p.site AND s.tenant = t.tenant
        """;

    private Known _known = new(new TargetIndex([], version: -1), default, 0, 0, TimeSpan.Zero);

    /// <summary>The index as of now; the same object while nothing has changed.</summary>
    public async Task<TargetIndex> ReadAsync(CancellationToken stop)
    {
        var known = Volatile.Read(ref _known);
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var place = await TargetChanges.PlaceAsync(connection, snapshot);
        if (place.Version == known.Index.Version)
            return known.Index;
        var now = known.Index.Version >= 0 ? await FollowAsync(connection, snapshot, known, place) : null;
        // An import of half a million targets changes them many times a second, and reading them all takes a second or two. Where it takes no time worth the
        // name, a target counts for what happens right after it was made.
        if (now is null && known.BuildTime > LongBuild && time.GetElapsedTime(known.BuiltAt) < known.BuildTime * BuildEvery)
            return known.Index;
        now ??= Build(connection, snapshot, place);
        Volatile.Write(ref _known, now);
        return now.Index;
    }

    private Known Build(DbConnection connection, DbTransaction snapshot, TargetPlace place)
    {
        long begin = time.GetTimestamp();
        var links = connection.Query<LinkRow>(Links, transaction: snapshot, buffered: false);
        var index = new TargetIndex(links.Select(l => l.ToLink()), place.Version);
        return new Known(index, place, place.Target, time.GetTimestamp(), time.GetElapsedTime(begin));
    }

    /// <summary>Null where all targets are to be read.</summary>
    private async Task<Known?> FollowAsync(DbConnection connection, DbTransaction snapshot, Known known, TargetPlace place)
    {
        long most = Math.Max(ChangedMax, known.Targets / ChangedShare);
        if (known.Place.Change < place.Forgotten || place.Target - known.Place.Target > most - known.Index.Changed)
            return null;
        var changes = await TargetChanges.ReadAsync(connection, snapshot, known.Place);
        if (changes.Exists(c => c.Kind == "unlinked"))
            return null;
        var changed = (await connection.QueryAsync<long>("SELECT id FROM targets WHERE id > @Target", new { known.Place.Target }, snapshot)).ToHashSet();
        changed.UnionWith(changes.Where(c => c.Kind is "linked" or "removed").Select(c => c.Subject));
        long[] topics = [.. changes.Where(c => c.Kind == "topic").Select(c => c.Subject).Distinct()];
        if (topics.Length > 0)
        {
            changed.UnionWith(await connection.QueryAsync<long>(
                $"""
                SELECT t.id FROM query_topics q JOIN targets t ON t.query_id = q.query_id
                WHERE q.topic_id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@topics")}) LIMIT @most
                """,
                new { topics = JsonLists.Of(topics), most = most + 1 }, snapshot));
        }
        if (changed.Count + known.Index.Changed > most)
            return null;
        return known with { Index = known.Index.With(await LinksOfAsync(connection, snapshot, changed), changed, place.Version), Place = place };
    }

    private async Task<List<TargetLink>> LinksOfAsync(DbConnection connection, DbTransaction snapshot, HashSet<long> targets)
    {
        // Both ways for themselves, so that each begins at the targets: through the view it might read all links.
        const string Wanted = "SELECT t.id, t.tenant, t.engine, p.site, p.pattern, p.weight";
        string wanted = $"(SELECT CAST(value AS bigint) AS id FROM {store.Dialect.Values("@ids")}) w CROSS JOIN targets t";
        var links = await connection.QueryAsync<LinkRow>(
            $"""
            SELECT l.id AS Target, l.tenant AS Tenant, l.engine AS Engine, l.site AS Site, l.pattern AS Pattern, l.weight AS Weight FROM
            (
                {Wanted} FROM {wanted} CROSS JOIN target_pages p WHERE t.id = w.id AND p.target_id = t.id
                UNION ALL
                {Wanted} FROM {wanted} CROSS JOIN query_topics q CROSS JOIN topic_pages p WHERE t.id = w.id AND q.query_id = t.query_id AND p.topic_id = q.topic_id
            ) AS l
            JOIN sites s ON s.id = l.site AND s.tenant = l.tenant
            """,
            new { ids = JsonLists.Of(targets) }, snapshot);
        return [.. links.Select(l => l.ToLink())];
    }

    /// <summary>An index and how it came about.</summary>
    /// <param name="Index">The index.</param>
    /// <param name="Place">What it knows.</param>
    /// <param name="Targets">The last target when all were read: about how many there were.</param>
    /// <param name="BuiltAt">When all were read.</param>
    /// <param name="BuildTime">How long that took.</param>
    private sealed record Known(TargetIndex Index, TargetPlace Place, long Targets, long BuiltAt, TimeSpan BuildTime);

    private sealed record LinkRow
    {
        public long Target { get; init; }
        public string Tenant { get; init; } = "";
        public string Engine { get; init; } = "";
        public string Site { get; init; } = "";
        public string Pattern { get; init; } = "";
        public double Weight { get; init; }

        public TargetLink ToLink() => new(Target, Tenant, Engine, Site, Pattern, Weight);
    }
}
