using System.Collections;
using Weir.Ingest.ClickHouse;

namespace Weir.Faults;

/// <summary>What the store holds in the end, held against what clients saw.</summary>
/// <param name="Answered">Requests that were answered.</param>
/// <param name="Stored">Of these, stored.</param>
/// <param name="Doubled">Stored more than once, of any.</param>
/// <param name="InMemory">Answered and not stored, in the moments before a kill of the edge that no promise covered.</param>
/// <param name="Missing">Answered and not stored otherwise; each must be counted as lost.</param>
/// <param name="Counted">Counted as lost, by reason.</param>
/// <param name="ViewRowsOff">Rows in which the hourly counts differ from the table.</param>
/// <param name="FetchesOff">Crawler fetches that the trigger reader's table lacks.</param>
internal sealed record Audit(
    long Answered, long Stored, long Doubled, long InMemory, long Missing, IReadOnlyDictionary<string, long> Counted, long ViewRowsOff, long FetchesOff)
{
    /// <summary>Whether what was promised holds.</summary>
    public bool IsSound => Doubled == 0 && ViewRowsOff == 0 && FetchesOff == 0 && Missing <= Counted.Values.Sum();

    /// <summary>Asks the store.</summary>
    public static async Task<Audit> OfAsync(ClickHouseEndpoint endpoint, IReadOnlyDictionary<int, Answered> requests, IReadOnlyList<EdgeKill> kills)
    {
        using var store = new ClickHouseConnections(endpoint);
        var (stored, doubled) = await StoredAsync(store);
        long found = 0, inMemory = 0, missing = 0;
        foreach (var (number, request) in requests)
        {
            if (number < stored.Count && stored[number])
                found++;
            else if (kills.Any(k => k.MayCost(request)))
                inMemory++;
            else
                missing++;
        }
        return new Audit(requests.Count, found, doubled, inMemory, missing, await CountedAsync(store),
            await NumberAsync(store,
                """
                SELECT count() FROM
                (
                    SELECT site, toStartOfHour(time) AS hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source,
                           toInt64(count()) AS n, toInt64(sum(hit_id)) AS i, toInt64(sum(bytes_sent)) AS b FROM hits GROUP BY ALL
                    UNION ALL
                    SELECT site, hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source,
                           toInt64(0 - sum(hits)), toInt64(0 - sum(ids_sum)), toInt64(0 - sum(bytes_sent)) FROM hits_hourly GROUP BY ALL
                )
                GROUP BY site, hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source
                HAVING sum(n) != 0 OR sum(i) != 0 OR sum(b) != 0
                """),
            await NumberAsync(store, "SELECT count() FROM hits WHERE kind = 'crawler' AND source = 'edge' AND hit_id NOT IN (SELECT hit_id FROM crawler_fetches)"));
    }

    private static async Task<(BitArray Stored, long Doubled)> StoredAsync(ClickHouseConnections store)
    {
        long most = await NumberAsync(store, "SELECT max(toUInt32OrZero(substring(path, 4))) FROM hits WHERE path LIKE '/n/%'");
        var stored = new BitArray((int)most + 1);
        long doubled = 0;
        await using var reader = await store.Client.ExecuteReaderAsync("SELECT toUInt32OrZero(substring(path, 4)), count() FROM hits WHERE path LIKE '/n/%' GROUP BY 1");
        while (await reader.ReadAsync())
        {
            stored[(int)(uint)reader.GetValue(0)] = true;
            if ((ulong)reader.GetValue(1) > 1)
                doubled++;
        }
        return (stored, doubled);
    }

    private static async Task<IReadOnlyDictionary<string, long>> CountedAsync(ClickHouseConnections store)
    {
        Dictionary<string, long> counted = new(StringComparer.Ordinal);
        await using var reader = await store.Client.ExecuteReaderAsync("SELECT reason, sum(count) FROM losses GROUP BY reason ORDER BY reason");
        while (await reader.ReadAsync())
            counted[reader.GetString(0)] = Convert.ToInt64(reader.GetValue(1));
        return counted;
    }

    private static async Task<long> NumberAsync(ClickHouseConnections store, string sql) => Convert.ToInt64(await store.Client.ExecuteScalarAsync(sql));
}
