using Weir.Detection;

namespace Weir.Ingest.Tests.ClickHouse;

[Collection(StoreCollection.Name)]
public class HitWriterTests(ClickHouseServer server)
{
    [Fact]
    public async Task Hits_are_stored_once_and_the_views_agree()
    {
        using var store = new Store(server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint);
        for (int i = 0; i < 20_000; i++)
            Assert.True(writer.Sink.TryWrite(Hits.Number(i)));
        await store.WaitForAsync(20_000, "SELECT count() FROM hits");
        await writer.StopAsync();
        await store.AssertViewsEqualTheTableAsync();
        Assert.Equal(0, writer.Losses.Total);
    }

    [Fact]
    public async Task Stopping_stores_what_waits_and_says_so()
    {
        using var store = new Store(server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint, new IngestOptions { Edge = "edge-7", FlushInterval = TimeSpan.FromHours(1) });
        for (int i = 0; i < 1_000; i++)
            writer.Sink.TryWrite(Hits.Number(i));
        await writer.StopAsync();
        Assert.Equal(1_000, await store.NumberAsync("SELECT count() FROM hits"));
        Assert.Equal("1/0/0", await store.TextAsync(
            "SELECT concat(toUInt8(is_stopped), '/', hits_waiting, '/', lost) FROM writers FINAL WHERE edge = 'edge-7'"));
    }

    [Fact]
    public async Task A_hit_after_the_stop_is_counted()
    {
        using var store = new Store(server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint);
        await writer.StopAsync();
        Assert.False(writer.Sink.TryWrite(Hits.Number(1)));
        Assert.Equal(1, writer.Losses.Total);
    }

    [Fact]
    public async Task Hits_of_two_months_go_into_two_partitions()
    {
        using var store = new Store(server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint);
        for (int i = 0; i < 100; i++)
            writer.Sink.TryWrite(Hits.Number(i) with { TimeMs = Hits.Noon + (i % 2 * 40L * 86_400_000) });
        await writer.StopAsync();
        Assert.Equal(100, await store.NumberAsync("SELECT count() FROM hits"));
        Assert.Equal(2, await store.NumberAsync("SELECT uniqExact(_partition_id) FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_row_that_ClickHouse_refuses_is_lost_alone()
    {
        using var store = await Store.NewAsync(server);
        await store.RunAsync("ALTER TABLE hits ADD CONSTRAINT no_poison CHECK path != '/poison'");
        await using var writer = await Writer.StartAsync(store.Endpoint);
        for (int i = 0; i < 1_000; i++)
            writer.Sink.TryWrite(i is 0 or 500 or 501 ? Hits.Number(i) with { Path = "/poison" } : Hits.Number(i));
        await store.WaitForAsync(997, "SELECT count() FROM hits");
        await writer.StopAsync();
        Assert.Equal(3, writer.Losses.Total);
        Assert.Equal("row-refused/example.com/3", await store.TextAsync(
            "SELECT concat(any(reason), '/', any(site), '/', sum(count)) FROM losses"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_table_that_refuses_everything_loses_nothing_until_it_is_mended()
    {
        using var store = await Store.NewAsync(server);
        await store.RunAsync("ALTER TABLE hits ADD CONSTRAINT nothing CHECK path = ''");
        await using var writer = await Writer.StartAsync(store.Endpoint);
        for (int i = 0; i < 500; i++)
            writer.Sink.TryWrite(Hits.Number(i));
        // The batch was tried, halved and given back: the writer's line is there while no hit is.
        await store.WaitForAsync(1, "SELECT count() > 0 FROM writers");
        await store.RunAsync("ALTER TABLE hits DROP CONSTRAINT nothing");
        await store.WaitForAsync(500, "SELECT count() FROM hits");
        await writer.StopAsync();
        Assert.Equal(0, writer.Losses.Total);
    }

    [Fact]
    public async Task A_hit_that_no_row_can_hold_is_counted_and_the_rest_is_stored()
    {
        using var store = new Store(server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint);
        writer.Sink.TryWrite(Hits.Number(1) with { TimeMs = long.MaxValue });
        writer.Sink.TryWrite(Hits.Number(2) with { TimeMs = -1 });
        writer.Sink.TryWrite(Hits.Number(3) with { Verdict = new Verdict { Kind = (VerdictKind)9 } });
        writer.Sink.TryWrite(Hits.Number(4));
        await writer.StopAsync();
        Assert.Equal(3, writer.Losses.Total);
        Assert.Equal(1, await store.NumberAsync("SELECT count() FROM hits"));
        Assert.Equal(3, await store.NumberAsync("SELECT lost FROM writers FINAL"));
    }

    [Fact]
    public async Task An_idle_writer_moves_its_watermark()
    {
        using var store = new Store(server.NewDatabase());
        var began = TimeProvider.System.GetUtcNow().AddSeconds(1);
        await using var writer = await Writer.StartAsync(store.Endpoint);
        await store.WaitForAsync(1, $"SELECT count() > 0 FROM writers WHERE complete_until > fromUnixTimestamp64Milli({began.ToUnixTimeMilliseconds()})");
        await writer.StopAsync();
    }
}
