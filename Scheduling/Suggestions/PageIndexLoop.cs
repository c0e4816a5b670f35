using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weir.Scheduling.Suggestions;

/// <summary>Keeps the indexes of pages up with the store, for as long as the program runs.</summary>
/// <remarks>When the store is away it says so once, tries ever more slowly, and goes on where it stopped.</remarks>
public sealed class PageIndexLoop(PageReader reader, SchedulingSettings settings, TimeProvider time, ILogger<PageIndexLoop> log) : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    // What was deleted from the store is gone from the indexes after this.
    private static readonly TimeSpan CompareEvery = TimeSpan.FromMinutes(5);

    private int _failures;
    private long? _comparedAt;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Reading is work of files between its waits: it is not the start's.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            await RunAsync(stoppingToken);
            var wait = settings.PageIndexInterval * Math.Pow(2, Math.Min(_failures, 10));
            await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            int taken = await reader.ReadAsync(stop);
            if (_comparedAt is not { } at || time.GetElapsedTime(at) >= CompareEvery)
            {
                await reader.CompareAsync(stop);
                _comparedAt = time.GetTimestamp();
            }
            if (taken > 0)
                log.PagesIndexed(taken);
            _failures = 0;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            if (_failures++ == 0)
                log.PagesNotIndexed(e.Message);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
