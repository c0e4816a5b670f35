using Weir.Ingest.Buffering;
using Weir.Ingest.Schema;

namespace Weir.Ingest.Tests.ClickHouse;

/// <summary>Each test has a server of its own and kills it.</summary>
public class StoreAwayTests
{
    [Fact]
    public async Task A_server_killed_under_inserts_has_every_hit_once_after_its_return()
    {
        await using var server = new ClickHouseServer();
        await server.StartAsync();
        using var store = new Store(server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint, new IngestOptions
        {
            FlushInterval = TimeSpan.FromMilliseconds(5),
            BatchRows = 500,
        });
        int written = 0;
        for (int round = 0; round < 6; round++)
        {
            for (int i = 0; i < 5_000; i++)
                Assert.True(writer.Sink.TryWrite(Hits.Number(written++)));
            // Inserts are under way when it dies.
            await store.WaitForAsync(1, $"SELECT count() > {round * 5_000} FROM hits");
            await server.KillAsync();
            await server.StartAsync();
        }
        await store.WaitForAsync(written, "SELECT count() FROM hits");
        await writer.StopAsync();
        Assert.Equal(0, writer.Losses.Total);
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task Memory_has_a_bound_while_the_store_is_away_and_every_loss_is_counted()
    {
        await using var server = new ClickHouseServer();
        await server.StartAsync();
        using var store = new Store(server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await server.KillAsync();
        await using var writer = await Writer.StartAsync(store.Endpoint, new IngestOptions { ChannelCapacity = 100, BatchRows = 50 });
        int taken = 0;
        for (int i = 0; i < 5_000; i++)
            taken += writer.Sink.TryWrite(Hits.Number(i)) ? 1 : 0;
        Assert.InRange(taken, 100, 500);
        Assert.Equal(5_000 - taken, writer.Losses.Total);
        Assert.All(writer.Losses.All(), loss => Assert.Equal(LossReason.ChannelFull, loss.Reason));
        await server.StartAsync();
        await store.WaitForAsync(taken, "SELECT count() FROM hits");
        await writer.StopAsync();
        Assert.Equal(5_000 - taken, await store.NumberAsync("SELECT sum(count) FROM losses WHERE reason = 'channel-full'"));
    }

    [Fact]
    public async Task Stopping_while_the_store_is_away_counts_what_waits()
    {
        await using var server = new ClickHouseServer();
        await server.StartAsync();
        var endpoint = server.NewDatabase();
        await SchemaMigrator.ApplyAsync(endpoint);
        await server.KillAsync();
        await using var writer = await Writer.StartAsync(endpoint, new IngestOptions { BatchRows = 50, DrainTimeout = TimeSpan.FromMilliseconds(200) });
        for (int i = 0; i < 1_000; i++)
            writer.Sink.TryWrite(Hits.Number(i));
        await writer.StopAsync();
        var loss = Assert.Single(writer.Losses.All());
        Assert.Equal(new Loss(LossReason.ShutdownTimeout, Hits.Site, 1_000), loss);
    }
}
