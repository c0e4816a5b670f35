using System.Globalization;
using Weir.Detection;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Privacy;

/// <summary>How long a site's rows are kept.</summary>
/// <param name="Site">The site.</param>
/// <param name="Days">Days of hits and of what names single hits.</param>
/// <param name="CountsDays">Days of counts by the hour, losses and robots.txt versions.</param>
public sealed record SiteRetention(SiteId Site, int Days, int CountsDays);

/// <summary>Deletes rows that are older than their sites let them be, in every table that has sites.</summary>
/// <remarks>
/// Not by TTL: ClickHouse works a TTL out when a part is written, so another setting would leave old rows as they are until all are written
/// anew, and a TTL may not ask a dictionary. Days are whole (UTC), so that a table is touched once a day and hours stay whole.
/// Safe to run in several programs at once, on one server and on a cluster's shards.
/// </remarks>
/// <param name="endpoint">The store.</param>
/// <param name="time">Clock.</param>
public sealed class StoreRetention(ClickHouseEndpoint endpoint, TimeProvider time) : IDisposable
{
    private const int SitesAtOnce = 1000;

    private static readonly HashSet<string> Counts = new(StringComparer.Ordinal) { "hits_hourly", "robots_versions", "losses" };

    private readonly ClickHouseConnections _connections = new(endpoint);

    /// <summary>Deletes what is too old now.</summary>
    /// <returns>Rows deleted, table by table; tables without any are left out.</returns>
    /// <exception cref="StoreException">The store cannot do it, and says why. The next call goes on.</exception>
    public async Task<IReadOnlyList<DeletedRows>> RunAsync(IReadOnlyList<SiteRetention> sites, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(sites);
        try
        {
            List<DeletedRows> all = [];
            var at = time.GetUtcNow();
            foreach (var table in await StoredTable.AllAsync(_connections.Client, stop))
            {
                if (await SweepAsync(table, sites, stop) is { Before: > 0 } deleted)
                    all.Add(deleted);
            }
            if (all.Count > 0)
                await new DeletionRecords(_connections).WriteAsync(new DeletionReport($"{Guid.NewGuid():n}"[..16], at, all, 0, true, 0, [], 0), "retention", null, "weir", stop);
            return all;
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e))
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connections.Dispose();

    private async Task<DeletedRows?> SweepAsync(StoredTable table, IReadOnlyList<SiteRetention> sites, CancellationToken stop)
    {
        string? column = table.Name == "hits_hourly" ? "hour" : table is { HasSites: true, HasTimes: true } ? "time" : null;
        if (column is null)
            return null;
        var today = time.GetUtcNow().UtcDateTime.Date;
        long rows = 0, left = 0;
        foreach (var group in sites.GroupBy(s => Counts.Contains(table.Name) ? s.CountsDays : s.Days))
        {
            long before = new DateTimeOffset(today.AddDays(-group.Key), TimeSpan.Zero).ToUnixTimeMilliseconds();
            foreach (var some in group.Select(s => s.Site.Value).Chunk(SitesAtOnce))
            {
                string where = $"site IN {{sites:Array(String)}} AND {column} < fromUnixTimestamp64Milli({{before:Int64}}, 'UTC')";
                var (old, count) = await FindAsync(table.Name, where, some, before, stop);
                if (count == 0)
                    continue;
                await new Mutations(_connections, time).RunAsync(table.Name, $"ALTER TABLE {{table:Identifier}} DELETE WHERE {where}", [("sites", old), ("before", before)], stop);
                rows += count;
                left += (await FindAsync(table.Name, where, old, before, stop)).Rows;
            }
        }
        return new DeletedRows(table.Name, rows, rows - left, left);
    }

    private async Task<(string[] Sites, long Rows)> FindAsync(string table, string where, string[] sites, long before, CancellationToken stop)
    {
        List<string> found = [];
        long rows = 0;
        await using var reader = await _connections.Client.ExecuteReaderAsync(
            $"SELECT toString(site), count() FROM {{table:Identifier}} WHERE {where} GROUP BY site",
            QueryParameters.Of(("table", table), ("sites", sites), ("before", before)), cancellationToken: stop);
        while (await reader.ReadAsync(stop))
        {
            found.Add(reader.GetString(0));
            rows += Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture);
        }
        return ([.. found], rows);
    }
}
