using Microsoft.Extensions.Logging.Abstractions;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Tests.ClickHouse;

[Collection(StoreCollection.Name)]
public class ViewRepairTests(ClickHouseServer server)
{
    [Theory]
    [InlineData("hits_hourly_view")]
    [InlineData("crawler_fetches_view")]
    [InlineData("open_identities_view")]
    public async Task A_view_that_lacks_a_batch_is_given_it_once(string view)
    {
        using var store = await Store.NewAsync(server);
        var inserter = new HitInserter(store.Connections);
        var views = new ViewRepair(store.Connections, inserter, NullLogger.Instance, TimeProvider.System);
        using var whole = Batch(0);
        using var torn = Batch(1);
        await inserter.InsertAsync(whole, 0, 500, whole.Id, default);
        // The view misses the second batch, as if the server had died behind its token.
        string definition = await store.TextAsync($"SHOW CREATE TABLE {view}");
        await store.RunAsync($"DROP TABLE {view} SYNC");
        await inserter.InsertAsync(torn, 0, 500, torn.Id, default);
        await store.RunAsync(definition);
        await views.EnsureAsync(torn, 0, 500, torn.Id, default);
        await store.AssertViewsEqualTheTableAsync();
        await views.EnsureAsync(torn, 0, 500, torn.Id, default);
        await views.EnsureAsync(whole, 0, 500, whole.Id, default);
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task Hourly_counts_that_have_a_batch_twice_give_it_back_once()
    {
        using var store = await Store.NewAsync(server);
        var inserter = new HitInserter(store.Connections);
        var views = new ViewRepair(store.Connections, inserter, NullLogger.Instance, TimeProvider.System);
        using var other = Batch(0);
        using var batch = Batch(1);
        await inserter.InsertAsync(other, 0, 500, other.Id, default);
        await inserter.InsertAsync(batch, 0, 500, batch.Id, default);
        // As if the server had died between keeping the view's block and noting its token, and taken the repeat.
        await inserter.InsertAsync(batch, 0, 500, "repeat", default, HitInserter.ToHourly);
        for (int i = 0; i < 2; i++)
        {
            await views.EnsureAsync(batch, 0, 500, batch.Id, default);
            await store.AssertViewsEqualTheTableAsync();
        }
    }

    [Fact]
    public async Task Rows_can_be_stored_without_the_views_that_have_them()
    {
        using var store = await Store.NewAsync(server);
        var inserter = new HitInserter(store.Connections);
        using var batch = Batch(0);
        await inserter.InsertAsync(batch, 0, 500, "hourly", default, HitInserter.ToHourly);
        await inserter.InsertAsync(batch, 0, 500, "fetches", default, HitInserter.ToCrawlerFetches);
        Assert.False(await inserter.IsStoredAsync(batch, 0, default));
        await inserter.InsertWithoutViewsAsync(batch, 0, 500, default);
        Assert.True(await inserter.IsStoredAsync(batch, 0, default));
        await new ViewRepair(store.Connections, inserter, NullLogger.Instance, TimeProvider.System).EnsureAsync(batch, 0, 500, batch.Id, default);
        await store.AssertViewsEqualTheTableAsync();
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM system.tables WHERE database = currentDatabase() AND name LIKE 'hits_staging%'"));
    }

    private static HitBatch Batch(int number)
    {
        var batch = new HitBatch($"batch-{number}", 202601, 0);
        for (int i = 0; i < 500; i++)
            HitEncoder.TryWrite(batch.Rows, Hits.WithPending((number * 500) + i), Salts.Any);
        return batch;
    }
}
