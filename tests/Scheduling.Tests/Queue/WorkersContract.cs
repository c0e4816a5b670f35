using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Control.Postgres;
using Weir.Control.Sql;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.TestKit;

namespace Weir.Scheduling.Tests.Queue;

/// <summary>Many workers on one store, by its own clock, some of whom die: whatever happens, each scan is done once.</summary>
public abstract class WorkersContract : IAsyncLifetime
{
    private const int Workers = 8;

    private static readonly string[] Engines = ["chatgpt", "gemini", "google-ai-overview", "perplexity"];
    private static readonly SchedulingSettings Settings = new() { MaxAttempts = 100, RetryFirst = TimeSpan.FromMilliseconds(50), RetryMax = TimeSpan.FromMilliseconds(200) };

    private readonly ConcurrentDictionary<long, int> _completed = new();
    private readonly SchedulingMetrics _metrics = new(TimeProvider.System);

    public abstract ValueTask InitializeAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _metrics.Dispose();
        await Task.CompletedTask;
    }

    /// <summary>The store as another program has it, or this machine's one connection to it.</summary>
    private protected abstract Task<IControlStore> StoreOfAsync(int program);

    [Fact(Timeout = 300_000)]
    public async Task Eight_workers_complete_twenty_thousand_scans_once_though_some_die_with_theirs()
    {
        await EnqueueAsync(20_000);
        await WorkAsync(crashes: 100).WaitAsync(TestContext.Current.CancellationToken);
        await AssertEachOnceAsync(20_000);
        Assert.Equal(20_000, _completed.Count);
    }

    [Fact]
    public async Task Programs_whose_clocks_are_an_hour_wrong_neither_take_leases_from_each_other_nor_wait()
    {
        await EnqueueAsync(4);
        var ahead = await QueueAsync(0, TimeSpan.FromHours(SkewHours));
        var behind = await QueueAsync(1, TimeSpan.FromHours(-SkewHours));
        var lease = new LeaseRequest("chatgpt", 10, TimeSpan.FromMinutes(1), "w");
        var held = Assert.Single(await behind.LeaseAsync(Store.Mine, lease));
        Assert.Empty(await ahead.LeaseAsync(Store.Mine, lease));
        Assert.Equal((0, 0), await ahead.ReapAsync());
        var hold = new ScanHold(held.Id, held.FencingToken);
        Assert.Equal(HoldOutcome.Done, (await ahead.HeartbeatAsync(Store.Mine, hold, TimeSpan.FromMinutes(1))).Outcome);
        Assert.Equal(HoldOutcome.Done, (await ahead.FailAsync(Store.Mine, [new FailedScan(hold, "stops", FailureKind.Returned)]))[0].Outcome);
        var again = Assert.Single(await behind.LeaseAsync(Store.Mine, lease));
        Assert.Equal(HoldOutcome.NotHeld, (await ahead.CompleteAsync(Store.Mine, hold, ScanResult.Gap, null)).Outcome);
        Assert.Equal(HoldOutcome.Done, (await ahead.CompleteAsync(Store.Mine, new ScanHold(again.Id, again.FencingToken), ScanResult.Gap, null)).Outcome);
        // What the one ahead queues is due for the one behind.
        await ahead.EnqueueAsync([new NewScan(held.Target, DateTimeOffset.MinValue, 1)]);
        Assert.Single(await behind.LeaseAsync(Store.Mine, lease));
    }

    /// <summary>How far the clocks of two programs may be apart on this store.</summary>
    private protected abstract int SkewHours { get; }

    private protected async Task EnqueueAsync(int scans)
    {
        var store = await StoreOfAsync(0);
        await new SqlSites(store, TimeProvider.System).EnsureAsync(Store.Demo);
        var targets = await store.WriteAsync(async transaction => (await transaction.Connection!.QueryAsync<long>(
            $"""
            INSERT INTO brands (tenant, name) VALUES ('default', 'Acme');
            INSERT INTO brand_queries (brand_id, text)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @queries) SELECT b.id, 'query ' || n.i FROM n CROSS JOIN brands b;
            INSERT INTO targets (tenant, query_id, engine, created_ms)
            SELECT 'default', q.id, e.value, 0 FROM brand_queries q CROSS JOIN (SELECT value FROM {store.Dialect.Values("@engines")}) e;
            SELECT id FROM targets ORDER BY id;
            """,
            new { queries = scans / Engines.Length, engines = JsonSerializer.Serialize(Engines) }, transaction)).AsList());
        await (await QueueAsync(0)).EnqueueAsync([.. targets.Select(t => new NewScan(t, DateTimeOffset.MinValue, t % 7 / 7.0))]);
    }

    private protected async Task<SqlScanQueue> QueueAsync(int program, TimeSpan skew = default)
    {
        var store = await StoreOfAsync(program);
        return new SqlScanQueue(store, StoreClock.Of(store, new SkewedTime(skew)), new RetryRule(Settings, new Random(program)), Store.Engines, _metrics);
    }

    /// <summary>Works until every scan has been completed.</summary>
    /// <param name="crashes">One lease in so many is never heard of again.</param>
    /// <param name="meanwhile">What else happens; told of each completed batch.</param>
    private protected Task WorkAsync(int crashes, Action? meanwhile = null) => Task.WhenAll(Enumerable.Range(0, Workers).Select(w => Task.Run(async () =>
    {
        var random = new Random(w);
        var queue = await QueueAsync(w, TimeSpan.FromHours(w % 2 == 0 ? SkewHours : -SkewHours));
        while (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            try
            {
                var leased = await queue.LeaseAsync(Store.Mine, new LeaseRequest(w % 3 == 0 ? null : Engines[w % Engines.Length], 20, TimeSpan.FromSeconds(1), $"w{w}"));
                if (leased.Count == 0 && await CountOpenAsync(w) == 0)
                    break;
                if (leased.Count == 0)
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
                else if (random.Next(crashes) != 0)
                    await FinishAsync(queue, leased, random);
                meanwhile?.Invoke();
            }
            catch (Exception e) when (StoreOutage.Is(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    })));

    private protected async Task AssertEachOnceAsync(int scans)
    {
        await using var reader = await (await StoreOfAsync(0)).ReadAsync();
        Assert.All(_completed.Values, times => Assert.Equal(1, times));
        Assert.Equal(scans, await reader.QuerySingleAsync<long>("SELECT count(*) FROM scans WHERE state = 'done'"));
        Assert.Equal(scans, await reader.QuerySingleAsync<long>("SELECT count(DISTINCT scan_id) FROM results"));
        Assert.Equal(scans, await reader.QuerySingleAsync<long>("SELECT count(*) FROM results"));
    }

    private async Task<long> CountOpenAsync(int program)
    {
        await using var reader = await (await StoreOfAsync(program)).ReadAsync();
        return await reader.QuerySingleAsync<long>("SELECT count(*) FROM scans WHERE state <> 'done'");
    }

    private async Task FinishAsync(SqlScanQueue queue, IReadOnlyList<Scan> leased, Random random)
    {
        // Some fail, and some are asked for twice at once.
        var failed = leased.Where(_ => random.Next(50) == 0).Select(s => new FailedScan(new ScanHold(s.Id, s.FencingToken), "500")).ToList();
        await queue.FailAsync(Store.Mine, failed);
        var found = leased.Select(s => new FoundScan(new ScanHold(s.Id, s.FencingToken), ScanResult.Gap, null)).ToList();
        var answers = await queue.CompleteAsync(Store.Mine, found);
        var failures = failed.Select(f => f.Hold.Id).ToHashSet();
        for (int i = 0; i < found.Count; i++)
        {
            if (answers[i].Outcome != HoldOutcome.Done)
                continue;
            Assert.DoesNotContain(found[i].Hold.Id, failures);
            _completed.AddOrUpdate(found[i].Hold.Id, 1, (_, n) => n + 1);
        }
        if (random.Next(20) == 0)
            Assert.Equal(answers.Select(a => a.Outcome), (await queue.CompleteAsync(Store.Mine, found)).Select(a => a.Outcome));
    }

    private sealed class SkewedTime(TimeSpan skew) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + skew;
    }
}

public sealed class SqliteWorkersTests : WorkersContract
{
    private readonly TemporaryFolder _folder = new();
    private ControlDatabase _store = null!;

    // Its programs are on one machine.
    private protected override int SkewHours => 0;

    public override async ValueTask InitializeAsync() =>
        _store = await ControlDatabase.OpenAsync(_folder.Path, [SchedulingMigrations.Set], TimeProvider.System);

    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
        await base.DisposeAsync();
    }

    private protected override Task<IControlStore> StoreOfAsync(int program) => Task.FromResult<IControlStore>(_store);
}

