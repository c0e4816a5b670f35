using System.Buffers.Binary;
using ClickHouse.Driver;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.AccessLogs;

/// <summary>Finds rows of a batch that an earlier import has stored.</summary>
internal sealed class StoredHits(ClickHouseConnections connections)
{
    // Two stretches of time with less than this between them are asked for at once.
    private const long GapMs = 60 * 60 * 1000;

    private const string Sql =
        """
        SELECT toUnixTimestamp64Milli(time), hit_id FROM hits
        WHERE site = {site:String} AND source = 'import'
          AND time BETWEEN fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        FORMAT RowBinary
        """;

    /// <summary>Whether the store has an imported line.</summary>
    public async Task<bool> HasAsync(string site, long timeMs, ulong hitId, CancellationToken stop) => Convert.ToInt64(
        await connections.Client.ExecuteScalarAsync(
            """
            SELECT count() FROM hits
            WHERE site = {site:String} AND time = fromUnixTimestamp64Milli({time:Int64}, 'UTC') AND hit_id = {id:UInt64} AND source = 'import'
            """,
            QueryParameters.Of(("site", site), ("time", timeMs), ("id", hitId)), cancellationToken: stop)) > 0;

    /// <summary>Numbers of the rows that are stored already, or that repeat another row of the batch. All rows are of one site.</summary>
    public async Task<HashSet<int>> FindAsync(HitBatch batch, CancellationToken stop)
    {
        int rows = batch.Rows.Rows;
        long[] times = new long[rows];
        var rowOf = new Dictionary<(long TimeMs, ulong HitId), int>(rows);
        HashSet<int> stored = [];
        for (int row = 0; row < rows; row++)
        {
            var key = batch.Rows.KeyOf(row);
            times[row] = key.TimeMs;
            // Two logs behind each other may hold the same lines: the second comes as late as an earlier import's.
            if (!rowOf.TryAdd(key, row))
                stored.Add(row);
        }
        foreach (var (from, to) in Stretches(times))
        {
            await foreach (var key in ReadAsync(batch.SiteOf(0), from, to, stop))
            {
                if (rowOf.TryGetValue(key, out int row))
                    stored.Add(row);
            }
        }
        return stored;
    }

    // A line out of order must not make the question one for a whole month.
    private static IEnumerable<(long From, long To)> Stretches(long[] times)
    {
        Array.Sort(times);
        long from = times[0];
        for (int i = 1; i < times.Length; i++)
        {
            if (times[i] - times[i - 1] < GapMs)
                continue;
            yield return (from, times[i - 1]);
            from = times[i];
        }
        yield return (from, times[^1]);
    }

    // Raw bytes, since millions of rows may come and the driver's reader boxes every value.
    private async IAsyncEnumerable<(long, ulong)> ReadAsync(
        string site, long from, long to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        var options = new QueryOptions
        {
            CustomSettings = new Dictionary<string, object> { ["param_site"] = site, ["param_from"] = from, ["param_to"] = to },
        };
        using var result = await connections.Client.ExecuteRawResultAsync(Sql, options, stop);
        await using var stream = await result.ReadAsStreamAsync();
        byte[] buffer = new byte[64 * 1024];
        int length = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), stop);
            length += read;
            int at = 0;
            for (; at + 16 <= length; at += 16)
                yield return KeyAt(buffer.AsSpan(at));
            buffer.AsSpan(at, length - at).CopyTo(buffer);
            length -= at;
            if (read == 0)
                yield break;
        }
    }

    private static (long, ulong) KeyAt(ReadOnlySpan<byte> row) =>
        (BinaryPrimitives.ReadInt64LittleEndian(row), BinaryPrimitives.ReadUInt64LittleEndian(row[8..]));
}
