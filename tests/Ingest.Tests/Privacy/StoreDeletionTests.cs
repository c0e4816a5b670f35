using System.Globalization;
using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Ingest.Privacy;

namespace Weir.Ingest.Tests.Privacy;

/// <summary>What is deleted, what stays, and what does not come back. Each test has a server of its own: some kill it.</summary>
public sealed class StoreDeletionTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly SiteId Other = SiteId.Parse("other");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-deletion-");
    private readonly ClickHouseServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_address_is_gone_from_every_table_and_from_the_counts_and_everybody_else_stays()
    {
        using var store = await FilledAsync();
        await store.RunAsync("INSERT INTO content_sightings (time, site, hit_id, host, path, crawler) SELECT time, site, hit_id, host, path, 'gptbot' FROM hits");
        await store.RunAsync("INSERT INTO verifications (as_of, client_address, crawler, identity) SELECT DISTINCT now64(3), client_address, 'gptbot', 'verified' FROM hits");
        await store.RunAsync("CREATE TABLE hits_staging_of_a_crash AS hits");
        await store.RunAsync("INSERT INTO hits_staging_of_a_crash SELECT * FROM hits WHERE client_address = toIPv6('10.0.0.7') LIMIT 1");
        long before = await store.NumberAsync("SELECT count() FROM hits");

        var report = await DeleteAsync(store, "10.0.0.7");

        Assert.True(report.IsComplete);
        Assert.Equal(
            "content_sightings 40 40 0, crawler_fetches 13 13 0, hits 40 40 0, hits_staging_of_a_crash 1 1 0, verifications 1 1 0",
            string.Join(", ", report.Tables.Where(t => t.Before > 0).OrderBy(t => t.Table, StringComparer.Ordinal).Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Table} {t.Before} {t.Deleted} {t.After}"))));
        Assert.Equal(before - 40, await store.NumberAsync("SELECT count() FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM deletion_keys"));
    }

    [Fact]
    public async Task The_record_says_what_when_and_by_whom_and_nothing_that_ClickHouse_keeps_names_the_address()
    {
        using var store = await FilledAsync();
        var report = await DeleteAsync(store, "10.0.0.7");
        Assert.Equal("1/somebody/address/40/0/true", await store.TextAsync(
            $"SELECT concatWithSeparator('/', count(), any(made_by), any(toString(subject)), max(rows_deleted), max(rows_after), min(is_complete)) FROM deletions WHERE deletion = '{report.Id}' AND stored_in = 'hits'"));
        Assert.Equal(0, await store.NumberAsync("SELECT countIf(toString(tuple(*)) LIKE '%10.0.0.7%') FROM deletions"));
        Assert.Equal(0, await store.NumberAsync("SELECT countIf(command LIKE '%10.0.0.7%') FROM system.mutations"));
        Assert.NotEqual(0, await store.NumberAsync("SELECT count() FROM system.mutations WHERE database = currentDatabase()"));
    }

    [Fact]
    public async Task A_dry_run_counts_and_changes_nothing()
    {
        using var store = await FilledAsync();
        using var deletion = new StoreDeletion(store.Endpoint, TimeProvider.System);
        var report = await deletion.CountAsync(Subject("10.0.0.7"), Stop);
        Assert.Equal(40, report.Tables.Single(t => t.Table == "hits").Before);
        Assert.Equal(4_000, await store.NumberAsync("SELECT count() FROM hits"));
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM deletion_keys"));
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM deletions"));
    }

    [Fact]
    public async Task A_site_is_gone_with_its_counts_and_losses_and_the_other_site_stays()
    {
        using var store = await FilledAsync();
        await store.RunAsync("INSERT INTO robots_versions (time, site, host, status, mode, hash, text) VALUES (now64(3), 'other', 'a', 200, 'pass', 'x', 'y')");
        using var deletion = new StoreDeletion(store.Endpoint, TimeProvider.System);
        var report = await deletion.RunAsync(new DataSubject(Other, null), "somebody", Patience, stop: Stop);
        Assert.True(report.IsComplete);
        Assert.Equal((2_000, 1), (report.Tables.Single(t => t.Table == "hits").Deleted, report.Tables.Single(t => t.Table == "robots_versions").Deleted));
        Assert.Equal(0, await store.NumberAsync("SELECT countIf(site = 'other') FROM hits_hourly"));
        Assert.Equal(2_000, await store.NumberAsync("SELECT count() FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task An_address_at_one_site_stays_at_the_others()
    {
        using var store = await FilledAsync();
        using var deletion = new StoreDeletion(store.Endpoint, TimeProvider.System);
        var report = await deletion.RunAsync(Subject("10.0.0.7") with { Site = Other }, "somebody", Patience, stop: Stop);
        Assert.True(report.IsComplete);
        Assert.Equal(20, await store.NumberAsync("SELECT count() FROM hits WHERE client_address = toIPv6('10.0.0.7')"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task Rows_that_wait_on_an_edges_disk_are_waited_for_and_do_not_come_back()
    {
        using var store = await Store.NewAsync(_server);
        await using var writer = await Writer.StartAsync(store.Endpoint, Spooling());
        await store.WaitForAsync(1, "SELECT count() FROM writers FINAL");
        await _server.KillAsync();
        Write(writer, 0, 3_000);
        await WaitForSpoolAsync();
        await _server.StartAsync();
        var report = await DeleteAsync(store, "10.0.0.7");
        Assert.True(report.IsComplete);
        Assert.Equal(30, report.Tables.Single(t => t.Table == "hits").Deleted);
        await writer.StopAsync();
        Assert.Equal(2_970, await store.NumberAsync("SELECT count() FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task An_edge_that_is_down_with_rows_on_its_disk_makes_the_deletion_incomplete_until_it_has_delivered()
    {
        using var store = await Store.NewAsync(_server);
        await using (var writer = await Writer.StartAsync(store.Endpoint, Spooling()))
        {
            await store.WaitForAsync(1, "SELECT count() FROM writers FINAL");
            await _server.KillAsync();
            Write(writer, 0, 1_000);
            await WaitForSpoolAsync();
            await writer.StopAsync();
        }
        await _server.StartAsync();
        using var deletion = new StoreDeletion(store.Endpoint, TimeProvider.System);
        var first = await deletion.RunAsync(Subject("10.0.0.7"), "somebody", TimeSpan.Zero, stop: Stop);
        Assert.Equal((false, "edge-1"), (first.IsComplete, Assert.Single(first.OpenWriters).Edge));
        Assert.True((await deletion.RunAsync(Subject("10.0.0.7"), "somebody", TimeSpan.Zero, ["edge-1"], Stop)).IsComplete);

        await using var again = await Writer.StartAsync(store.Endpoint, Spooling());
        var second = await DeleteAsync(store, "10.0.0.7");
        Assert.True(second.IsComplete);
        Assert.Equal(10, second.Tables.Single(t => t.Table == "hits").Deleted);
        await again.StopAsync();
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task While_hits_keep_coming_the_counts_stay_right()
    {
        using var store = await Store.NewAsync(_server);
        await using var writer = await Writer.StartAsync(store.Endpoint);
        Write(writer, 0, 2_000);
        await store.WaitForAsync(2_000, "SELECT count() FROM hits");
        using var enough = new CancellationTokenSource();
        var coming = Task.Run(async () =>
        {
            int number = 2_000;
            for (; !enough.IsCancellationRequested; number += 20)
            {
                Write(writer, number, 20, skip: 7);
                await Task.Delay(TimeSpan.FromMilliseconds(40), TimeProvider.System);
            }
            return number;
        });
        var report = await DeleteAsync(store, "10.0.0.7");
        await enough.CancelAsync();
        await coming;
        await writer.StopAsync();
        Assert.True(report.IsComplete, $"{report}");
        Assert.Equal(0, await store.NumberAsync("SELECT countIf(client_address = toIPv6('10.0.0.7')) FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_deletion_that_was_killed_is_finished_by_the_next()
    {
        using var store = await FilledAsync();
        // As if it had died when the hits were gone and the counts not made anew.
        await store.RunAsync("INSERT INTO deletion_keys (deletion, site, time, hit_id) SELECT 'killed', site, time, hit_id FROM hits WHERE client_address = toIPv6('10.0.0.7')");
        await store.RunAsync("ALTER TABLE hits DELETE WHERE client_address = toIPv6('10.0.0.7') SETTINGS mutations_sync = 2");
        Assert.True((await DeleteAsync(store, "10.0.0.8")).IsComplete);
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM crawler_fetches WHERE (site, time, hit_id) NOT IN (SELECT site, time, hit_id FROM hits)"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_count_that_was_killed_deletes_nothing_later()
    {
        using var store = await FilledAsync();
        await store.RunAsync("INSERT INTO deletion_keys (deletion, site, time, hit_id) SELECT 'count-killed', site, time, hit_id FROM hits WHERE client_address = toIPv6('10.0.0.7')");
        await DeleteAsync(store, "10.0.0.8");
        Assert.Equal(40, await store.NumberAsync("SELECT count() FROM hits WHERE client_address = toIPv6('10.0.0.7')"));
    }

    [Fact]
    public async Task Truncated_and_hashed_rows_are_meant_where_they_can_be_told_to_be_the_addresss()
    {
        using var store = await Store.NewAsync(_server);
        string salt = Path.Combine(_folder.FullName, IngestOptions.SaltFileName);
        await using (var writer = await Writer.StartAsync(store.Endpoint, new IngestOptions { Edge = "edge-1", FlushInterval = TimeSpan.FromMilliseconds(20), SaltFile = salt }))
        {
            long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 1;
            var hit = Hits.Number(1) with { TimeMs = now, ClientAddress = Address("203.0.113.9") };
            foreach (var (id, form, address) in (ReadOnlySpan<(ulong, AddressForm, string)>)[
                (1, AddressForm.Full, "203.0.113.9"), (2, AddressForm.Truncated, "203.0.113.9"), (3, AddressForm.Hashed, "203.0.113.9"), (4, AddressForm.None, "203.0.113.9"),
                (5, AddressForm.Full, "203.0.113.10"), (6, AddressForm.Truncated, "203.0.114.9")])
                writer.Sink.TryWrite(hit with { HitId = id, AddressForm = form, ClientAddress = Address(address) });
            await writer.StopAsync();
        }
        Assert.True(Prefix.TryParse("203.0.113.9", out var one));
        using var deletion = new StoreDeletion(store.Endpoint, TimeProvider.System);
        var report = await deletion.RunAsync(DataSubject.Of(one, null, salt, TimeProvider.System), "somebody", Patience, stop: Stop);
        Assert.Equal(1, report.Networks);
        Assert.Equal("2,4,5,6", await store.TextAsync("SELECT arrayStringConcat(arraySort(groupArray(hit_id)), ',') FROM hits"));
        await DeleteAsync(store, "203.0.113.0/24");
        Assert.Equal("4,6", await store.TextAsync("SELECT arrayStringConcat(arraySort(groupArray(hit_id)), ',') FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task An_export_has_every_row_of_the_address_and_no_other()
    {
        using var store = await FilledAsync();
        await store.RunAsync("INSERT INTO verifications (as_of, client_address, crawler, identity) SELECT DISTINCT now64(3), client_address, 'gptbot', 'verified' FROM hits");
        using var export = new StoreExport(store.Endpoint, TimeProvider.System);
        List<HeldRow> rows = [];
        await foreach (var row in export.ReadAsync(Subject("10.0.0.7"), Stop))
            rows.Add(row);
        Assert.Equal("crawler_fetches 13, hits 40, verifications 1", string.Join(", ", rows.GroupBy(r => r.Table).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}")));
        Assert.All(rows.Where(r => r.Table != "crawler_fetches"), r => Assert.Contains("10.0.0.7\"", r.Json, StringComparison.Ordinal));
        Assert.Contains(rows, r => r.Table == "hits" && r.Json.Contains("\"hit_id\":\"8\"", StringComparison.Ordinal));
        Assert.Contains("\"user_agent\":\"Mozilla/5.0\"", rows.First(r => r.Table == "hits").Json, StringComparison.Ordinal);
    }

    // 4,000 hits of 100 addresses, half of them of another site.
    private async Task<Store> FilledAsync()
    {
        var store = await Store.NewAsync(_server);
        await using var writer = await Writer.StartAsync(store.Endpoint);
        Write(writer, 0, 4_000, sites: 2);
        await writer.StopAsync();
        return store;
    }

    private static void Write(Writer writer, int from, int count, int sites = 1, int skip = -1)
    {
        for (int number = from; number < from + count; number++)
        {
            if (number % 100 == skip)
                continue;
            Assert.True(writer.Sink.TryWrite(Hits.Number(number) with
            {
                ClientAddress = ClientAddress.FromIPv4(0x0A000000 + (uint)(number % 100)),
                Site = sites > 1 && number / 100 % sites == 1 ? Other : Hits.Site,
                TimeMs = Hits.Noon + (number * 3_001L),
            }));
        }
    }

    private static async Task<DeletionReport> DeleteAsync(Store store, string address)
    {
        using var deletion = new StoreDeletion(store.Endpoint, TimeProvider.System);
        return await deletion.RunAsync(Subject(address), "somebody", Patience, stop: Stop);
    }

    private static DataSubject Subject(string address) => Prefix.TryParse(address, out var prefix) ? new DataSubject(null, prefix) : throw new ArgumentException(address, nameof(address));

    private static ClientAddress Address(string text) => ClientAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text, nameof(text));

    private IngestOptions Spooling() => new() { Edge = "edge-1", BatchRows = 500, FlushInterval = TimeSpan.FromMilliseconds(20), SpoolFolder = _folder.FullName };

    private async Task WaitForSpoolAsync()
    {
        for (int attempt = 0; attempt < 1_200 && !_folder.EnumerateFiles("*.spool").Any(); attempt++)
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        Assert.NotEmpty(_folder.EnumerateFiles("*.spool"));
    }
}
