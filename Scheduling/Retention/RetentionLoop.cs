using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weir.Scheduling.Retention;

/// <summary>Deletes what is older than it is kept, once an hour and little by little.</summary>
public sealed class RetentionLoop(SqlRetention retention, TimeProvider time, ILogger<RetentionLoop> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    // Some 5,000 rows a second: a day's rows of the largest installations in minutes, beside a queue that hardly notices.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var deleted = await retention.RunAsync(() => Task.Delay(Pause, time, stoppingToken), stoppingToken);
                if (deleted.Values.Sum() > 0)
                    log.OldRowsDeleted(deleted["triggers"], deleted["events"], deleted["scans"], deleted["results"]);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.RetentionFailed(e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
