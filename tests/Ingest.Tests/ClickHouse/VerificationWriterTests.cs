using Microsoft.Extensions.Hosting;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;

namespace Weir.Ingest.Tests.ClickHouse;

[Collection(StoreCollection.Name)]
public class VerificationWriterTests(ClickHouseServer server)
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Crawler Googlebot = new() { Id = "googlebot", Name = "Googlebot", Operator = "Google", Purpose = Purpose.Search };

    // The one lookup of a report: the newest thing known at most an hour after the hit, and not over a day before it.
    private const string LateIdentity =
        """
        SELECT toString(v.identity)
        FROM (SELECT toDateTime64({time:String}, 3, 'UTC') AS time, toIPv6({address:String}) AS client_address, 'googlebot' AS crawler) AS h
        ASOF LEFT JOIN verifications AS v
            ON h.crawler = v.crawler AND h.client_address = v.client_address AND h.time + INTERVAL 1 HOUR >= v.as_of
        """;

    [Fact]
    public async Task What_was_known_at_a_time_or_within_the_hour_after_is_one_lookup()
    {
        using var store = await Store.NewAsync(server);
        var channel = new VerificationChannel();
        using var host = await StartAsync(store, channel);
        channel.Write(Known("5.9.1.1", Noon, Identity.Unverifiable, ""));
        channel.Write(Known("5.9.1.1", Noon.AddHours(2), Identity.Verified, "crawl-5-9-1-1.googlebot.com"));
        channel.Write(Known("2a01:4f8::7", Noon, Identity.Spoofed, ""));
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, channel.Lost);
        Assert.Equal("unverifiable", await AtAsync(store, "5.9.1.1", Noon));
        Assert.Equal("unverifiable", await AtAsync(store, "5.9.1.1", Noon.AddMinutes(-59)));
        Assert.Equal("not-claimed", await AtAsync(store, "5.9.1.1", Noon.AddMinutes(-61))); // nothing was known
        Assert.Equal("verified", await AtAsync(store, "5.9.1.1", Noon.AddMinutes(61)));
        Assert.Equal("spoofed", await AtAsync(store, "2a01:4f8::7", Noon));
        Assert.Equal("not-claimed", await AtAsync(store, "5.9.1.2", Noon));
        Assert.Equal("crawl-5-9-1-1.googlebot.com reverse-dns here",
            await store.TextAsync("SELECT concat(evidence, ' ', toString(identity_method), ' ', edge) FROM verifications WHERE identity = 'verified'"));
    }

    [Fact]
    public async Task While_the_store_is_away_what_fits_waits_and_the_rest_is_counted()
    {
        await using var own = new ClickHouseServer();
        await own.StartAsync();
        using var store = new Store(own.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await own.KillAsync();
        var channel = new VerificationChannel(capacity: 100);
        using var host = await StartAsync(store, channel);

        for (int i = 0; i < 500; i++)
            channel.Write(Known("5.9.1.1", Noon.AddSeconds(i), Identity.Verified, "a.googlebot.com"));
        await own.StartAsync();
        await store.WaitForAsync(500 - channel.Lost, "SELECT count() FROM verifications");
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.InRange(channel.Lost, 200, 400);
        Assert.Equal(500 - channel.Lost, await store.NumberAsync("SELECT count() FROM verifications"));
    }

    private static Verification Known(string address, DateTimeOffset at, Identity identity, string evidence) => new(
        ClientAddress.TryParse(address, out var parsed) ? parsed : default, Googlebot, identity, IdentityMethod.ReverseDns, at, evidence);

    private static async Task<string> AtAsync(Store store, string address, DateTimeOffset time) =>
        $"{await store.Connections.Client.ExecuteScalarAsync(LateIdentity, QueryParameters.Of(("time", $"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss}"), ("address", address)))}";

    private static async Task<IHost> StartAsync(Store store, VerificationChannel channel)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddIngest(store.Endpoint, new IngestOptions { Edge = "here" });
        builder.Services.AddVerifications(channel);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
