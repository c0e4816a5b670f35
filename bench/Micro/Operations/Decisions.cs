using Weir.Scheduling.Selection;

namespace Weir.Micro.Operations;

/// <summary>One decision of the scheduler among so many targets: takes a random one out of the heap, tells a signal or what a scan found, and puts it back with
/// the time at which its index may reach the price.</summary>
internal struct Decide(int targets, bool isScan) : IWork
{
    private const int Engines = 5;

    private IndexPolicy _policy = null!;
    private int[] _order = null!;

    public void SetUp()
    {
        var random = new Random(20261127);
        _policy = new IndexPolicy(new Fleet(new int[targets], [.. Enumerable.Range(0, targets).Select(t => t % Engines)]), new IndexOptions { Budget = 0.1 });
        _order = [.. Enumerable.Range(0, targets).OrderBy(_ => random.Next())];
        for (int i = 0; i < targets; i++)
        {
            _policy.OnSignal(new Signal(_order[i], SignalClass.CrawlChanged, TimeSpan.FromDays(10.0 * i / targets)));
            _policy.OnScan(_order[i], TimeSpan.FromDays(10 + (10.0 * i / targets)), i % 3 == 0);
        }
    }

    public readonly int Once(int i)
    {
        int target = _order[i % _order.Length];
        var now = TimeSpan.FromDays(20) + TimeSpan.FromSeconds(i & 0xFFFFF);
        if (isScan)
        {
            _policy.Hold(target);
            _policy.OnScan(target, now, i % 10 == 0);
        }
        else
        {
            _policy.OnSignal(new Signal(target, SignalClass.CrawlChanged, now));
        }
        return (int)_policy.LookAt(target);
    }
}
