using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Signals;
using Weir.Ingest.AccessLogs;
using Weir.Ingest.Verdicts;

namespace Weir.Ingest.Tests.Verdicts;

[Collection(StoreCollection.Name)]
public sealed class ReclassifierTests(ClickHouseServer server) : IDisposable
{
    private static readonly string ElasticLog = Path.Combine(AppContext.BaseDirectory, "data", "logs", "elastic-apache.log.gz");
    private static readonly SiteId Site = SiteId.Parse("demo");
    private static readonly ReclassifyRequest Everything = new(null, DateTimeOffset.UnixEpoch, null);
    private static readonly CrawlerCatalog Shipped = CrawlerCatalog.Load(Path.Combine(AppContext.BaseDirectory, "config"));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-reclassify-");

    private const string AllRows =
        "SELECT groupArray(toString(t)) FROM (SELECT tuple(site, time, hit_id, was_kind, was_crawler, kind, crawler, operator, purpose, identity, score, reasons) AS t FROM reclassified FINAL ORDER BY site, time, hit_id)";

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_same_catalog_changes_nothing_of_a_real_log()
    {
        using var store = new Store(server.NewDatabase());
        await ImportAsync(store, Shipped, ElasticLog);
        using var work = new Reclassifier(store.Connections, new Detector(Shipped), TimeProvider.System);

        var outcome = await work.TryAsync(Everything, default);

        Assert.Equal((9_999, 0), (outcome.Hits, outcome.Changed));
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM reclassify_runs"));
    }

    [Fact]
    public async Task A_crawler_that_the_catalog_has_learnt_is_named_in_old_hits_and_a_dropped_run_takes_that_back()
    {
        using var store = new Store(server.NewDatabase());
        using var folder = new CatalogFolder().WithCrawler("newbot", "Newbot");
        await ImportAsync(store, Shipped, Log(5, "Newbot/1.0 (+https://new.example)"), Log(2, "Mozilla/5.0 (compatible; Googlebot/2.1)"));

        var dry = await RunAsync(store, folder.Load(), isDry: true);
        Assert.Equal((7, 5, null), (dry.Hits, dry.Changed, dry.Run));
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM reclassified"));
        var change = Assert.Single(dry.Changes);
        Assert.Equal((VerdictKind.Automation, "", VerdictKind.Crawler, "newbot", Purpose.AiTraining, Identity.Unverifiable, 5L),
            (change.Was.Kind, change.Was.Crawler, change.Now.Kind, change.Now.Crawler, change.Now.Purpose, change.Now.Identity, change.Hits));
        Assert.Equal(3, change.Examples.Count);
        Assert.StartsWith("Newbot/1.0", change.Examples[0].UserAgent, StringComparison.Ordinal);

        var done = await RunAsync(store, folder.Load());
        Assert.Equal((1u, ReclassifyState.Applied, 7L, 5L), (done.Run!.Run, done.Run.State, done.Hits, done.Changed));
        Assert.Equal("crawler newbot New Operator ai-training unverifiable", await store.TextAsync(
            "SELECT DISTINCT concat(toString(kind), ' ', crawler, ' ', operator, ' ', toString(purpose), ' ', toString(identity)) FROM reclassified"));
        Assert.Equal(5, await store.NumberAsync("SELECT count() FROM hits WHERE kind = 'automation'")); // the hits are as they were

        using var work = new Reclassifier(store.Connections, new Detector(Shipped), TimeProvider.System);
        Assert.True(await work.DropAsync(1, default));
        Assert.False(await work.DropAsync(7, default));
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM reclassified"));
        Assert.Equal(ReclassifyState.Dropped, Assert.Single(await work.RunsAsync(default)).State);
    }

    [Fact]
    public async Task Only_the_site_and_the_span_asked_for_are_judged()
    {
        using var store = new Store(server.NewDatabase());
        using var folder = new CatalogFolder().WithCrawler("newbot", "Newbot");
        await ImportAsync(store, Shipped, Log(60, "Newbot/1.0"));
        await new LogImporter(store.Endpoint, new Detector(Shipped)).RunAsync(SiteId.Parse("other"), [Log(60, "Newbot/1.0")]);
        using var work = new Reclassifier(store.Connections, new Detector(folder.Load()), TimeProvider.System);

        var outcome = await work.ApplyAsync(new ReclassifyRequest(Site, At(10), At(25)), default);

        Assert.Equal((15, 15), (outcome.Hits, outcome.Changed));
        Assert.Equal("demo 2026-11-01 00:10:00.000 2026-11-01 00:24:00.000", await store.TextAsync(
            "SELECT concat(any(site), ' ', toString(min(time)), ' ', toString(max(time))) FROM reclassified"));
    }

