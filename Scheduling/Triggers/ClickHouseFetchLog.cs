using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Detection.Content;
using Weir.Ingest.ClickHouse;

namespace Weir.Scheduling.Triggers;

/// <summary>Crawler fetches in ClickHouse, table <c>crawler_fetches</c>.</summary>
public sealed class ClickHouseFetchLog(ClickHouseConnections connections) : IFetchLog
{
    private const string NowSql = "SELECT toUnixTimestamp64Milli(now64(3, 'UTC'))";

    // The tuple is the table's order with the hit's time added, which makes a row unique.
    private const string ReadSql = """
        SELECT toUnixTimestamp64Milli(inserted_at), toUnixTimestamp64Milli(time), toString(site), hit_id, toString(method), toString(host), path, status,
               toString(crawler), toString(identity)
        FROM crawler_fetches
        WHERE inserted_at >= fromUnixTimestamp64Milli({insertedMs:Int64}, 'UTC')
          AND (inserted_at, site, hit_id, time) > (fromUnixTimestamp64Milli({insertedMs:Int64}, 'UTC'), {site:String}, {hitId:UInt64},
                                                   fromUnixTimestamp64Milli({timeMs:Int64}, 'UTC'))
          AND site IN {sites:Array(String)}
        ORDER BY inserted_at, site, hit_id, time
        LIMIT {limit:UInt32}
        """;

    // What a crawler read before is told by the store and not by the edge, which forgets with a restart. Who borrows its name reads nothing for it.
    private const string ContentsSql = """
        SELECT toString(site), toUnixTimestamp64Milli(time), hit_id, last.3, last.1, last.2, hash, simhash
        FROM
        (
            SELECT site, time, hit_id, hash, simhash,
                   lagInFrame((hash, simhash, true), 1, (toUInt64(0), toUInt64(0), false)) OVER
                       (PARTITION BY site, host, path, query, crawler ORDER BY time, hit_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last
            FROM content_sightings
            WHERE (site, host, path) IN (SELECT p.1, p.2, p.3 FROM (SELECT arrayJoin(arrayZip({sites:Array(String)}, {hosts:Array(String)}, {paths:Array(String)})) AS p))
              AND identity != 'spoofed'
              AND time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        )
        WHERE hit_id IN ({hits:Array(UInt64)})
        """;

    // Paths have up to 2,048 characters, and a question is bounded.
    private const int ContentsMax = 200;

    // Longer ago than any crawler stays away from a page that it still reads; bounds the partitions that are looked at.
    private static readonly TimeSpan Memory = TimeSpan.FromDays(120);

    /// <inheritdoc/>
    public async Task<DateTimeOffset> NowAsync(CancellationToken stop) =>
        UnixMs.Time((long)(await connections.Client.ExecuteScalarAsync(NowSql, null, null, stop))!);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CrawlerFetch>> ReadAsync(
        FetchPlace after, IReadOnlyCollection<string> sites, int limit, CancellationToken stop)
    {
        var parameters = new ClickHouseParameterCollection();
        Add(parameters, "insertedMs", after.InsertedAt.ToUnixTimeMilliseconds());
        Add(parameters, "site", after.Site);
        Add(parameters, "hitId", after.HitId);
        Add(parameters, "timeMs", after.Site.Length == 0 ? 0 : after.Time.ToUnixTimeMilliseconds());
        Add(parameters, "sites", sites.ToArray());
        Add(parameters, "limit", (uint)limit);
        var fetches = new List<CrawlerFetch>();
        using var reader = await connections.Client.ExecuteReaderAsync(ReadSql, parameters, null, stop);
        while (await reader.ReadAsync(stop))
        {
            fetches.Add(new CrawlerFetch(
                UnixMs.Time(reader.GetInt64(0)), UnixMs.Time(reader.GetInt64(1)), SiteId.Parse(reader.GetString(2)),
                (ulong)reader.GetValue(3), reader.GetString(4), reader.GetString(5), reader.GetString(6), (ushort)reader.GetValue(7), reader.GetString(8),
                IdentityOf(reader.GetString(9))));
        }
        return fetches;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<FetchKey, FetchContent>> ContentsAsync(IReadOnlyList<CrawlerFetch> fetches, CancellationToken stop)
    {
        var contents = new Dictionary<FetchKey, FetchContent>();
        foreach (var some in fetches.Chunk(ContentsMax))
            await ReadContentsAsync(some, contents, stop);
        return contents;
    }

    private async Task ReadContentsAsync(CrawlerFetch[] fetches, Dictionary<FetchKey, FetchContent> contents, CancellationToken stop)
    {
        var parameters = new ClickHouseParameterCollection();
        Add(parameters, "sites", fetches.Select(f => f.Site.Value).ToArray());
        Add(parameters, "hosts", fetches.Select(f => f.Host).ToArray());
        Add(parameters, "paths", fetches.Select(f => f.Path).ToArray());
        Add(parameters, "hits", fetches.Select(f => f.HitId).ToArray());
        Add(parameters, "fromMs", (fetches.Min(f => f.Time) - Memory).ToUnixTimeMilliseconds());
        using var reader = await connections.Client.ExecuteReaderAsync(ContentsSql, parameters, null, stop);
        while (await reader.ReadAsync(stop))
        {
            var key = new FetchKey(reader.GetString(0), reader.GetInt64(1), (ulong)reader.GetValue(2));
            contents[key] = !reader.GetBoolean(3) ? FetchContent.First
                : ContentComparison.Compare((ulong)reader.GetValue(4), (ulong)reader.GetValue(5), (ulong)reader.GetValue(6), (ulong)reader.GetValue(7)) == ContentChange.Text
                    ? FetchContent.Changed : FetchContent.Same;
        }
    }

    private static void Add(ClickHouseParameterCollection parameters, string name, object value) =>
        parameters.Add(new ClickHouseDbParameter { ParameterName = name, Value = value });

    private static Identity IdentityOf(string name) => name switch
    {
        "verified" => Identity.Verified,
        "spoofed" => Identity.Spoofed,
        "unverifiable" => Identity.Unverifiable,
        "pending" => Identity.Pending,
        // Also a name that a newer edge has written: what this program does not know it does not trust, and goes on reading.
        _ => Identity.NotClaimed,
    };
}
