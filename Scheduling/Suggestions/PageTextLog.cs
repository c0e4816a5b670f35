using ClickHouse.Driver.ADO.Parameters;
using Weir.Ingest.ClickHouse;

namespace Weir.Scheduling.Suggestions;

/// <summary>Texts of pages in ClickHouse, table <c>page_texts</c>. Safe from any thread.</summary>
public sealed class PageTextLog(ClickHouseConnections connections)
{
    private const string ArrivedSql = """
        SELECT toUnixTimestamp64Milli(inserted_at), toString(site), toString(host), path, hash
        FROM page_texts
        WHERE inserted_at >= fromUnixTimestamp64Milli({insertedMs:Int64}, 'UTC')
          AND (inserted_at, site, host, path) > (fromUnixTimestamp64Milli({insertedMs:Int64}, 'UTC'), {site:String}, {host:String}, {path:String})
        ORDER BY inserted_at, site, host, path
        LIMIT {limit:UInt32}
        """;

    private const string TextsSql = """
        SELECT toString(site), toString(host), path, title, text, hash
        FROM page_texts
        WHERE (site, host, path) IN (SELECT p.1, p.2, p.3 FROM (SELECT arrayJoin(arrayZip({sites:Array(String)}, {hosts:Array(String)}, {paths:Array(String)})) AS p))
        ORDER BY time DESC
        LIMIT 1 BY site, host, path
        """;

    private const string CountsSql = "SELECT toString(site), toInt64(count()) FROM page_texts FINAL GROUP BY site";

    private const string PagesSql = "SELECT toString(host), path FROM page_texts FINAL WHERE site = {site:String}";

    /// <summary>Pages that were stored after a place, in the order in which they came; a page may be among them more than once.</summary>
    public async Task<IReadOnlyList<ArrivedPage>> ArrivedAsync(long insertedMs, PageKey after, int limit, CancellationToken stop)
    {
        var pages = new List<ArrivedPage>();
        using var reader = await connections.Client.ExecuteReaderAsync(ArrivedSql, QueryParameters.Of(
            ("insertedMs", insertedMs), ("site", after.Site), ("host", after.Host), ("path", after.Path), ("limit", (uint)limit)), null, stop);
        while (await reader.ReadAsync(stop))
            pages.Add(new ArrivedPage(reader.GetInt64(0), new PageKey(reader.GetString(1), reader.GetString(2), reader.GetString(3)), (ulong)reader.GetValue(4)));
        return pages;
    }

    /// <summary>What pages say, by their newest rows; pages that are gone are left out.</summary>
    public async Task<IReadOnlyList<IndexedPage>> TextsAsync(IReadOnlyCollection<PageKey> keys, CancellationToken stop)
    {
        var pages = new List<IndexedPage>();
        using var reader = await connections.Client.ExecuteReaderAsync(TextsSql, QueryParameters.Of(
            ("sites", keys.Select(k => k.Site).ToArray()), ("hosts", keys.Select(k => k.Host).ToArray()), ("paths", keys.Select(k => k.Path).ToArray())), null, stop);
        while (await reader.ReadAsync(stop))
        {
            pages.Add(new IndexedPage(
                new PageKey(reader.GetString(0), reader.GetString(1), reader.GetString(2)), reader.GetString(3), reader.GetString(4), (ulong)reader.GetValue(5)));
        }
        return pages;
    }

    /// <summary>How many pages there are of each site.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountsAsync(CancellationToken stop)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        using var reader = await connections.Client.ExecuteReaderAsync(CountsSql, new ClickHouseParameterCollection(), null, stop);
        while (await reader.ReadAsync(stop))
            counts[reader.GetString(0)] = reader.GetInt64(1);
        return counts;
    }

    /// <summary>The pages of a site.</summary>
    public async IAsyncEnumerable<PageKey> PagesAsync(string site, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        using var reader = await connections.Client.ExecuteReaderAsync(PagesSql, QueryParameters.Of(("site", site)), null, stop);
        while (await reader.ReadAsync(stop))
            yield return new PageKey(site, reader.GetString(0), reader.GetString(1));
    }
}

/// <summary>A page whose text was stored.</summary>
/// <param name="InsertedMs">When, by the store's clock, milliseconds since 1970 UTC.</param>
/// <param name="Key">Which page.</param>
/// <param name="Hash">Hash of its title and text.</param>
public readonly record struct ArrivedPage(long InsertedMs, PageKey Key, ulong Hash);
