using Weir.Detection;
using Weir.Detection.Content;

namespace Weir.Ingest.Tests.ClickHouse;

[Collection(StoreCollection.Name)]
public class SightingWriterTests(ClickHouseServer server)
{
    private static readonly ContentSighting Sighting = new()
    {
        TimeMs = Hits.Noon,
        Site = SiteId.Parse("shop"),
        HitId = 7,
        Host = "www.example.com",
        Path = "/pricing",
        Query = "plan=1",
        Crawler = "gptbot",
        Identity = Identity.Verified,
        Hash = ulong.MaxValue,
        SimHash = 12,
        Words = 400,
        ChangeForCrawler = ContentChange.Text,
        ChangeForAnyone = ContentChange.Same,
        Indicators = 3,
    };

    [Fact]
    public async Task Sightings_are_stored_with_every_column()
    {
        using var store = new Store(server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint);
        for (int i = 0; i < 2_500; i++)
            Assert.True(writer.Sightings.TryWrite(Sighting with { HitId = (ulong)i }));
        // The schema is applied meanwhile: what comes before it waits.
        await store.WaitForAsync(2_500, "SELECT count() FROM content_sightings");

        Assert.Equal("shop www.example.com /pricing plan=1 gptbot verified 18446744073709551615 12 400 text same 3", await store.TextAsync(
            "SELECT concat(site, ' ', host, ' ', path, ' ', query, ' ', crawler, ' ', toString(identity), ' ', toString(hash), ' ', toString(simhash), ' ', toString(words), ' ', "
            + "toString(change_for_crawler), ' ', toString(change_for_anyone), ' ', toString(indicators)) FROM content_sightings WHERE hit_id = 7"));
    }

    [Fact]
    public async Task Stopping_stores_the_sightings_that_wait()
    {
        using var store = await Store.NewAsync(server);
        await using var writer = await Writer.StartAsync(store.Endpoint, new IngestOptions { Edge = "edge-1", FlushInterval = TimeSpan.FromHours(1) });
        writer.Sightings.TryWrite(Sighting);
        await writer.StopAsync();

        Assert.Equal(1, await store.NumberAsync("SELECT count() FROM content_sightings"));
        Assert.False(writer.Sightings.TryWrite(Sighting));
    }

    [Fact]
    public async Task Texts_are_stored_behind_their_sightings_and_a_later_one_takes_an_earlier_one_s_place()
    {
        using var store = await Store.NewAsync(server);
        await using var writer = await Writer.StartAsync(store.Endpoint);
        var text = new PageText { TimeMs = Hits.Noon, Site = SiteId.Parse("shop"), Host = "www.example.com", Path = "/pricing", Title = "Prices", Text = "Ein Plan kostet 5 €.", Hash = ulong.MaxValue };
        for (int i = 0; i < 450; i++)
            Assert.True(writer.Sightings.TryWrite(text with { Path = $"/{i % 400}", TimeMs = text.TimeMs + i, Text = $"{text.Text} {i}" }));
        writer.Sightings.TryWrite(Sighting);
        await writer.StopAsync();

        Assert.Equal(400, await store.NumberAsync("SELECT count() FROM page_texts FINAL"));
        Assert.Equal("shop www.example.com Prices Ein Plan kostet 5 €. 407 18446744073709551615", await store.TextAsync(
            "SELECT concat(site, ' ', host, ' ', title, ' ', text, ' ', toString(hash)) FROM page_texts FINAL WHERE path = '/7'"));
        Assert.False(writer.Sightings.TryWrite(text));
    }
}
