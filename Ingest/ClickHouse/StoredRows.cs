using Weir.Ingest.Buffering;

namespace Weir.Ingest.ClickHouse;

/// <summary>Finds out which rows of a batch that was sent before are stored, by their keys and so without any limit of time.</summary>
/// <remarks>ClickHouse forgets a deduplication token after 10,000 more inserts, which is an hour or two; a batch may wait on disk for longer.</remarks>
internal sealed class StoredRows(ClickHouseConnections connections)
{
    private const int SitesMax = 500;

    /// <summary>For each row of the batch, whether the table has it.</summary>
    public async Task<bool[]> FindAsync(HitBatch batch, CancellationToken stop)
    {
        int rows = batch.Rows.Rows;
        Dictionary<(long, ulong), List<int>> byKey = new(rows);
        HashSet<string> sites = new(StringComparer.Ordinal);
        for (int row = 0; row < rows; row++)
        {
            var key = batch.Rows.KeyOf(row);
            if (!byKey.TryGetValue(key, out var same))
                byKey.Add(key, same = new List<int>(1));
            same.Add(row);
            sites.Add(batch.SiteOf(row));
        }
        var isStored = new bool[rows];
        await using var reader = await connections.Client.ExecuteReaderAsync(
            """
            SELECT toUnixTimestamp64Milli(time), hit_id, site FROM hits
            WHERE ({all:Bool} OR site IN {sites:Array(String)})
              AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
            """,
            QueryParameters.Of(("all", sites.Count > SitesMax), ("sites", sites.Count > SitesMax ? Array.Empty<string>() : [.. sites]),
                ("from", byKey.Keys.Min(k => k.Item1)), ("to", byKey.Keys.Max(k => k.Item1))),
            cancellationToken: stop);
        while (await reader.ReadAsync(stop))
        {
            if (!byKey.TryGetValue((reader.GetInt64(0), (ulong)reader.GetValue(1)), out var found))
                continue;
            foreach (int row in found)
                isStored[row] |= string.Equals(batch.SiteOf(row), reader.GetString(2), StringComparison.Ordinal);
        }
        return isStored;
    }
}
