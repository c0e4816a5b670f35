using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Verdicts;

/// <summary>Reads stored hits a page at a time, and what was found out about their addresses.</summary>
internal sealed class StoredHitReader(ClickHouseConnections connections)
{
    /// <summary>Rows of a page at most.</summary>
    public uint PageRows { get; init; } = 100_000;

    private const string SitesSql =
        """
        SELECT toString(site) AS name FROM hits_hourly
        WHERE ({site:String} = '' OR site = {site:String}) AND site >= {first:String}
          AND hour >= toStartOfHour(fromUnixTimestamp64Milli({from:Int64}, 'UTC')) AND hour < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        GROUP BY name ORDER BY name
        """;

    private const string PageSql =
        $$"""
        SELECT {{StoredHitPage.Columns}}
        FROM hits
        WHERE site = {site:String}
          AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
          AND (time > fromUnixTimestamp64Milli({from:Int64}, 'UTC') OR hit_id > {after:UInt64})
        ORDER BY time, hit_id LIMIT {rows:UInt32}
        FORMAT RowBinary
        """;

    // Pairs that this site's hits of the page claim: a handful of what is known of all sites.
    private const string VerificationsSql =
        """
        SELECT toUnixTimestamp64Milli(as_of), client_address, crawler, toUInt8(identity), toUInt8(identity_method)
        FROM verifications
        WHERE (crawler, client_address) IN
        (
            SELECT crawler, client_address FROM hits
            WHERE site = {site:String} AND crawler != ''
              AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        )
          AND as_of >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') - INTERVAL 1 DAY AND as_of <= fromUnixTimestamp64Milli({to:Int64}, 'UTC') + INTERVAL 1 HOUR
        ORDER BY as_of
        """;

    /// <summary>The sites that have hits in a span, by name, from one on.</summary>
    public async Task<List<string>> SitesAsync(string site, string first, long fromMs, long toMs, CancellationToken stop)
    {
        var sites = new List<string>();
        await using var row = await connections.Client.ExecuteReaderAsync(SitesSql,
            QueryParameters.Of(("site", site), ("first", first), ("from", fromMs), ("to", toMs)), cancellationToken: stop);
        while (await row.ReadAsync(stop))
            sites.Add(row.GetString(0));
        return sites;
    }

    /// <summary>Fills a page with a site's hits behind a position.</summary>
    /// <returns>Whole rows in the page; 0 at the end.</returns>
    public async Task<int> FillAsync(StoredHitPage page, string site, long fromMs, ulong afterId, long toMs, CancellationToken stop)
    {
        var options = new QueryOptions
        {
            CustomSettings = new Dictionary<string, object>
            {
                ["param_site"] = site,
                ["param_from"] = fromMs,
                ["param_to"] = toMs,
                ["param_after"] = afterId,
                ["param_rows"] = PageRows,
            },
        };
        using var result = await connections.Client.ExecuteRawResultAsync(PageSql, options, stop);
        await using var stream = await result.ReadAsStreamAsync();
        return await page.FillAsync(stream, stop);
    }

    /// <summary>What reverse DNS found out about the addresses of a page.</summary>
    public async Task<StoredVerifications> VerificationsAsync(string site, long fromMs, long toMs, CancellationToken stop)
    {
        var found = new StoredVerifications();
        await using var row = await connections.Client.ExecuteReaderAsync(VerificationsSql,
            QueryParameters.Of(("site", site), ("from", fromMs), ("to", toMs)), cancellationToken: stop);
        while (await row.ReadAsync(stop))
        {
            found.Add(Detection.ClientAddress.From((System.Net.IPAddress)row.GetValue(1)), row.GetString(2), row.GetInt64(0),
                (Detection.Identity)row.GetByte(3), (Detection.IdentityMethod)row.GetByte(4));
        }
        return found;
    }
}
