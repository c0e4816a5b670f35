using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weir.Delivery;

/// <summary>Sends what waits, for as long as the program runs. Several programs may run it on one store.</summary>
public sealed class DeliveryService(
    SqlDeliveries deliveries, Senders senders, DeliveryOptions options, DeliveryMetrics metrics, TimeProvider time, ILogger<DeliveryService> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    private DateTimeOffset _swept;
    private bool _isStoreAway;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<Task> running = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            running.RemoveAll(t => t.IsCompleted);
            int begun = await BeginAsync(running, stoppingToken);
            // A full house waits for a place; an empty queue for the next second.
            var pause = Task.Delay(Pause, time, stoppingToken);
            if (begun == 0 || running.Count >= options.AtOnceMax)
                await Task.WhenAny([pause, .. begun > 0 ? running : []]);
        }
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Makes every attempt that is due now, and waits for them.</summary>
    /// <returns>How many there were.</returns>
    internal async Task<int> SendDueAsync(CancellationToken stop)
    {
        int all = 0;
        while (true)
        {
            List<Task> running = [];
            if (await BeginAsync(running, stop) is not (> 0 and var begun))
                return all;
            all += begun;
            await Task.WhenAll(running);
        }
    }

    private async Task<int> BeginAsync(List<Task> running, CancellationToken stop)
    {
        int begun = 0;
        try
        {
            if (options.AtOnceMax - running.Count is > 0 and var free)
            {
                foreach (var held in await deliveries.LeaseAsync(free, stop))
                {
                    running.Add(AttemptAsync(held, stop));
                    begun++;
                }
            }
            metrics.Depth(await deliveries.DepthAsync(stop));
            await SweepAsync(stop);
            _isStoreAway = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!_isStoreAway)
                log.QueueUnreadable(e.Message);
            _isStoreAway = true;
        }
        catch (OperationCanceledException)
        {
            // The program ends; what was leased is attempted again after the lease.
        }
        return begun;
    }

    private async Task AttemptAsync(LeasedDelivery held, CancellationToken stop)
    {
        try
        {
            long begun = time.GetTimestamp();
            var result = await senders.SendAsync(held.Id, held.To, held.Message, stop);
            var duration = time.GetElapsedTime(begun);
            // What was sent is noted, even when the program is asked to end meanwhile.
            if (!await deliveries.FinishAsync(held, result, duration, Random.Shared.NextDouble(), CancellationToken.None))
                return;
            metrics.Attempted(held.To.Kind, result, isLast: result.IsFinal || held.Attempts >= RetrySchedule.AttemptsMax);
            if (!result.IsDelivered)
                log.AttemptFailed(held.Id, held.To.Kind.Name(), held.Attempts, result.Error);
        }
        catch (OperationCanceledException)
        {
            // The program ends before the answer; the lease runs out and the attempt is made again.
        }
        catch (Exception e)
        {
            log.ResultNotWritten(held.Id, e.Message);
        }
    }

    private async Task SweepAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        if (now - _swept < SweepEvery)
            return;
        _swept = now;
        await deliveries.SweepAsync(now - options.KeptFor, stop);
    }
}
