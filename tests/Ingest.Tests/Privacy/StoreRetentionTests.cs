using Weir.Detection;
using Weir.Ingest.Privacy;

namespace Weir.Ingest.Tests.Privacy;

[Collection(StoreCollection.Name)]
public class StoreRetentionTests(ClickHouseServer server)
{
    private static readonly SiteId Short = SiteId.Parse("short");
    private static readonly SiteId Long = SiteId.Parse("long");
    private static readonly SiteId Kept = SiteId.Parse("kept");

    [Fact]
    public async Task Rows_older_than_their_site_keeps_them_are_gone_from_every_table_and_a_changed_setting_reaches_old_rows()
    {
        using var store = await FilledAsync();
        using var retention = new StoreRetention(store.Endpoint, TimeProvider.System);
        await retention.RunAsync([new SiteRetention(Short, 10, 10), new SiteRetention(Long, 10, 60)], TestContext.Current.CancellationToken);
        // Days 0, 5, 20, 50, 100 ago.
        foreach (string table in (string[])["hits", "crawler_fetches", "content_sightings", "page_texts"])
            Assert.Equal((2, 2, 5), await CountsAsync(store, table));
        Assert.Equal((2, 4, 5), await CountsAsync(store, "hits_hourly"));
        Assert.Equal((2, 4, 5), await CountsAsync(store, "robots_versions"));
        Assert.Equal((2, 4, 5), await CountsAsync(store, "losses"));
        Assert.Equal(4, await store.NumberAsync("SELECT sum(rows_deleted) FROM deletions WHERE subject = 'retention' AND stored_in = 'hits_hourly'"));

        await retention.RunAsync([new SiteRetention(Short, 3, 3)], TestContext.Current.CancellationToken);
        Assert.Equal((1, 2, 5), await CountsAsync(store, "hits"));
        Assert.Empty(await retention.RunAsync([new SiteRetention(Short, 3, 3)], TestContext.Current.CancellationToken));
    }

    private static async Task<(long, long, long)> CountsAsync(Store store, string table) =>
        (await store.NumberAsync($"SELECT countIf(site = 'short') FROM {table}"), await store.NumberAsync($"SELECT countIf(site = 'long') FROM {table}"),
            await store.NumberAsync($"SELECT countIf(site = 'kept') FROM {table}"));

    private async Task<Store> FilledAsync()
    {
        var store = await Store.NewAsync(server);
        await using var writer = await Writer.StartAsync(store.Endpoint);
        var now = TimeProvider.System.GetUtcNow();
        int number = 0;
        foreach (var site in (SiteId[])[Short, Long, Kept])
        {
            foreach (int days in (int[])[0, 5, 20, 50, 100])
                writer.Sink.TryWrite(Hits.Number(3 * ++number) with { Site = site, TimeMs = now.AddDays(-days).ToUnixTimeMilliseconds() });
        }
        await writer.StopAsync();
        await store.RunAsync("INSERT INTO content_sightings (time, site, hit_id, host, path, crawler) SELECT time, site, hit_id, host, path, 'gptbot' FROM hits");
        await store.RunAsync("INSERT INTO page_texts (time, site, host, path, text) SELECT time, site, host, toString(hit_id), 'a text' FROM hits");
        await store.RunAsync("INSERT INTO robots_versions (time, site, host, status, mode, hash, text) SELECT time, site, host, 200, 'pass', '', '' FROM hits");
        await store.RunAsync("INSERT INTO losses (time, edge, site, reason, count) SELECT time, 'edge-1', site, 'spool-full', 1 FROM hits");
        return store;
    }
}
