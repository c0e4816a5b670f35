using System.Runtime.CompilerServices;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Ingest.ClickHouse;

/// <summary>Reads what a site served as robots.txt, and what crawlers fetched of it, in the order of time.</summary>
public sealed class StoredRobots(ClickHouseEndpoint endpoint) : IDisposable
{
    private const int PageRows = 50_000;

    // Edits of years; a file that changes with every request is bounded where it is seen.
    /// <summary>Versions of a site that are read at most.</summary>
    public const int VersionsMax = 10_000;

    /// <summary>Versions of parameter <c>site</c>, at most <c>max</c>.</summary>
    /// <remarks>Texts may hold any bytes, and the driver would read them as UTF-8.</remarks>
    public const string VersionsSql =
        """
        SELECT toUnixTimestamp64Milli(time), host, status, base64Encode(text) FROM robots_versions
        WHERE site = {site:String} ORDER BY host, time, inserted_at LIMIT {max:UInt32}
        """;

    private const string FetchesSql =
        $$"""
        WITH {{VerdictSql.Amended}}, {{VerdictSql.JudgedCrawlerPage}}
        SELECT toUnixTimestamp64Milli(time), hit_id, host, path, query, status, if(kind = 'crawler', crawler, ''), toUInt8(identity)
        FROM judged
        ORDER BY time, hit_id
        """;

    private readonly ClickHouseConnections _connections = new(endpoint);

    /// <summary>Every version of every host of a site, oldest first within a host.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public Task<List<StoredRobotsVersion>> VersionsAsync(SiteId site, CancellationToken stop) =>
        ReadAsync(VersionsSql, Version, stop, ("site", site.Value), ("max", (uint)VersionsMax));

    /// <summary>Reads a row of <see cref="VersionsSql"/>.</summary>
    public static StoredRobotsVersion Version(ClickHouseDataReader row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), row.GetString(1), (ushort)row.GetValue(2), Convert.FromBase64String(row.GetString(3)));
    }

    /// <summary>Reads a row of time, id, host, path, query, status, crawler (empty for none) and identity, in this order.</summary>
    public static StoredFetch Fetch(ClickHouseDataReader row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new(row.GetInt64(0), (ulong)row.GetValue(1), row.GetString(2), row.GetString(3), row.GetString(4), (ushort)row.GetValue(5),
            row.GetString(6), (Identity)row.GetByte(7));
    }

    /// <summary>What crawlers fetched in a span, oldest first; what a crawler is, is what the hit's newest verdict says.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async IAsyncEnumerable<StoredFetch> FetchesAsync(SiteId site, long fromMs, long toMs, [EnumeratorCancellation] CancellationToken stop)
    {
        // No id is 0 and ids of the first moment are above it, so this begins with all of them.
        (long at, ulong after) = (fromMs, 0);
        while (true)
        {
            var page = await ReadAsync(FetchesSql, Fetch, stop, ("verdict", VerdictSql.Reclassified), ("site", site.Value), ("from", at), ("to", toMs), ("after", after), ("rows", (uint)PageRows));
            foreach (var fetch in page)
            {
                // What is no crawler any more stays in the page, so that the page's length tells whether it is the last.
                if (fetch.Crawler.Length > 0)
                    yield return fetch;
            }
            if (page.Count < PageRows)
                yield break;
            (at, after) = (page[^1].TimeMs, page[^1].HitId);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connections.Dispose();

    private async Task<List<T>> ReadAsync<T>(string sql, Func<ClickHouseDataReader, T> read, CancellationToken stop, params (string, object)[] parameters)
    {
        try
        {
            var rows = new List<T>();
            await using var row = await _connections.Client.ExecuteReaderAsync(sql, QueryParameters.Of(parameters), cancellationToken: stop);
            while (await row.ReadAsync(stop))
                rows.Add(read(row));
            return rows;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }
}

/// <summary>A stored version of a host's robots.txt.</summary>
/// <param name="SeenAt">When it was first seen.</param>
/// <param name="Host">Whose.</param>
/// <param name="Status">200, or 404 and 410 for no file.</param>
/// <param name="Text">Its bytes.</param>
public sealed record StoredRobotsVersion(DateTimeOffset SeenAt, string Host, ushort Status, byte[] Text);

/// <summary>One fetch of a crawler, as stored.</summary>
/// <param name="TimeMs">When, milliseconds since 1970-01-01 UTC.</param>
/// <param name="HitId">The hit's id.</param>
/// <param name="Host">The host asked.</param>
/// <param name="Path">Path with its leading slash.</param>
/// <param name="Query">Query without its question mark.</param>
/// <param name="Status">The answer's status.</param>
/// <param name="Crawler">The crawler's id.</param>
/// <param name="Identity">What checking the claim gave.</param>
public readonly record struct StoredFetch(
    long TimeMs, ulong HitId, string Host, string Path, string Query, ushort Status, string Crawler, Identity Identity);
