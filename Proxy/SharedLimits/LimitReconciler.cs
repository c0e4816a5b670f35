using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Proxy.Policies;

namespace Weir.Proxy.SharedLimits;

/// <summary>Tells Redis what this edge let pass, and the local limits what others did. Beside the requests; gives up nothing while Redis is away.</summary>
internal sealed class LimitReconciler(
    SharedRequestLimits shared, LocalRequestLimits local, LimitStore store, SharedLimitOptions options, SharedLimitMetrics metrics, TimeProvider time,
    ILogger<LimitReconciler> log) : BackgroundService
{
    // A script runs alone in Redis: so many counts take it about a millisecond.
    private const int CountsOfBatch = 256;

    private readonly LimitLedger _ledger = new(options.CountsMax);
    private readonly List<LimitCount> _batch = new(CountsOfBatch);
    private readonly List<(LimitCount Count, int Others, int OthersBefore)> _others = new(CountsOfBatch);
    private LimitResult? _state;
    private long _forgotten;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Gather();
                while (await SendAsync(stoppingToken))
                    Gather();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void Gather()
    {
        while (shared.Taken.TryRead(out var take))
        {
            if (!_ledger.TryAdd(take))
                metrics.Shed(LimitShed.TooManyCounts);
        }
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        if (now == _forgotten)
            return;
        _forgotten = now;
        _ledger.Forget(now);
    }

    // Whether there is more to send at once.
    private async Task<bool> SendAsync(CancellationToken stop)
    {
        _batch.Clear();
        _ledger.TakeBatch(_batch, CountsOfBatch);
        if (_batch.Count == 0)
            return false;
        var (result, why) = await store.TellAsync(_batch, _others, stop);
        metrics.Sent(result);
        Note(result, why);
        if (result != LimitResult.Ok)
        {
            _ledger.PutBack(_batch);
            return false;
        }
        foreach (var (count, others, before) in _others)
            local.SetOthers(count.Key, count.Start, others, before);
        return _ledger.HasUnsent;
    }

    private void Note(LimitResult result, string why)
    {
        if (result == _state)
            return;
        if (result == LimitResult.Ok)
            log.LimitsShared(options.ToString());
        else
            log.LimitsNotShared(options.ToString(), SharedLimitMetrics.Word(result), why);
        _state = result;
    }
}
