using Weir.Detection;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;
using Weir.TestKit;

namespace Weir.Ingest.Tests.ClickHouse;

/// <summary>Several servers as one store. These are single servers, so that what one replica would get from another is missing here.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private readonly ClickHouseServer _first = new(), _second = new();

    [Fact]
    public async Task Each_site_is_stored_on_its_shard_and_nowhere_else()
    {
        var cluster = await NewClusterAsync(_first, _second);
        await using var writer = await Writer.StartAsync(cluster);
        var sites = Enumerable.Range(0, 40).Select(i => SiteId.Parse($"site-{i}")).ToList();
        for (int i = 0; i < 2000; i++)
            Assert.True(writer.Sink.TryWrite(Hits.Number(i) with { Site = sites[i % sites.Count] }));
        await writer.StopAsync();

        var held = new List<string>();
        foreach (var (shard, number) in cluster.Shards.Select((s, i) => (s, i)))
        {
            using var store = new Store(shard);
            Assert.Equal(sites.Count(s => ShardOf.Site(s, 2) == number), await store.NumberAsync("SELECT uniqExact(site) FROM hits"));
            await store.AssertViewsEqualTheTableAsync();
            foreach (var site in sites.Where(s => ShardOf.Site(s, 2) == number))
                Assert.Equal(50, await store.NumberAsync($"SELECT count() FROM hits WHERE site = '{site}'"));
        }
        Assert.Equal(0, writer.Losses.Total);
        using var read = new Store(cluster with { Others = [], Shards = [] });
        Assert.Equal(1, await read.NumberAsync("SELECT count() FROM writers FINAL WHERE is_stopped"));
    }

    [Fact]
    public async Task A_shard_that_is_away_holds_up_no_other_and_gets_its_hits_when_it_is_back()
    {
        using var folder = new TemporaryFolder();
        var cluster = await NewClusterAsync(_first, _second);
        var (near, far) = (SiteOn(0), SiteOn(1));
        await using var writer = await Writer.StartAsync(cluster, new IngestOptions
        {
            Edge = "edge-1",
            FlushInterval = TimeSpan.FromMilliseconds(50),
            SpoolFolder = folder.Path,
        });
        using var first = new Store(cluster.Shards[0]);
        await WriteAsync(writer, near, far, 0, 100);
        using (var before = new Store(cluster.Shards[1]))
            await before.WaitForAsync(100, "SELECT count() FROM hits");

        await _second.KillAsync();
        await WriteAsync(writer, near, far, 100, 300);
        await first.WaitForAsync(300, "SELECT count() FROM hits");
        await _second.StartAsync();

        using var second = new Store(cluster.Shards[1]);
        await second.WaitForAsync(300, "SELECT count() FROM hits");
        await writer.StopAsync();
        Assert.Equal(300, await second.NumberAsync("SELECT uniqExact(hit_id) FROM hits"));
        Assert.Equal(0, writer.Losses.Total);
    }

    [Fact]
    public async Task Hits_go_to_another_server_of_the_shard_while_one_is_dead()
    {
        var one = ClickHouseEndpoint.OfCluster([[_first.NewDatabase().Url, _second.NewDatabase().Url]], "default", "test", NewName());
        await MakeAsync(one.Shards[0] with { Others = [] });
        await MakeAsync(one.Shards[0] with { Url = one.Shards[0].Others[0], Others = [] });
        await MakeAsync(one with { Others = [], Shards = [] });
        await MakeAsync(one with { Url = one.Others[0], Others = [], Shards = [] });
        await using var writer = await Writer.StartAsync(one);
        var site = SiteId.Parse("example.com");
        await WriteAsync(writer, site, site, 0, 100);
        using var near = new Store(one.Shards[0] with { Others = [] });
        using var far = new Store(one.Shards[0] with { Url = one.Shards[0].Others[0], Others = [] });
        await WaitForSumAsync(200, near, far);

        bool isFirstUsed = await near.NumberAsync("SELECT count() FROM hits") > 0;
        await (isFirstUsed ? _first : _second).KillAsync();
        await WriteAsync(writer, site, site, 200, 300);
        await (isFirstUsed ? far : near).WaitForAsync(200, "SELECT count() FROM hits");
        await writer.StopAsync();

        Assert.Equal(0, writer.Losses.Total);
    }

    [Fact]
    public async Task Whoever_reads_is_sent_to_a_server_that_answers()
    {
        var database = _first.NewDatabase();
        var dead = new Uri("http://127.0.0.1:1");
        foreach (var endpoint in (ClickHouseEndpoint[])[database with { Url = dead, Others = [database.Url] }, database with { Others = [dead] }])
        {
            using var connections = new ClickHouseConnections(endpoint with { Database = "default" });
            for (int i = 0; i < 20; i++)
                Assert.Equal((byte)1, await connections.Client.ExecuteScalarAsync("SELECT 1"));
        }
    }

    [Fact]
    public async Task An_older_cluster_is_left_alone_with_what_to_run()
    {
        var cluster = await NewClusterAsync(_first, _second);
        using (var read = new Store(cluster with { Others = [], Shards = [] }))
            await read.RunAsync($"ALTER TABLE schema_migrations DELETE WHERE number = {SchemaMigrator.LatestVersion} SETTINGS mutations_sync = 2");

        var refused = await Assert.ThrowsAsync<SchemaException>(() => SchemaMigrator.ApplyAsync(cluster with { Others = [] }));

        Assert.Contains($"has schema {SchemaMigrator.LatestVersion - 1}, and this program needs {SchemaMigrator.LatestVersion}", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"weir store plan --from {SchemaMigrator.LatestVersion - 1}", refused.Message, StringComparison.Ordinal);
    }

    public async ValueTask InitializeAsync()
    {
        await _first.StartAsync();
        await _second.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    private static string NewName() => "t" + Guid.NewGuid().ToString("n")[..12];

    private static SiteId SiteOn(int shard) =>
        Enumerable.Range(0, 100).Select(i => SiteId.Parse($"site-{i}")).First(s => ShardOf.Site(s, 2) == shard);

    // One shard a server; what is read stands on the first alone, since nothing here carries rows from one server to another.
    private static async Task<ClickHouseEndpoint> NewClusterAsync(params ClickHouseServer[] servers)
    {
        var cluster = ClickHouseEndpoint.OfCluster([.. servers.Select(s => new[] { s.NewDatabase().Url })], "default", "test", NewName());
        foreach (var shard in cluster.Shards)
            await MakeAsync(shard);
        await MakeAsync(cluster with { Others = [], Shards = [] });
        return cluster with { Others = [] };
    }

    private static Task MakeAsync(ClickHouseEndpoint endpoint) => SchemaMigrator.ApplyAsync(endpoint);

    private static async Task WriteAsync(Writer writer, SiteId near, SiteId far, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            Assert.True(writer.Sink.TryWrite(Hits.Number(2 * i) with { Site = near }));
            Assert.True(writer.Sink.TryWrite(Hits.Number((2 * i) + 1) with { Site = far }));
        }
        for (int attempt = 0; writer.Waiting > 0 && attempt < 600; attempt++)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
    }

    private static async Task WaitForSumAsync(long wanted, params Store[] stores)
    {
        long sum = 0;
        for (int attempt = 0; attempt < 600 && sum != wanted; attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            sum = 0;
            foreach (var store in stores)
                sum += await store.NumberAsync("SELECT count() FROM hits");
        }
        Assert.Equal(wanted, sum);
    }
}
