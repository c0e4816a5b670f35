using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weir.Scheduling.Webhooks;

/// <summary>Tells webhooks what happened, for as long as the program runs. Several programs may run it on one store.</summary>
public sealed class OutboxLoop(SqlOutbox outbox, TimeProvider time, ILogger<OutboxLoop> log) : BackgroundService
{
    // Long enough that what happens together is one message.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private bool _isAway;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            bool isMore = await DrainAsync(stoppingToken) == SqlOutbox.LookMax;
            if (!isMore)
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> DrainAsync(CancellationToken stop)
    {
        try
        {
            int told = await outbox.DrainAsync(stop);
            _isAway = false;
            return told;
        }
        catch (SqlOutbox.TakenException)
        {
            return 0;
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e)
        {
            if (!_isAway)
                log.OutboxUnreadable(e.Message);
            _isAway = true;
            return 0;
        }
    }
}
