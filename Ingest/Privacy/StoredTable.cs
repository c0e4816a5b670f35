using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Privacy;

/// <summary>One table of the store, and by what its rows can be told to be somebody's.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HasHits">A row names a hit: site, time, id.</param>
/// <param name="HasAddresses">A row holds an address.</param>
/// <param name="HasSites">A row names a site.</param>
/// <param name="HasForms">A row says what its address is: the table of hits, and copies of it.</param>
/// <param name="HasTimes">A row has a time.</param>
/// <remarks>Asked of the store, so that a table that comes with a later migration, or a copy that a crash left behind, is not forgotten.</remarks>
internal sealed record StoredTable(string Name, bool HasHits, bool HasAddresses, bool HasSites, bool HasForms, bool HasTimes)
{
    /// <summary>The table of hits.</summary>
    public const string Hits = "hits";

    private const string Sql =
        """
        SELECT c.table,
               countIf(c.name IN ('site', 'time', 'hit_id')) = 3,
               countIf(c.name = 'client_address') > 0,
               countIf(c.name = 'site') > 0,
               countIf(c.name = 'address_form') > 0,
               countIf(c.name = 'time') > 0
        FROM system.columns AS c INNER JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
        WHERE c.database = currentDatabase() AND t.engine LIKE '%MergeTree' AND c.table NOT IN ('deletions', 'deletion_keys')
        GROUP BY c.table
        ORDER BY c.table = 'hits', c.table
        """;

    /// <summary>Every table with rows that can be somebody's; <c>hits</c> last, by which the others are found.</summary>
    public static async Task<IReadOnlyList<StoredTable>> AllAsync(ClickHouseClient client, CancellationToken stop)
    {
        List<StoredTable> all = [];
        await using var reader = await client.ExecuteReaderAsync(Sql, cancellationToken: stop);
        while (await reader.ReadAsync(stop))
            all.Add(new StoredTable(reader.GetString(0), IsTrue(reader.GetValue(1)), IsTrue(reader.GetValue(2)), IsTrue(reader.GetValue(3)), IsTrue(reader.GetValue(4)), IsTrue(reader.GetValue(5))));
        if (!all.Exists(t => t.Name == Hits))
        {
            throw new StoreException("This database has no table of hits of its own: it reads a cluster's. Run the command on a server of each shard, "
                + "with the shards' database, which ends in _shard.");
        }
        return [.. all.Where(t => t.HasSites || t.HasAddresses)];
    }

    private static bool IsTrue(object value) => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) != 0;
}
