using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Ingest.ClickHouse;

namespace Weir.Scheduling.Triggers;

/// <summary>Crawler fetches in ClickHouse, table <c>crawler_fetches</c>.</summary>
public sealed class ClickHouseFetchLog(ClickHouseConnections connections) : IFetchLog
{
    private const string NowSql = "SELECT toUnixTimestamp64Milli(now64(3, 'UTC'))";

    // The tuple is the table's order with the hit's time added, which makes a row unique.
    private const string ReadSql = """
        SELECT toUnixTimestamp64Milli(inserted_at), toUnixTimestamp64Milli(time), toString(site), hit_id, toString(method), path, status,
               toString(crawler), toString(identity)
        FROM crawler_fetches
        WHERE inserted_at >= fromUnixTimestamp64Milli({insertedMs:Int64}, 'UTC')
          AND (inserted_at, site, hit_id, time) > (fromUnixTimestamp64Milli({insertedMs:Int64}, 'UTC'), {site:String}, {hitId:UInt64},
                                                   fromUnixTimestamp64Milli({timeMs:Int64}, 'UTC'))
          AND site IN {sites:Array(String)}
        ORDER BY inserted_at, site, hit_id, time
        LIMIT {limit:UInt32}
        """;

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
                (ulong)reader.GetValue(3), reader.GetString(4), reader.GetString(5), (ushort)reader.GetValue(6), reader.GetString(7),
                IdentityOf(reader.GetString(8))));
        }
        return fetches;
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
