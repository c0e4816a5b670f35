using System.Globalization;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Privacy;

/// <summary>A writer that has not said that all it held before a time is stored.</summary>
/// <param name="Edge">Its name.</param>
/// <param name="CompleteUntil">Until when it is known to hold nothing back.</param>
public sealed record OpenWriter(string Edge, DateTimeOffset CompleteUntil);

/// <summary>Waits until the edges have delivered what they held at a time, in memory and on disk.</summary>
internal sealed class WritersWait(ClickHouseConnections connections, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    // Late identities follow the hits by a second or two.
    private static readonly TimeSpan Behind = TimeSpan.FromSeconds(3);

    private const string Sql =
        """
        SELECT edge, toUnixTimestamp64Milli(complete_until)
        FROM writers FINAL
        WHERE NOT is_stopped
          AND (complete_until < fromUnixTimestamp64Milli({until:Int64}, 'UTC') OR reported_at < fromUnixTimestamp64Milli({reported:Int64}, 'UTC'))
          AND edge NOT IN {gone:Array(String)}
        ORDER BY edge
        """;

    /// <summary>Waits for a while.</summary>
    /// <param name="until">Hits before this are to be stored.</param>
    /// <param name="patience">How long.</param>
    /// <param name="gone">Writers that nobody waits for.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <returns>Those that did not say so.</returns>
    public async Task<IReadOnlyList<OpenWriter>> RunAsync(DateTimeOffset until, TimeSpan patience, IReadOnlyList<string> gone, CancellationToken stop)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            var open = await OpenAsync(until, gone, stop);
            if (open.Count == 0 || time.GetElapsedTime(started) >= patience)
                return open;
            await Task.Delay(LookEvery, time, stop);
        }
    }

    private async Task<List<OpenWriter>> OpenAsync(DateTimeOffset until, IReadOnlyList<string> gone, CancellationToken stop)
    {
        List<OpenWriter> open = [];
        await using var row = await connections.Client.ExecuteReaderAsync(
            Sql,
            QueryParameters.Of(("until", until.ToUnixTimeMilliseconds()), ("reported", (until + Behind).ToUnixTimeMilliseconds()), ("gone", gone.ToArray())),
            cancellationToken: stop);
        while (await row.ReadAsync(stop))
            open.Add(new OpenWriter(row.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(row.GetValue(1), CultureInfo.InvariantCulture))));
        return open;
    }
}
