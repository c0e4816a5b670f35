using Weir.Control;
using Weir.Reporting;
using Weir.Scheduling;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;

namespace Weir.Queue;

/// <summary>Measures the queue on one store.</summary>
/// <param name="name">The store's name in the report.</param>
/// <param name="store">An empty store.</param>
/// <param name="scans">How many scans are queued before anything is leased.</param>
/// <param name="seconds">How long each way of working is measured.</param>
internal sealed class QueueBench(string name, IControlStore store, int scans, int seconds) : IDisposable
{
    private const int Tenants = 10;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private readonly QueueWorld _world = new(store);

    public void Dispose() => _world.Dispose();

    public async Task<IReadOnlyList<Measured>> RunAsync()
    {
        var targets = await _world.MakeTargetsAsync(Tenants, scans);
        Console.WriteLine($"{name}: {targets.Count:N0} targets");
        List<Measured> all = [await Measured.OfAsync(name, "enqueue", () => EnqueueAsync(targets))];
        await _world.SettleAsync();
        long done = await WorkAsync(1, 20, isForAll: false); // until the runtime has compiled what it runs
        foreach (var (workers, batch) in ((int, int)[])[(1, 100), (8, 20), (8, 100)])
        {
            all.Add(await Measured.OfAsync(name, $"lease + complete, {workers} workers, batches of {batch}", () => WorkAsync(workers, batch, isForAll: false)));
        }
        all.Add(await Measured.OfAsync(name, "lease + complete, 8 workers, batches of 100, for all tenants in turn", () => WorkAsync(8, 100, isForAll: true)));
        done += all.Skip(1).Sum(m => m.Scans);
        if (await _world.CountAsync("done") != done || await _world.CountResultsAsync() != done)
            throw new BenchException($"{name}: {done:N0} scans were completed, and the store does not have as many results.");
        return all;
    }

    private async Task<long> EnqueueAsync(IReadOnlyList<long> targets)
    {
        await _world.NewQueue(0).EnqueueAsync([.. targets.Select(t => new NewScan(t, DateTimeOffset.MinValue, t % 97 / 97.0))]);
        return targets.Count;
    }

    private async Task<long> WorkAsync(int workers, int batch, bool isForAll)
    {
        long end = TimeProvider.System.GetTimestamp() + (seconds * TimeProvider.System.TimestampFrequency);
        long[] done = await Task.WhenAll(Enumerable.Range(0, workers).Select(w => Task.Run(async () =>
        {
            var queue = _world.NewQueue(w);
            long completed = 0;
            // Workers go from lane to lane, each from another on.
            for (int lane = w * 7; TimeProvider.System.GetTimestamp() < end; lane++)
            {
                var reach = isForAll ? Reach.All : new Reach(QueueWorld.Tenant(lane % Tenants));
                string engine = QueueWorld.Engines[lane / Tenants % QueueWorld.Engines.Length];
                var leased = await queue.LeaseAsync(reach, new LeaseRequest(engine, batch, Lease, $"worker-{w}"));
                if (leased.Count == 0)
                    continue;
                var answers = await queue.CompleteAsync(
                    reach, [.. leased.Select(s => new FoundScan(new ScanHold(s.Id, s.FencingToken), ScanResult.Gap, """{"position":null,"urls":["https://example.com/a"]}"""))]);
                completed += answers.Count(a => a.Outcome == HoldOutcome.Done);
            }
            return completed;
        })));
        return done.Sum();
    }
}
