using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Proxy;

namespace Weir.Sites;

/// <summary>Keeps the sites in force, and what <c>weir sites status</c> shows, in the data folder, off the requests' way.</summary>
/// <param name="folder">Data folder.</param>
/// <param name="sites">The sites.</param>
/// <param name="freshness">When each source was last read.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Says when nothing can be kept.</param>
internal sealed class SiteKeeper(string folder, SitesInForce sites, SiteFreshness freshness, TimeProvider time, ILogger<SiteKeeper> log) : BackgroundService
{
    /// <summary>Time between two looks whether anything changed: what changes within it is written once.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // How old a source may be and still count as agreeing with what is kept.
    private static readonly TimeSpan AgreedWithin = TimeSpan.FromSeconds(30);

    private long _kept = -1;
    private DateTimeOffset _statusAt;
    private bool _isFailing;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Keep();
        }
        catch (OperationCanceledException)
        {
            Keep();
        }
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Keep()
    {
        var now = time.GetUtcNow();
        try
        {
            var (count, inForce) = sites.Under(set => (set.ChangeCount, set.InForce.Values.ToList()));
            if (count != _kept)
                LastGoodSites.Write(folder, inForce, now);
            if (count != _kept || now - _statusAt >= AgreedWithin)
            {
                SiteStatus.Of(sites, freshness, now).Write(folder);
                bool isAgreed = freshness.All.All(f => now - f.At <= AgreedWithin);
                // The time of what is kept is that of its oldest source.
                File.SetLastWriteTimeUtc(Path.Combine(folder, LastGoodSites.FileName), (isAgreed ? now : freshness.All.Min(f => f.At)).UtcDateTime);
                _statusAt = now;
            }
            _kept = count;
            _isFailing = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
                log.LastGoodUnusable(Path.Combine(folder, LastGoodSites.FileName), e.Message);
            _isFailing = true;
        }
    }
}
