using Microsoft.Extensions.Logging.Abstractions;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Tests.ClickHouse;

/// <summary>Writer and store died together under an insert: nobody sends the batch again, and a view differs from the table.</summary>
[Collection(StoreCollection.Name)]
public class ViewCheckTests(ClickHouseServer server)
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.FromUnixTimeMilliseconds(Hits.Noon);

    [Theory]
    [InlineData("hits_hourly_view")]
    [InlineData("crawler_fetches_view")]
    [InlineData("open_identities_view")]
    public async Task What_a_view_lacks_is_added_once(string view)
    {
        using var store = await Store.NewAsync(server);
        await InsertAsync(store, 0, HitInserter.ToHits);
        string definition = await store.TextAsync($"SHOW CREATE TABLE {view}");
        await store.RunAsync($"DROP TABLE {view} SYNC");
        await InsertAsync(store, 1, HitInserter.ToHits);
        await store.RunAsync(definition);
        var check = new ViewCheck(store.Connections, NullLogger.Instance, TimeProvider.System);
        for (int i = 0; i < 2; i++)
        {
            await check.CheckAsync(Noon, Noon, default);
            await store.AssertViewsEqualTheTableAsync();
        }
    }

    [Fact]
    public async Task What_the_hourly_counts_have_twice_is_taken_away()
    {
        using var store = await Store.NewAsync(server);
        await InsertAsync(store, 0, HitInserter.ToHits);
        await InsertAsync(store, 0, HitInserter.ToHourly);
        await new ViewCheck(store.Connections, NullLogger.Instance, TimeProvider.System).CheckAsync(Noon, Noon, default);
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_writer_checks_what_one_that_was_killed_left_behind_and_not_after_a_stop()
    {
        using var store = await Store.NewAsync(server);
        var now = TimeProvider.System.GetUtcNow();
        await InsertAsync(store, 0, HitInserter.ToHits, now.ToUnixTimeMilliseconds());
        await InsertAsync(store, 0, HitInserter.ToHourly, now.ToUnixTimeMilliseconds());
        var check = new ViewCheck(store.Connections, NullLogger.Instance, TimeProvider.System);

        await SayAsync(now, isStopped: true);
        await check.AfterRunAsync("edge-1", default);
        Assert.Equal(1000, await store.NumberAsync("SELECT sum(hits) FROM hits_hourly"));

        // Long ago: by now hits may have been deleted by their age, and their counts kept.
        await SayAsync(now - TimeSpan.FromDays(2), isStopped: false);
        await check.AfterRunAsync("edge-1", default);
        Assert.Equal(1000, await store.NumberAsync("SELECT sum(hits) FROM hits_hourly"));

        await SayAsync(now, isStopped: false);
        await check.AfterRunAsync("another", default);
        Assert.Equal(1000, await store.NumberAsync("SELECT sum(hits) FROM hits_hourly"));

        await using var writer = await Writer.StartAsync(store.Endpoint);
        await store.WaitForAsync(500, "SELECT sum(hits) FROM hits_hourly");
        await writer.StopAsync();
        await store.AssertViewsEqualTheTableAsync();

        Task SayAsync(DateTimeOffset completeUntil, bool isStopped) => store.RunAsync(
            $"INSERT INTO writers VALUES ('edge-1', now64(3), fromUnixTimestamp64Milli({completeUntil.ToUnixTimeMilliseconds()}), {(isStopped ? "true" : "false")}, 0, 0)");
    }

    private static async Task InsertAsync(Store store, int number, string table, long atMs = Hits.Noon)
    {
        using var batch = new HitBatch($"batch-{number}-{table}", HitEncoder.MonthOf(atMs), 0);
        for (int i = 0; i < 500; i++)
            Assert.True(HitEncoder.TryWrite(batch.Rows, Hits.WithPending((number * 500) + i) with { TimeMs = atMs + i }, Salts.Any));
        await new HitInserter(store.Connections).InsertAsync(batch, 0, 500, batch.Id, default, table);
    }
}
