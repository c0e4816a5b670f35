using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Analytics.Api.Reports;
using Weir.Detection;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Looks again and again at what is complete in the store, for as long as the program runs.</summary>
internal sealed class AlertService(AlertEvaluation evaluation, CompletenessReport completeness, AnalyticsOptions options, TimeProvider time, ILogger<AlertService> log)
    : BackgroundService
{
    private DateTimeOffset _until;
    private bool _isAway;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                _isAway = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!_isAway)
                    log.AlertsNotEvaluated("any", e.Message);
                _isAway = true;
            }
            catch (Exception)
            {
                // The program ends, whatever its stores say to that.
                return;
            }
            await Task.Delay(options.AlertPause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        // Losses are not asked for, so neither site nor span matters.
        var (until, _) = await completeness.ReadAsync(SiteId.Parse("none"), new TimeRange(now.AddMinutes(-1), now), stop);
        // While a writer is late nothing new can be said.
        if (until <= _until)
            return;
        await evaluation.EvaluateAsync(until, stop);
        _until = until;
    }
}
