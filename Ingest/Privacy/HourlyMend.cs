using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Privacy;

/// <summary>Makes the hourly counts of some sites' hours anew from the hits that are left: a sum can be lowered, a set of clients cannot.</summary>
/// <remarks>
/// The hours are those of the hits named in <c>deletion_keys</c>. A batch that is stored between taking an hour's counts away and reading its
/// hits is in them twice; so both are compared by the sum of ids, and done again until they agree.
/// </remarks>
internal sealed class HourlyMend(ClickHouseConnections connections, Mutations mutations, TimeProvider time)
{
    private const int Attempts = 20;
    private const int Looks = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private const string Hours = "SELECT site, toStartOfHour(time) FROM deletion_keys WHERE deletion = {deletion:String} AND hit_id != 0";

    private const string HitsOfHours =
        $"{HourSpan.OfTime} AND (site, toStartOfHour(time)) IN ({Hours})";

    private const string Delete = $"ALTER TABLE {{table:Identifier}} DELETE WHERE (site, hour) IN ({Hours})";

    private const string Rebuild = $"INSERT INTO hits_to_hourly ({HitEncoder.Columns}) SELECT {HitEncoder.Columns} FROM hits WHERE {HitsOfHours}";

    private const string Differing =
        $"""
        SELECT count()
        FROM
        (
            SELECT site, hour, sum(stored) AS stored, sum(counted) AS counted
            FROM
            (
                SELECT site, toStartOfHour(time) AS hour, sum(hit_id) AS stored, toUInt64(0) AS counted FROM hits WHERE {HitsOfHours} GROUP BY site, hour
                UNION ALL
                SELECT site, hour, toUInt64(0) AS stored, sum(ids_sum) AS counted FROM hits_hourly WHERE (site, hour) IN ({Hours}) GROUP BY site, hour
            )
            GROUP BY site, hour
            HAVING stored != counted
        )
        """;

    private const string Bounds =
        """
        SELECT toUnixTimestamp64Milli(min(time)), toUnixTimestamp64Milli(max(time)), uniqExact(site, toStartOfHour(time))
        FROM deletion_keys WHERE deletion = {deletion:String} AND hit_id != 0
        """;

    // Without it, rows that equal an earlier insert's would be taken for a repeat.
    private static readonly QueryOptions NoDeduplication = new()
    {
        CustomSettings = new Dictionary<string, object> { ["insert_deduplicate"] = 0, ["async_insert"] = 0, ["log_queries"] = 0 },
    };

    /// <summary>Mends the hours of a deletion.</summary>
    /// <returns>How many hours of sites, and whether they agree with the hits. They may not while hits of the very hour keep coming.</returns>
    public async Task<(long Hours, bool DoAgree)> RunAsync(string deletion, CancellationToken stop)
    {
        var (span, hours) = await BoundsAsync(deletion, stop);
        if (hours == 0)
            return (0, true);
        (string, object)[] parameters = [("deletion", deletion), ("from", span.FromMs), ("to", span.ToMs)];
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            await mutations.RunAsync("hits_hourly", Delete, parameters, stop);
            await connections.Client.ExecuteNonQueryAsync(Rebuild, QueryParameters.Of(parameters), NoDeduplication, stop);
            if (await AgreesAsync(parameters, stop))
                return (hours, true);
        }
        return (hours, false);
    }

    private async Task<(HourSpan Span, long Hours)> BoundsAsync(string deletion, CancellationToken stop)
    {
        await using var row = await connections.Client.ExecuteReaderAsync(Bounds, QueryParameters.Of(("deletion", deletion)), cancellationToken: stop);
        await row.ReadAsync(stop);
        return (HourSpan.Of(row.GetInt64(0), row.GetInt64(1)), Convert.ToInt64(row.GetValue(2)));
    }

    // A batch under way is in the table before it is in the view.
    private async Task<bool> AgreesAsync((string, object)[] parameters, CancellationToken stop)
    {
        for (int look = 1; look <= Looks; look++)
        {
            if (Convert.ToInt64(await connections.Client.ExecuteScalarAsync(Differing, QueryParameters.Of(parameters), cancellationToken: stop)) == 0)
                return true;
            await Task.Delay(Pause, time, stop);
        }
        return false;
    }
}
