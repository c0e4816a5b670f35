using Dapper;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;

namespace Weir.Analytics.Api.Sitemaps;

/// <summary>Where a site's sitemap is fetched from, and what came of it.</summary>
/// <param name="Site">The site.</param>
/// <param name="Url">The address that somebody gave; empty for what robots.txt names, else /sitemap.xml.</param>
/// <param name="IsDaily">Whether it is fetched every day.</param>
/// <param name="Due">When it is fetched next, where it is daily.</param>
internal sealed record SitemapWish(string Site, string Url, bool IsDaily, DateTimeOffset Due)
{
    /// <summary>When it was last tried; null before.</summary>
    public DateTimeOffset? Asked { get; init; }

    /// <summary>When it was last fetched whole; null before.</summary>
    public DateTimeOffset? Fetched { get; init; }

    /// <summary>Files and pages of that time.</summary>
    public long Files { get; init; }

    /// <inheritdoc cref="Files"/>
    public long Pages { get; init; }

    /// <summary>Why the last try failed; empty when it did not.</summary>
    public string Error { get; init; } = "";
}

/// <summary>Wishes for sitemaps in the control store. Safe from any thread and from several programs.</summary>
internal sealed class SqlSitemapFetches(IControlStore store, TimeProvider time)
{
    private const string Columns = """
        site AS Site, url AS Url, is_daily AS IsDaily, due_ms AS DueMs, asked_ms AS AskedMs, fetched_ms AS FetchedMs, files AS Files, pages AS Pages, error AS Error
        """;

    /// <summary>A site's wish; null when nobody ever had one fetched.</summary>
    public async Task<SitemapWish?> FindAsync(SiteId site, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM sitemap_fetches WHERE site = @site", new { site = site.Value }))?.ToWish();
    }

    /// <summary>Keeps where and how often a sitemap is fetched, and notes it in the audit log.</summary>
    public Task PutAsync(SiteId site, string url, bool isDaily, DateTimeOffset due, string tenant, Actor by, CancellationToken stop)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return store.WriteAsync(async transaction =>
        {
            await transaction.Connection!.ExecuteAsync(
                """
                INSERT INTO sitemap_fetches (site, url, is_daily, due_ms, asked_ms, fetched_ms, files, pages, error) VALUES (@site, @url, @isDaily, @dueMs, 0, 0, 0, 0, '')
                ON CONFLICT (site) DO UPDATE SET url = excluded.url, is_daily = excluded.is_daily, due_ms = excluded.due_ms
                """,
                new { site = site.Value, url, isDaily = isDaily ? 1 : 0, dueMs = due.ToUnixTimeMilliseconds() }, transaction);
            return await SqlAuditLog.NoteAsync(transaction, tenant, by,
                new AuditNote(AuditActions.SitemapFetch, site.Value, $"{(url.Length == 0 ? "as robots.txt says" : url)}{(isDaily ? ", daily" : "")}"), nowMs);
        }, stop);
    }

    /// <summary>Takes one that is due, and puts it off until <paramref name="next"/>, so that no other program fetches it too; null when none is due.</summary>
    public Task<SitemapWish?> TakeDueAsync(DateTimeOffset next, CancellationToken stop) => store.WriteAsync(async transaction =>
    {
        var connection = transaction.Connection!;
        var times = new { nowMs = time.GetUtcNow().ToUnixTimeMilliseconds(), nextMs = next.ToUnixTimeMilliseconds() };
        // Of two that found the same site due, the second changes no row.
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            $"""
            UPDATE sitemap_fetches SET due_ms = @nextMs
            WHERE is_daily = 1 AND due_ms <= @nowMs AND site = (SELECT site FROM sitemap_fetches WHERE is_daily = 1 AND due_ms <= @nowMs ORDER BY due_ms, site LIMIT 1)
            RETURNING {Columns}
            """,
            times, transaction);
        return row?.ToWish();
    }, stop);

    /// <summary>Notes that a sitemap came whole.</summary>
    public Task FetchedAsync(SiteId site, int files, int pages, CancellationToken stop) => NoteAsync(
        "UPDATE sitemap_fetches SET asked_ms = @nowMs, fetched_ms = @nowMs, files = @files, pages = @pages, error = '' WHERE site = @site",
        new { site = site.Value, files, pages, nowMs = time.GetUtcNow().ToUnixTimeMilliseconds() }, stop);

    /// <summary>Notes why none came; what is known of the time before stays.</summary>
    public Task FailedAsync(SiteId site, string error, CancellationToken stop) => NoteAsync(
        "UPDATE sitemap_fetches SET asked_ms = @nowMs, error = @error WHERE site = @site",
        new { site = site.Value, error, nowMs = time.GetUtcNow().ToUnixTimeMilliseconds() }, stop);

    private Task<int> NoteAsync(string sql, object values, CancellationToken stop) =>
        store.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(sql, values, transaction), stop);

    private sealed record Row
    {
        public string Site { get; init; } = "";
        public string Url { get; init; } = "";
        public long IsDaily { get; init; }
        public long DueMs { get; init; }
        public long AskedMs { get; init; }
        public long FetchedMs { get; init; }
        public long Files { get; init; }
        public long Pages { get; init; }
        public string Error { get; init; } = "";

        public SitemapWish ToWish() => new(Site, Url, IsDaily == 1, DateTimeOffset.FromUnixTimeMilliseconds(DueMs))
        {
            Asked = Time(AskedMs),
            Fetched = Time(FetchedMs),
            Files = Files,
            Pages = Pages,
            Error = Error,
        };

        private static DateTimeOffset? Time(long ms) => ms == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(ms);
    }
}
