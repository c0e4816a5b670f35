using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Reports;
using Weir.Detection;

namespace Weir.Analytics.Api.Live;

/// <summary>A hit in the stream, with the id by which a client goes on after it.</summary>
/// <param name="Hit">The hit.</param>
internal sealed record LiveHit(HitRow Hit)
{
    /// <summary>Order in the store: when it was inserted, then when it happened.</summary>
    public (long InsertedMs, long TimeMs, ulong HitId) Position => (Hit.InsertedMs, Hit.Time.ToUnixTimeMilliseconds(), Hit.HitId);

    /// <summary>The event's id.</summary>
    public string Id => string.Create(
        CultureInfo.InvariantCulture, $"{Position.InsertedMs}-{Position.TimeMs}-{Position.HitId:x16}");

    /// <summary>Reads an event's id; false for anything else.</summary>
    public static bool TryReadId(string? text, out (long InsertedMs, long TimeMs, ulong HitId) position)
    {
        position = default;
        string[] parts = text is { Length: < 64 } ? text.Split('-') : [];
        return parts.Length == 3
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out position.InsertedMs)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out position.TimeMs)
            && ulong.TryParse(parts[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out position.HitId)
            && position.InsertedMs <= TimeRange.Latest.ToUnixTimeMilliseconds();
    }
}

/// <summary>Reads what was stored lately.</summary>
internal sealed class LiveHits(ReportStore store, HitRows rows)
{
    /// <summary>Hits of one look; more than a person reads, and little for a browser.</summary>
    public const int Max = 500;

    // The table is sorted by the hits' own time, so a look is cheap only within a bound on it. What is older was not live: an import, or
    // a spool that waited for an hour.
    private const string Sql = $$"""
        SELECT {{HitRows.Columns}}
        FROM hits
        WHERE site = {site:String} AND time >= now64(3, 'UTC') - INTERVAL 1 HOUR
          AND inserted_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
        ORDER BY inserted_at DESC, time DESC, hit_id DESC
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """;

    private const string NowSql = $$"""
        SELECT toUnixTimestamp64Milli(now64(3, 'UTC'))
        {{ReportStore.Limits}}
        """;

    /// <summary>The newest hits that were stored at or after a time, oldest first; at most <see cref="Max"/>.</summary>
    public async Task<List<LiveHit>> SinceAsync(SiteId site, long insertedMs, CancellationToken stop)
    {
        var parameters = new ClickHouseParameterCollection().With("site", site.Value).With("since", insertedMs).With("limit", Max);
        var hits = await store.ReadAsync(Sql, parameters, r => new LiveHit(rows.Read(r)), stop);
        hits.Reverse();
        return hits;
    }

    /// <summary>The store's clock, which stamps what is inserted.</summary>
    public async Task<long> NowAsync(CancellationToken stop) =>
        (await store.ReadAsync(NowSql, new ClickHouseParameterCollection(), r => r.GetInt64(0), stop))[0];
}
