using ClickHouse.Driver;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Reports;
using Weir.Detection;

namespace Weir.Analytics.Api.Sitemaps;

/// <summary>The sitemap of a site that is in force.</summary>
/// <param name="LoadedAt">When it was sent; when the last part was added to it.</param>
/// <param name="Pages">Its pages.</param>
/// <param name="Changes">What it changed; only in the answer to whoever sent it, and not for the first.</param>
public sealed record SitemapInfo(DateTimeOffset LoadedAt, long Pages, SitemapChanges? Changes = null);

/// <summary>Keeps sites' sitemaps beside their hits. Safe from any thread; of two at a time, the later counts.</summary>
internal sealed class SitemapStore(ReportStore store, IClickHouseClient client, TimeProvider time)
{
    private const int BatchRows = 50_000;

    // The pages of the newest sitemap, and of the parts that were added to it since.
    private const string BeginSql = $$"""
        SELECT toUnixTimestamp64Milli(maxIf(loaded_at, NOT is_added)), toUnixTimestamp64Milli(max(loaded_at)) FROM sitemaps WHERE site = {site:String}
        {{ReportStore.Limits}}
        """;

    // As of now, so that what was loaded twice counts once, by its last.
    private const string EachSql = $$"""
        SELECT toString(host), path, query, toUnixTimestamp(last_modified) FROM sitemap_pages FINAL
        WHERE site = {site:String} AND loaded_at >= fromUnixTimestamp64Milli({loaded:Int64}, 'UTC')
        {{ReportStore.Limits}}
        """;

    private const string PagesSql = $$"""
        SELECT count() FROM sitemap_pages FINAL WHERE site = {site:String} AND loaded_at >= fromUnixTimestamp64Milli({loaded:Int64}, 'UTC')
        {{ReportStore.Limits}}
        """;

    private static readonly string[] PageColumns = ["site", "host", "path", "query", "last_modified", "loaded_at"];

    private static readonly string[] SitemapColumns = ["site", "loaded_at", "pages", "is_added"];

    /// <summary>From when on the pages of a site's sitemap were loaded, and when the last of it was, in milliseconds; null when it has none.</summary>
    public async Task<(long FromMs, long LastMs)?> FindAsync(SiteId site, CancellationToken stop)
    {
        var found = await store.ReadAsync(BeginSql, new ClickHouseParameterCollection().With("site", site.Value), r => (r.GetInt64(0), r.GetInt64(1)), stop);
        return found[0].Item2 > 0 ? found[0] : null;
    }

    /// <summary>What is in force; null when a site has none.</summary>
    public async Task<SitemapInfo?> InfoAsync(SiteId site, CancellationToken stop)
    {
        if (await FindAsync(site, stop) is not var (fromMs, lastMs))
            return null;
        var pages = await store.ReadAsync(PagesSql, new ClickHouseParameterCollection().With("site", site.Value).With("loaded", fromMs), r => r.Count(0), stop);
        return new SitemapInfo(DateTimeOffset.FromUnixTimeMilliseconds(lastMs), pages[0]);
    }

    /// <summary>Pages in force, with when the site says that each last changed; the epoch when it does not say.</summary>
    /// <param name="site">The site.</param>
    /// <param name="fromMs">As <see cref="FindAsync"/> gave it.</param>
    /// <param name="stop">Ends the call.</param>
    public async Task<Dictionary<(string Host, string Path, string Query), DateTimeOffset>> PagesAsync(SiteId site, long fromMs, CancellationToken stop)
    {
        var pages = new Dictionary<(string, string, string), DateTimeOffset>();
        foreach (var (key, seconds) in await store.ReadAsync(EachSql, new ClickHouseParameterCollection().With("site", site.Value).With("loaded", fromMs),
            r => ((r.GetString(0), r.GetString(1), r.GetString(2)), Convert.ToInt64(r.GetValue(3), System.Globalization.CultureInfo.InvariantCulture)), stop))
        {
            pages[key] = DateTimeOffset.FromUnixTimeSeconds(seconds);
        }
        return pages;
    }

    /// <summary>Puts a sitemap in force, or adds one to it.</summary>
    /// <exception cref="StoreUnavailableException">ClickHouse did not take it; the one before stays.</exception>
    public async Task PutAsync(SiteId site, IReadOnlyList<SitemapPage> pages, bool isAdded, CancellationToken stop)
    {
        // A later one must be told from the one before also when both came in one millisecond.
        long after = (await FindAsync(site, stop))?.LastMs ?? 0;
        var loadedAt = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(after + 1, time.GetUtcNow().ToUnixTimeMilliseconds())).UtcDateTime;
        try
        {
            foreach (var batch in pages.Chunk(BatchRows))
            {
                await client.InsertBinaryAsync("sitemap_pages", PageColumns, batch.Select(p => new object[]
                {
                    site.Value, p.Host, p.Path, p.Query, p.LastModified?.UtcDateTime ?? DateTime.UnixEpoch, loadedAt,
                }), new InsertOptions(), stop);
            }
            await client.InsertBinaryAsync("sitemaps", SitemapColumns, [[site.Value, loadedAt, (ulong)pages.Count, isAdded]], new InsertOptions(), stop);
        }
        catch (Exception e) when (e is ClickHouseServerException or HttpRequestException or IOException or TimeoutException)
        {
            throw new StoreUnavailableException(e.Message, e);
        }
    }
}
