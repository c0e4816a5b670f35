using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weir.Scheduling.Queue;

/// <summary>Takes leases back that ran out while nobody asks for scans, and keeps the queue's gauges true.</summary>
/// <remarks>A lease call does the first by itself: this is for people who look, and for scans that have used up their attempts.</remarks>
public sealed class LeaseReaper(IScanQueue queue, SchedulingMetrics metrics, TimeProvider time, ILogger<LeaseReaper> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var (queued, dead) = await queue.ReapAsync(stoppingToken);
                if (queued + dead > 0)
                    log.LeasesRanOut(queued, dead);
                metrics.Depth(await queue.DepthAsync(stoppingToken));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.PlanningFailed(e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
