using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Scheduling.ScanPolicy;

namespace Weir.Scheduling.Triggers;

/// <summary>Turns stored crawler fetches into triggers and triggers into scans, for as long as the program runs.</summary>
/// <remarks>When ClickHouse is away it says so once, tries ever more slowly, and goes on where it stopped.</remarks>
public sealed class TriggerLoop(
    HitReader reader, ITriggers triggers, IEvents events, IScanPolicy policy, SchedulingSettings settings, TimeProvider time, ILogger<TriggerLoop> log)
    : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private int _failures;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            int found = await PollAsync(stoppingToken);
            int planned = await PlanAsync(stoppingToken);
            if (found > 0)
                log.Triggered(found, planned);
            var wait = settings.PollInterval * Math.Pow(2, Math.Min(_failures, 10));
            await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> PollAsync(CancellationToken stop)
    {
        try
        {
            int found = await reader.PollAsync(stop);
            if (_failures > 0)
                log.HitsReadable(_failures);
            _failures = 0;
            return found;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            if (_failures++ == 0)
                log.HitsUnreadable(e.Message);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    private async Task<int> PlanAsync(CancellationToken stop)
    {
        try
        {
            await events.ContinueAsync(stop);
            int all = 0;
            while (await triggers.PlanAsync(policy, stop) is var planned and > 0)
                all += planned;
            return all;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            log.PlanningFailed(e.Message);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }
}
