using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Control;

namespace Weir.Analytics.Api.Access;

/// <summary>Deletes entries of the audit log that are older than they are kept, once an hour.</summary>
internal sealed class AuditSweeper(IAuditLog audit, AnalyticsOptions options, TimeProvider time, ILogger<AuditSweeper> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>Deletes once; how many went.</summary>
    internal Task<int> SweepAsync(CancellationToken stop) => audit.DeleteBeforeAsync(time.GetUtcNow() - options.AuditLife, stop);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (StoreOutage.Is(e))
            {
                log.ControlUnavailable(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