public sealed class PostgresWorkersTests : WorkersContract
{
    private readonly ConcurrentDictionary<int, PostgresStore> _stores = new();
    private PostgresServer _server = null!;
    private PostgresOptions _database = null!;

    private protected override int SkewHours => 1;

    // A server of its own: one test kills it.
    public override async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _database = PostgresFixture.Of(_server, await _server.CreateDatabaseAsync());
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var store in _stores.Values)
            await store.DisposeAsync();
        await _server.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact(Timeout = 300_000)]
    public async Task A_server_killed_in_the_middle_costs_no_scan_and_doubles_none()
    {
        await EnqueueAsync(4000);
        int batches = 0;
        using var reached = new SemaphoreSlim(0);
        var work = WorkAsync(crashes: 100, () =>
        {
            if (Interlocked.Increment(ref batches) % 40 == 0)
                reached.Release();
        });
        for (int kill = 0; kill < 2; kill++)
        {
            await reached.WaitAsync(TestContext.Current.CancellationToken);
            await _server.KillAsync();
            await _server.StartAgainAsync();
        }
        await work;
        await AssertEachOnceAsync(4000);
    }

    private protected override Task<IControlStore> StoreOfAsync(int program) =>
        Task.FromResult<IControlStore>(_stores.GetOrAdd(program, _ => PostgresStore.Create(_database, SchedulingMigrations.Set)));
}
