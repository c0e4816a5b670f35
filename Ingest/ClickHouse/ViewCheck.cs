using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.Logging;

namespace Weir.Ingest.ClickHouse;

/// <summary>Compares the views with the table over a span of time, and mends what differs.</summary>
/// <remarks>
/// For batches that nobody sends again: writer and server died together under an insert, and the server kept the block in the table and not in
/// each view. Batches that are sent again are <see cref="ViewRepair"/>'s. What is mended is the difference, in one block each: a kill in
/// the middle leaves the view as it was or right. Another writer's insert under way looks like a difference for a moment, so only what
/// stays the same over a pause counts.
/// </remarks>
internal sealed class ViewCheck(ClickHouseConnections connections, ILogger log, TimeProvider time)
{
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A run that ended in the middle of mending may have reported meanwhile, so that its successor begins later than it did.
    private static readonly TimeSpan Before = TimeSpan.FromHours(2);

    // After a day, hits may have been deleted by their age whose counts are kept: the difference would be taken away.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(20);

    private const string Keys = "site, hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source";

    // Counts that are taken away wrap, as in the view that takes back a batch (migration 6).
    private const string Differences =
        $$"""
        SELECT {{Keys}}, toUInt64(sum(h)) AS hits, toUInt64(sum(b)) AS bytes_sent, min(f) AS first_seen, max(l) AS last_seen,
               uniqMergeState(c) AS clients, toUInt64(sum(i)) AS ids_sum
        FROM
        (
            SELECT site, toStartOfHour(time) AS hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source,
                   toInt64(count()) AS h, toInt64(sum(bytes_sent)) AS b, min(time) AS f, max(time) AS l, uniqState(client_address) AS c,
                   toInt64(sum(hit_id)) AS i
            FROM hits WHERE {{HourSpan.OfTime}} GROUP BY {{Keys}}
            UNION ALL
            SELECT {{Keys}}, toInt64(0 - sum(hits)) AS h, toInt64(0 - sum(bytes_sent)) AS b, min(first_seen) AS f, max(last_seen) AS l,
                   uniqMergeState(clients) AS c, toInt64(0 - sum(ids_sum)) AS i
            FROM hits_hourly WHERE {{HourSpan.OfHour}} GROUP BY {{Keys}}
        )
        GROUP BY {{Keys}} HAVING sum(h) != 0 OR sum(b) != 0 OR sum(i) != 0
        """;

    private const string MissingFetches =
        $$"""
        FROM hits WHERE kind = 'crawler' AND source = 'edge' AND {{HourSpan.OfTime}} AND inserted_at > now64(3) - INTERVAL 30 DAY
          AND (site, time, hit_id) NOT IN (SELECT site, time, hit_id FROM crawler_fetches WHERE {{HourSpan.OfTime}})
        """;

    /// <summary>Checks what an earlier run of this writer may have left; nothing when it stopped in peace, never ran, or ran
    /// too long ago to tell. The writer must not be
    /// inserting yet.</summary>
    /// <param name="edge">The writer's name.</param>
    /// <param name="stop">Ends the check; what is not mended then differs as before.</param>
    public async Task AfterRunAsync(string edge, CancellationToken stop)
    {
        await using var reader = await connections.Client.ExecuteReaderAsync(
            "SELECT toUnixTimestamp64Milli(complete_until), is_stopped FROM writers FINAL WHERE edge = {edge:String}",
            QueryParameters.Of(("edge", edge)), cancellationToken: stop);
        if (!await reader.ReadAsync(stop) || reader.GetBoolean(1))
            return;
        var reported = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(0));
        if (time.GetUtcNow() - reported > Longest)
            return;
        await CheckAsync(reported - Before, time.GetUtcNow() + TimeSpan.FromHours(1), stop);
    }

    /// <summary>Checks the hours from one time to another, the hours of both included.</summary>
    public async Task CheckAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken stop)
    {
        var span = HourSpan.Of(from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        await MendAsync("hits_hourly", $"SELECT count(), toUInt64(sum(ids_sum)) FROM ({Differences})", $"INSERT INTO hits_hourly ({Keys}, hits, bytes_sent, first_seen, last_seen, clients, ids_sum) {Differences}",
            span, stop);
        // The reader of triggers follows the time of arrival: what it missed arrives now.
        await MendAsync("crawler_fetches", $"SELECT count(), toUInt64(sum(hit_id)) {MissingFetches}",
            $"""
             INSERT INTO crawler_fetches (inserted_at, time, site, hit_id, method, host, path, status, crawler, operator, purpose, identity)
             SELECT now64(3, 'UTC'), time, site, hit_id, method, host, path, status, crawler, operator, toString(purpose), toString(identity) {MissingFetches}
             """, span, stop);
        await connections.Client.ExecuteNonQueryAsync(ViewRepair.FillOpenIdentities,
            QueryParameters.Of(("all", true), ("sites", Array.Empty<string>()), ("from", span.FromMs), ("to", span.ToMs)), cancellationToken: stop);
    }

    private async Task MendAsync(string view, string look, string mend, HourSpan span, CancellationToken stop)
    {
        var before = await LookAsync(look, span, stop);
        for (int attempt = 0; before.Rows > 0; attempt++)
        {
            if (attempt == Attempts)
            {
                log.ViewNotChecked(view);
                return;
            }
            await Task.Delay(Pause, time, stop);
            var now = await LookAsync(look, span, stop);
            if (now == before)
            {
                log.ViewCheckMended(view, now.Rows);
                await connections.Client.ExecuteNonQueryAsync(mend, Places(span), cancellationToken: stop);
                now = await LookAsync(look, span, stop);
            }
            before = now;
        }
    }

    private async Task<(ulong Rows, ulong Ids)> LookAsync(string look, HourSpan span, CancellationToken stop)
    {
        await using var reader = await connections.Client.ExecuteReaderAsync(look, Places(span), cancellationToken: stop);
        await reader.ReadAsync(stop);
        return ((ulong)reader.GetValue(0), (ulong)reader.GetValue(1));
    }

    private static ClickHouseParameterCollection Places(HourSpan span) => QueryParameters.Of(("from", span.FromMs), ("to", span.ToMs));
}
