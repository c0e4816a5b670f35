using Dapper;
using Microsoft.Data.Sqlite;
using Weir.Control;
using Weir.Detection;
using Weir.Scheduling.ScanPolicy;

namespace Weir.Scheduling.Triggers;

/// <summary>Triggers in the embedded control store.</summary>
public sealed class SqliteTriggers(ControlDatabase database, TimeProvider time) : ITriggers
{
    private const string Columns = """
        SELECT g.id AS Id, g.kind AS Kind, g.at_ms AS AtMs, g.site AS Site, g.path AS Path, g.hit_id AS HitId, g.crawler AS Crawler,
               g.identity AS Identity, g.engine AS Engine, g.weight AS Weight
        FROM triggers g
        """;

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> PositionAsync(string reader, CancellationToken stop = default)
    {
        await using var connection = database.Read();
        return UnixMs.Time(connection.QuerySingleOrDefault<long?>(
            "SELECT position_ms FROM reader_positions WHERE name = @reader", new { reader }));
    }

    /// <inheritdoc/>
    public Task<int> RecordAsync(
        IReadOnlyList<NewTrigger> triggers, string reader, DateTimeOffset position, CancellationToken stop = default)
    {
        long nowMs = time.NowMs();
        return database.WriteAsync(
            transaction =>
            {
                int added = triggers.Count(t => Add(transaction, t, nowMs));
                transaction.Connection!.Execute(
                    """
                    INSERT INTO reader_positions (name, position_ms) VALUES (@reader, @positionMs)
                    ON CONFLICT (name) DO UPDATE SET position_ms = max(position_ms, excluded.position_ms)
                    """,
                    new { reader, positionMs = position.ToUnixTimeMilliseconds() }, transaction);
                return added;
            },
            stop);
    }

    /// <inheritdoc/>
    public Task<int> PlanAsync(IScanPolicy policy, CancellationToken stop = default) =>
        database.WriteAsync(transaction => Debounce.Plan(transaction, policy, time.GetUtcNow()), stop);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Trigger>> ListAsync(Reach reach, long after, int limit, CancellationToken stop = default)
    {
        await using var connection = database.Read();
        await using var snapshot = connection.BeginTransaction(deferred: true);
        var rows = connection.Query<Row>(
            $"{Columns} WHERE g.tenant = @tenant AND g.id > @after AND (@sites IS NULL OR g.site IN (SELECT value FROM json_each(@sites))) ORDER BY g.id LIMIT @limit",
            new { tenant = reach.Tenant, sites = reach.SitesJson, after, limit }, snapshot).AsList();
        return WithTargets(connection, rows);
    }

    /// <summary>The latest triggers that are listed on a scan, newest first.</summary>
    internal static List<Trigger> OfScan(SqliteConnection connection, long scan, int limit) => WithTargets(
        connection,
        connection.Query<Row>(
            $"{Columns} JOIN trigger_targets x ON x.trigger_id = g.id WHERE x.scan_id = @scan ORDER BY x.trigger_id DESC LIMIT @limit",
            new { scan, limit }).AsList());

    private static bool Add(SqliteTransaction transaction, NewTrigger trigger, long nowMs)
    {
        var fetch = trigger.Fetch;
        long? id = transaction.Connection!.QuerySingleOrDefault<long?>(
            """
            INSERT INTO triggers (tenant, kind, site, at_ms, hit_id, path, crawler, identity, engine, weight, delay_ms, recorded_ms)
            VALUES (@tenant, 'crawl', @site, @atMs, @hitId, @path, @crawler, @identity, @engine, @weight, @delayMs, @nowMs)
            ON CONFLICT (site, at_ms, hit_id, engine) DO NOTHING
            RETURNING id
            """,
            new
            {
                tenant = trigger.Tenant,
                site = fetch.Site.Value,
                atMs = fetch.Time.ToUnixTimeMilliseconds(),
                hitId = unchecked((long)fetch.HitId),
                path = fetch.Path,
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
        foreach (var match in trigger.Targets)
        {
            transaction.Connection!.Execute(
                "INSERT INTO trigger_targets (target_id, trigger_id, weight) SELECT id, @trigger, @weight FROM targets WHERE id = @target",
                new { target = match.Target, trigger = id, weight = trigger.Weight * match.Weight }, transaction);
        }
        return true;
    }

    private static string NameOf(Identity identity) => identity switch
    {
        Identity.Verified => "verified",
        Identity.Unverifiable => "unverifiable",
        _ => throw new ArgumentOutOfRangeException(nameof(identity), identity, "Such fetches are no triggers."),
    };

    private static List<Trigger> WithTargets(SqliteConnection connection, List<Row> rows)
    {
        var targets = connection.Query<LinkRow>(
            "SELECT trigger_id AS TriggerId, target_id AS TargetId, scan_id AS ScanId FROM trigger_targets WHERE trigger_id IN @ids ORDER BY target_id",
            new { ids = rows.Select(r => r.Id) }).ToLookup(l => l.TriggerId);
        return rows.ConvertAll(r => new Trigger(
            r.Id, r.Kind, UnixMs.Time(r.AtMs), r.Site, r.Path, unchecked((ulong)r.HitId).ToString("x16"), r.Crawler, r.Identity, r.Engine,
            r.Weight, [.. targets[r.Id].Select(l => l.TargetId)], [.. targets[r.Id].Where(l => l.ScanId is not null).Select(l => l.ScanId!.Value)]));
    }

    private sealed record Row
    {
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
