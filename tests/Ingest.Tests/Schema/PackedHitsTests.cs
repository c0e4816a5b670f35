using Weir.Ingest.Schema;

namespace Weir.Ingest.Tests.Schema;

/// <summary>Hits stored by an earlier schema outlive the change of their columns' form, whenever the server dies.</summary>
public sealed class PackedHitsTests : IAsyncLifetime
{
    private const int SchemaBefore = 9, Rows = 300_000;
    private const string Fingerprint =
        "SELECT concat(count(), '/', sum(cityHash64(time, site, hit_id, client_address, path, query, user_agent, referrer, status, bytes_sent, kind, crawler, reasons))) FROM hits";

    private readonly ClickHouseServer _server = new();

    [Fact]
    public async Task Every_stored_hit_is_there_after_the_change_and_after_a_kill_in_the_middle_of_it()
    {
        using var store = new Store(_server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Connections, [.. Migration.All.Where(m => m.Number <= SchemaBefore)], TimeProvider.System, default);
        await store.RunAsync(
            $"""
            INSERT INTO hits (time, site, hit_id, source, client_address, path, query, user_agent, referrer, status, bytes_sent, kind, crawler, reasons)
            SELECT toDateTime64('2026-01-01', 3, 'UTC') + number, concat('site-', toString(number % 50)), number + 1, 'edge', toIPv6('2001:db8::'), concat('/p/', toString(number % 5000)),
                   '', concat('agent ', toString(number % 700)), '', 200, number, if(number % 3 = 0, 'crawler', 'likely-human'), if(number % 3 = 0, 'gptbot', ''), number % 91
            FROM numbers({Rows})
            """);
        string before = await store.TextAsync(Fingerprint);

        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await _server.KillAsync();
        await _server.StartAsync();
        await store.WaitForAsync(1, "SELECT 1");

        Assert.Equal(before, await store.TextAsync(Fingerprint));
        Assert.Equal(0, await SchemaMigrator.ApplyAsync(store.Endpoint));
        await store.WaitForAsync(0, "SELECT count() FROM system.mutations WHERE database = currentDatabase() AND NOT is_done");
        Assert.Equal(before, await store.TextAsync(Fingerprint));
        Assert.Equal("LowCardinality(String)", await store.TextAsync("SELECT type FROM system.columns WHERE database = currentDatabase() AND table = 'hits' AND name = 'path'"));
        await store.AssertViewsEqualTheTableAsync();
        await using var writer = await Writer.StartAsync(store.Endpoint);
        Assert.True(writer.Sink.TryWrite(Hits.Number(1)));
        await writer.StopAsync();
        Assert.Equal(Rows + 1, await store.NumberAsync("SELECT count() FROM hits"));
    }

    [Fact]
    public async Task A_change_that_was_begun_and_not_noted_is_made_again()
    {
        using var store = await Store.NewAsync(_server);
        await store.RunAsync($"ALTER TABLE schema_migrations DELETE WHERE number > {SchemaBefore} SETTINGS mutations_sync = 2");

        Assert.Equal(SchemaMigrator.LatestVersion - SchemaBefore, await SchemaMigrator.ApplyAsync(store.Endpoint));
    }

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