    [Fact]
    public async Task A_run_that_was_broken_off_goes_on_and_comes_to_the_same()
    {
        using var folder = new CatalogFolder().WithCrawler("newbot", "Newbot");
        var catalog = folder.Load();
        using var whole = new Store(server.NewDatabase());
        await ImportAsync(whole, Shipped, ElasticLog, Log(500, "Newbot/1.0"));
        var expected = await RunAsync(whole, catalog);
        Assert.True(expected.Changed >= 500);

        using var store = new Store(server.NewDatabase());
        await ImportAsync(store, Shipped, ElasticLog, Log(500, "Newbot/1.0"));
        for (int pages = 1; pages <= 5; pages += 2)
        {
            using var kill = new CancellationTokenSource();
            int left = pages;
            using var broken = new Reclassifier(store.Connections, new Detector(catalog), TimeProvider.System)
            {
                PageRows = 700,
                Progress = _ => { if (--left == 0) kill.Cancel(); },
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => broken.ApplyAsync(Everything, kill.Token));
            Assert.Equal(0, await store.NumberAsync("SELECT count() FROM reclassify_runs FINAL WHERE state = 'applied'"));
        }
        var outcome = await RunAsync(store, catalog, pageRows: 700);

        Assert.Equal(1u, outcome.Run!.Run);
        Assert.Equal((expected.Hits, expected.Changed), (outcome.Hits, outcome.Changed));
        Assert.True(outcome.HitsNow < outcome.Hits, "it began from the start");
        Assert.Equal(expected.Changes.Select(c => (c.Was, c.Now, c.Hits)), outcome.Changes.Select(c => (c.Was, c.Now, c.Hits)));
        Assert.Equal(string.Join('\n', (string[])(await whole.Connections.Client.ExecuteScalarAsync(AllRows))!), string.Join('\n', (string[])(await store.Connections.Client.ExecuteScalarAsync(AllRows))!));
    }

    [Fact]
    public async Task With_other_knowledge_a_new_run_begins()
    {
        using var store = new Store(server.NewDatabase());
        using var folder = new CatalogFolder().WithCrawler("newbot", "Newbot");
        await ImportAsync(store, Shipped, Log(10, "Newbot/1.0"));
        Assert.Equal(1u, (await RunAsync(store, folder.Load())).Run!.Run);
        Assert.Equal(2u, (await RunAsync(store, folder.Load())).Run!.Run); // the first is whole: judging again is a run of its own
        var back = await RunAsync(store, Shipped);

        Assert.Equal((3u, 0L), (back.Run!.Run, back.Changed));
    }

    [Fact]
    public async Task A_range_list_of_later_makes_no_older_hit_spoofed_and_the_list_of_its_day_is_believed()
    {
        using var store = new Store(server.NewDatabase());
        string[] agents = ["GPTBot/1.2"];
        using var early = new CatalogFolder().WithList("gptbot.json", At(-24 * 60), "20.171.0.0/16");
        using var late = new CatalogFolder().WithList("gptbot.json", At(24 * 60), "52.230.0.0/16");
        using var never = new CatalogFolder().WithList("gptbot.json", At(24 * 60), "20.171.0.0/16");
        // Judged by a list of its day: one inside, one outside.
        await ImportAsync(store, early.Load(), Log(3, agents[0], "20.171.0.9"), Log(4, agents[0], "203.0.113.9"));
        Assert.Equal((3, 4), (await CountAsync(store, "verified"), await CountAsync(store, "spoofed")));
        Assert.Equal(0, (await RunAsync(store, late.Load(), isDry: true)).Changed);

        // Judged when only a list of later was known: neither list can call it spoofed.
        using var other = new Store(server.NewDatabase());
        await ImportAsync(other, never.Load(), Log(4, agents[0], "203.0.113.9"));
        Assert.Equal(4, await CountAsync(other, "unverifiable"));
        Assert.Equal(0, (await RunAsync(other, late.Load(), isDry: true)).Changed);
        // A list that was in force then calls it what it was.
        var change = Assert.Single((await RunAsync(other, early.Load(), isDry: true)).Changes);
        Assert.Equal((Identity.Unverifiable, Identity.Spoofed, 4L), (change.Was.Identity, change.Now.Identity, change.Hits));
    }

    [Fact]
    public async Task What_reverse_DNS_found_out_around_a_hit_counts_in_a_run()
    {
        using var store = new Store(server.NewDatabase());
        await ImportAsync(store, Shipped, Log(6, "Mozilla/5.0 (compatible; Googlebot/2.1)", "203.0.113.7"));
        await store.RunAsync("INSERT INTO verifications (as_of, client_address, crawler, identity, identity_method) SELECT '2026-11-01 00:04:00', toIPv6('203.0.113.7'), 'googlebot', 'verified', 'reverse-dns'");
        string was = await store.TextAsync("SELECT DISTINCT toString(identity) FROM hits");

        var change = Assert.Single((await RunAsync(store, Shipped)).Changes);

        Assert.NotEqual("verified", was);
        Assert.Equal((Identity.Verified, 6L), (change.Now.Identity, change.Hits));
    }

    private static async Task<ReclassifyOutcome> RunAsync(Store store, CrawlerCatalog catalog, bool isDry = false, uint pageRows = 100_000)
    {
        using var work = new Reclassifier(store.Connections, new Detector(catalog), TimeProvider.System) { PageRows = pageRows };
        return isDry ? await work.TryAsync(Everything, default) : await work.ApplyAsync(Everything, default);
    }

    private static Task<long> CountAsync(Store store, string identity) => store.NumberAsync($"SELECT count() FROM hits WHERE identity = '{identity}'");

    private static Task ImportAsync(Store store, CrawlerCatalog catalog, params string[] files) =>
        new LogImporter(store.Endpoint, new Detector(catalog, new ClientWindows(4096))).RunAsync(Site, files);

    private static DateTimeOffset At(int minute) => new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minute);

    private string Log(int lines, string userAgent, string address = "198.51.100.7")
    {
        string file = Path.Combine(_folder.FullName, $"{Guid.NewGuid():n}.log");
        File.WriteAllLines(file, Enumerable.Range(0, lines).Select(i =>
            $"{address} - - [{At(i):dd/MMM/yyyy:HH:mm:ss} +0000] \"GET /page/{i} HTTP/1.1\" 200 512 \"-\" \"{userAgent}\""));
        return file;
    }
}
