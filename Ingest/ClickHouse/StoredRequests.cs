using System.Net;
using System.Runtime.CompilerServices;
using Weir.Detection;
using Weir.Detection.Places;
using Weir.Ingest.Verdicts;

namespace Weir.Ingest.ClickHouse;

/// <summary>What of a stored hit a site's rules look at.</summary>
public readonly record struct StoredRequest
{
    /// <summary>When, milliseconds since 1970-01-01 UTC.</summary>
    public required long TimeMs { get; init; }

    /// <summary>The hit's id.</summary>
    public required ulong HitId { get; init; }

    /// <summary>Who asked.</summary>
    public required ClientAddress ClientAddress { get; init; }

    /// <summary>Where that is.</summary>
    public Country Country { get; init; }

    /// <summary>Request method.</summary>
    public required string Method { get; init; }

    /// <summary>Path with its leading slash.</summary>
    public required string Path { get; init; }

    /// <summary>What sort of client.</summary>
    public required VerdictKind Kind { get; init; }

    /// <summary>The crawler's id; empty without a claim.</summary>
    public required string Crawler { get; init; }

    /// <summary>Who runs it; empty without a claim.</summary>
    public required string Operator { get; init; }

    /// <summary>Why it fetches.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>What checking the claim gave.</summary>
    public required Identity Identity { get; init; }

    /// <summary>How automated.</summary>
    public required byte Score { get; init; }

    /// <summary>What sort of page sent the visitor.</summary>
    public required ReferralClass Referral { get; init; }

    /// <summary>What a rule did with it.</summary>
    public required PolicyAction Action { get; init; }
}

/// <summary>Reads a site's stored requests in the order of time, a page at a time, each by its newest verdict.</summary>
public sealed class StoredRequests(ClickHouseEndpoint endpoint) : IDisposable
{
    private const int PageRows = 50_000;

    private const string Sql =
        $$"""
        WITH {{VerdictSql.Amended}}, {{VerdictSql.JudgedPage}}
        SELECT toUnixTimestamp64Milli(time), hit_id, client_address, method, path, toUInt8(kind), crawler, operator, toUInt8(purpose),
               toUInt8(identity), score, toUInt8(referral_class), toUInt8(policy_action), country
        FROM judged
        ORDER BY time, hit_id
        """;

    private readonly ClickHouseConnections _connections = new(endpoint);

    /// <summary>The time from which on there are at most so many requests, when there are more; else <paramref name="fromMs"/>.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<long> NewestAsync(SiteId site, long fromMs, long toMs, long max, CancellationToken stop)
    {
        const string Bound =
            """
            SELECT toUnixTimestamp64Milli(time) FROM hits
            WHERE site = {site:String} AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
            ORDER BY time DESC LIMIT 1 OFFSET {max:UInt64}
            """;
        try
        {
            object? first = await _connections.Client.ExecuteScalarAsync(Bound,
                QueryParameters.Of(("site", site.Value), ("from", fromMs), ("to", toMs), ("max", (ulong)max)), cancellationToken: stop);
            return first is long ms ? ms + 1 : fromMs;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }

    /// <summary>Reads requests of a span, oldest first.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async IAsyncEnumerable<StoredRequest> ReadAsync(SiteId site, long fromMs, long toMs, [EnumeratorCancellation] CancellationToken stop)
    {
        // No id is 0 and ids of the first moment are above it, so this begins with all of them.
        (long at, ulong after) = (fromMs, 0);
        while (true)
        {
            var page = await PageAsync(site, at, toMs, after, stop);
            foreach (var request in page)
                yield return request;
            if (page.Count < PageRows)
                yield break;
            (at, after) = (page[^1].TimeMs, page[^1].HitId);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connections.Dispose();

    private async Task<List<StoredRequest>> PageAsync(SiteId site, long fromMs, long toMs, ulong after, CancellationToken stop)
    {
        var page = new List<StoredRequest>();
        try
        {
            await using var row = await _connections.Client.ExecuteReaderAsync(Sql,
                QueryParameters.Of(("verdict", VerdictSql.Reclassified), ("site", site.Value), ("from", fromMs), ("to", toMs), ("after", after), ("rows", (uint)PageRows)), cancellationToken: stop);
            while (await row.ReadAsync(stop))
            {
                page.Add(new StoredRequest
                {
                    TimeMs = row.GetInt64(0),
                    HitId = (ulong)row.GetValue(1),
                    ClientAddress = ClientAddress.From((IPAddress)row.GetValue(2)),
                    Method = row.GetString(3),
                    Path = row.GetString(4),
                    Kind = (VerdictKind)row.GetByte(5),
                    Crawler = row.GetString(6),
                    Operator = row.GetString(7),
                    Purpose = (Purpose)row.GetByte(8),
                    Identity = (Identity)row.GetByte(9),
                    Score = row.GetByte(10),
                    Referral = (ReferralClass)row.GetByte(11),
                    Action = (PolicyAction)row.GetByte(12),
                    Country = Country.TryParse(row.GetString(13), out var country) ? country : default,
                });
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
        return page;
    }
}
