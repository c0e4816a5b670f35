using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Detection;

namespace Weir.Analytics.Api.Live;

/// <summary>One feed for each site that somebody watches, and a bound on those who watch. Safe from any thread.</summary>
internal sealed class LiveHub(
    LiveHits hits, AnalyticsOptions options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<LiveHub> log)
{
    private readonly ConcurrentDictionary<SiteId, SiteFeed> _feeds = new();
    private int _listeners;

    /// <summary>Joins the feed of a site; null when too many listen. Dispose it to leave.</summary>
    /// <param name="site">The site.</param>
    /// <param name="lastEventId">The last event that this client saw, to go on from; null to begin with what comes.</param>
    public LiveListener? TryJoin(SiteId site, string? lastEventId)
    {
        if (Interlocked.Increment(ref _listeners) > options.LiveListenersMax)
        {
            Interlocked.Decrement(ref _listeners);
            return null;
        }
        while (true)
        {
            var feed = _feeds.GetOrAdd(site, NewFeed);
            if (feed.TryJoin(lastEventId, () => Interlocked.Decrement(ref _listeners)) is { } listener)
                return listener;
            // The feed ended between the two calls; the next turn makes another.
            _feeds.TryRemove(new KeyValuePair<SiteId, SiteFeed>(site, feed));
        }
    }

    private SiteFeed NewFeed(SiteId site) => new(site, hits, options, time, log, lifetime.ApplicationStopping);
}
