using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weir.Scheduling.Planning;

/// <summary>Plans scans tick by tick for as long as the program runs, or stands by while another program does.</summary>
internal sealed class PlanningLoop(Planner planner, SchedulingSettings settings, TimeProvider time, ILogger<PlanningLoop> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await planner.TickAsync(stoppingToken) is > 0 and int planned)
                    log.ScansPlanned(planned);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                log.PlanningFailed(e.Message);
            }
            await Task.Delay(settings.PlanningTick, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await ResignAsync();
    }

    private async Task ResignAsync()
    {
        try
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
            await planner.ResignAsync(soon.Token);
        }
        catch (Exception e)
        {
            // The right to plan runs out by itself.
            log.PlanningFailed(e.Message);
        }
    }
}
