using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Proxy;

namespace Weir.Sites;

/// <summary>Looks at the folder of site files again and again while the edge runs, and puts in force what changed, all of a look at once.</summary>
/// <param name="folder">The folder.</param>
/// <param name="sites">Takes what changed.</param>
/// <param name="freshness">Hears that the folder was read.</param>
/// <param name="time">Clock of the looks.</param>
/// <param name="log">Says when the folder goes and comes.</param>
internal sealed class SiteFolderWatcher(
    SiteFolder folder, SitesInForce sites, SiteFreshness freshness, TimeProvider time, ILogger<SiteFolderWatcher> log) : BackgroundService
{
    /// <summary>Time between two looks; a change is in force within about twice this.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Looks at many files take a while: together they take a twentieth of a processor, or come every ten seconds.
    private const int RestFactor = 20;
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(10);

    private bool _isLost = folder.Trouble is not null;

    /// <summary>Called after each look. Set before the start.</summary>
    public Action? Looked { get; init; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rest = Interval;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(rest, time, stoppingToken);
            long began = time.GetTimestamp();
            Look();
            Looked?.Invoke();
            rest = TimeSpan.FromTicks(Math.Clamp(time.GetElapsedTime(began).Ticks * RestFactor, Interval.Ticks, RestMax.Ticks));
        }
    }

    private void Look()
    {
        sites.Apply(folder.Look());
        if (folder.Trouble is null)
            freshness.Seen(SiteSource.Folder);
        if (folder.Trouble is { } why && !_isLost)
            log.SiteFolderLost(folder.Folder, why);
        else if (folder.Trouble is null && _isLost)
            log.SiteFolderBack(folder.Folder);
        _isLost = folder.Trouble is not null;
    }
}
