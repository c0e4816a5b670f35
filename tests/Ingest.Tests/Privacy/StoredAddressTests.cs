using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Signals;
using Weir.Ingest.AccessLogs;

namespace Weir.Ingest.Tests.Privacy;

/// <summary>What of an address reaches the store, and the disk before it.</summary>
public sealed class StoredAddressTests : IAsyncLifetime
{
    private static readonly CrawlerCatalog Catalog = CrawlerCatalog.Load(Path.Combine(AppContext.BaseDirectory, "config"));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-privacy-");
    private readonly ClickHouseServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("203.0.113.9", AddressForm.Full, "203.0.113.9")]
    [InlineData("203.0.113.9", AddressForm.Truncated, "203.0.113.0/24")]
    [InlineData("2001:db8:1:2::9", AddressForm.Truncated, "2001:db8:1::/48")]
    [InlineData("203.0.113.9", AddressForm.None, "")]
    public async Task A_site_decides_what_of_an_address_is_stored(string address, AddressForm form, string stored)
    {
        using var store = await Store.NewAsync(_server);
        await using (var writer = await Writer.StartAsync(store.Endpoint))
        {
            writer.Sink.TryWrite(Hits.Number(1) with { ClientAddress = Address(address), AddressForm = form });
            await writer.StopAsync();
        }
        string text = await store.TextAsync("SELECT toString(client_address) FROM hits");
        Assert.True(ClientAddress.TryParse(text, out var kept));
        Assert.Equal(stored, AddressForms.Text(kept, form));
        Assert.Equal((int)form, await store.NumberAsync("SELECT toUInt8(address_form) FROM hits"));
    }

    [Fact]
    public async Task Hashed_clients_are_counted_as_clients_and_are_nobody()
    {
        using var store = await Store.NewAsync(_server);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await using (var writer = await Writer.StartAsync(store.Endpoint))
        {
            for (int i = 0; i < 60; i++)
                writer.Sink.TryWrite(Hits.Number(i) with { TimeMs = now, ClientAddress = ClientAddress.FromIPv4(0xCB007100 + (uint)(i % 3)), AddressForm = AddressForm.Hashed });
            await writer.StopAsync();
        }
        Assert.Equal(3, await store.NumberAsync("SELECT uniq(client_address) FROM hits"));
        Assert.Equal(3, await store.NumberAsync("SELECT uniqMerge(clients) FROM hits_hourly"));
        Assert.Equal(0, await store.NumberAsync("SELECT countIf(NOT isIPAddressInRange(toString(client_address), '100::/64')) FROM hits"));
    }

    [Fact]
    public async Task No_whole_address_reaches_the_disk_while_the_store_is_away()
    {
        using var store = await Store.NewAsync(_server);
        await _server.KillAsync();
        var client = Address("203.0.113.9");
        await using var writer = await Writer.StartAsync(store.Endpoint, new IngestOptions
        {
            Edge = "edge-1",
            FlushInterval = TimeSpan.FromMilliseconds(20),
            SpoolFolder = _folder.FullName,
            DrainTimeout = TimeSpan.FromSeconds(20),
        });
        foreach (var form in (AddressForm[])[AddressForm.Truncated, AddressForm.Hashed, AddressForm.None])
            writer.Sink.TryWrite(Hits.Number((int)form) with { ClientAddress = client, AddressForm = form });
        await writer.StopAsync();
        byte[] spooled = [.. _folder.EnumerateFiles("*.spool").SelectMany(f => File.ReadAllBytes(f.FullName))];
        Assert.NotEmpty(spooled);
        Assert.Equal(-1, spooled.AsSpan().IndexOf(client.ToIPAddress().GetAddressBytes()));
        Assert.Equal(-1, spooled.AsSpan().IndexOf("203.0.113.9"u8));
    }

    [Fact]
    public async Task An_imported_line_leaves_nothing_of_its_address_and_is_still_stored_once()
    {
        using var store = await Store.NewAsync(_server);
        string log = Path.Combine(_folder.FullName, "a.log"), other = Path.Combine(_folder.FullName, "b.log");
        File.WriteAllText(log, Line("203.0.113.9") + Line("203.0.113.9") + Line("203.0.113.77"));
        File.WriteAllText(other, Line("203.0.113.250"));
        Assert.Equal((3, 0), await ImportAsync(store, log));
        Assert.Equal((0, 3), await ImportAsync(store, log));
        Assert.Equal("203.0.113.0", await store.TextAsync("SELECT DISTINCT replaceOne(toString(client_address), '::ffff:', '') FROM hits"));
        // The id of a line tells nothing of who asked: another client's equal request is the same line.
        Assert.Equal((0, 1), await ImportAsync(store, other));
        await store.AssertViewsEqualTheTableAsync();
    }

    private static async Task<(long, long)> ImportAsync(Store store, string file)
    {
        var importer = new LogImporter(store.Endpoint, new Detector(Catalog, new ClientWindows(1024))) { Addresses = AddressForm.Truncated };
        var summary = await importer.RunAsync(Hits.Site, [file]);
        return (summary.Stored, summary.AlreadyStored);
    }

    private static string Line(string address) =>
        $"{address} - - [05/Jan/2026:12:00:00 +0000] \"GET /a HTTP/1.1\" 200 12 \"-\" \"Mozilla/5.0\"\n";

    private static ClientAddress Address(string text) => ClientAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text, nameof(text));
}
