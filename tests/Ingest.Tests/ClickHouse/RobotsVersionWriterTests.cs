using Weir.Detection;

namespace Weir.Ingest.Tests.ClickHouse;

[Collection(StoreCollection.Name)]
public class RobotsVersionWriterTests(ClickHouseServer server)
{
    private static readonly RobotsSighting Sighting = new()
    {
        TimeMs = Hits.Noon,
        Site = SiteId.Parse("shop"),
        Host = "www.example.com",
        Status = 200,
        Mode = 2,
        Hash = "aa",
        Text = new byte[] { (byte)'a', 0xff, 0, (byte)'\n', (byte)'b' },
    };

    [Fact]
    public async Task A_version_is_stored_once_with_its_very_bytes_also_after_a_restart()
    {
        using var store = await Store.NewAsync(server);
        await using (var first = await Writer.StartAsync(store.Endpoint))
        {
            Assert.True(first.Robots.TryWrite(Sighting));
            Assert.True(first.Robots.TryWrite(Sighting with { TimeMs = Hits.Noon + 1 }));
            Assert.True(first.Robots.TryWrite(Sighting with { TimeMs = Hits.Noon + 2, Hash = "", Status = 404, Text = default }));
            await first.StopAsync();
        }
        await using (var second = await Writer.StartAsync(store.Endpoint))
        {
            second.Robots.TryWrite(Sighting with { TimeMs = Hits.Noon + 3, Hash = "", Status = 404, Text = default });
            second.Robots.TryWrite(Sighting with { TimeMs = Hits.Noon + 4 });
            second.Robots.TryWrite(Sighting with { TimeMs = Hits.Noon + 5, Host = "b.example.com" });
            await second.StopAsync();
            Assert.False(second.Robots.TryWrite(Sighting));
        }

        Assert.Equal("0 200 aa,2 404 ,4 200 aa,5 200 aa", await store.TextAsync(
            "SELECT arrayStringConcat(groupArray(line), ',') FROM (SELECT concat(toUnixTimestamp64Milli(time) % 1000, ' ', status, ' ', hash) AS line FROM robots_versions ORDER BY time)"));
        Assert.Equal("merged 61FF000A62 edge-1", await store.TextAsync("SELECT concat(toString(mode), ' ', hex(text), ' ', edge) FROM robots_versions WHERE host = 'b.example.com'"));
    }

    [Fact]
    public async Task Versions_wait_until_the_schema_is_there()
    {
        using var store = new Store(server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint);
        Assert.True(writer.Robots.TryWrite(Sighting));

        await store.WaitForAsync(1, "SELECT count() FROM robots_versions");
    }
}
