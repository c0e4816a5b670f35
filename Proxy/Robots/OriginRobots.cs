using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weir.Detection;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Origins;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Robots;

/// <summary>Keeps the robots.txt of each origin that is merged: asked again in the background when it has aged, kept when its origin errs. Safe
/// from any thread.</summary>
internal sealed class OriginRobots(OriginClients clients, OwnPageMetrics metrics, TimeProvider time, ILogger<OriginRobots> log)
{
    // With wildcard hosts anybody can name new ones; at 500 KiB at most each, and usually two.
    private const int KeptMax = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(SiteId Site, string Host), Entry> _entries = new();

    /// <summary>The copy that holds now. Waits only when there never was one; then it is null when the origin errs.</summary>
    public async ValueTask<OriginRobotsCopy?> GetAsync(EdgeSite site, string scheme, string host)
    {
        if (_entries.Count >= KeptMax)
            _entries.Clear();
        var entry = _entries.GetOrAdd((site.Settings.Id, host), static _ => new Entry());
        var copy = Volatile.Read(ref entry.Copy);
        if (entry.IsDue(time, site.Settings.Robots.Refresh))
        {
            var fetch = entry.FetchOnce(() => FetchAsync(entry, site, scheme, host));
            if (copy is null)
            {
                await fetch;
                copy = Volatile.Read(ref entry.Copy);
            }
        }
        return copy;
    }

    private async Task FetchAsync(Entry entry, EdgeSite site, string scheme, string host)
    {
        var before = Volatile.Read(ref entry.Copy);
        string why = "it answers with an error";
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            var origin = site.Origins.Next();
            var copy = await OriginRobotsFetch.FetchAsync(clients.For(origin), site.Settings, origin, scheme, host, before, patience.Token);
            if (copy is not null)
            {
                metrics.RobotsFetched(ReferenceEquals(copy, before) ? "unchanged" : copy.Content.Length == 0 && copy.Status >= 400 ? "none" : "read");
                entry.Succeeded(copy, time.GetTimestamp());
                return;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or UriFormatException)
        {
            why = e is OperationCanceledException ? "it does not answer in time" : e.Message.TrimEnd('.');
        }
        metrics.RobotsFetched("failed");
        if (entry.Failed(time.GetTimestamp()))
            log.OriginRobotsNotRead(site.Settings.Id.Value, host, why, before is null ? "Crawlers get 503 meanwhile" : "The copy read before is served meanwhile");
    }

    private sealed class Entry
    {
        public OriginRobotsCopy? Copy;

        private readonly Lock _lock = new();
        private Task? _fetch;
        private long _askedAt;
        private bool _hasFailed;

        public bool IsDue(TimeProvider time, TimeSpan refresh)
        {
            long askedAt = Volatile.Read(ref _askedAt);
            return askedAt == 0 || time.GetElapsedTime(askedAt) >= (Volatile.Read(ref _hasFailed) ? PauseAfterFailure : refresh);
        }

        public Task FetchOnce(Func<Task> fetch)
        {
            lock (_lock)
            {
                if (_fetch is null or { IsCompleted: true })
                    _fetch = Task.Run(fetch);
                return _fetch;
            }
        }

        public void Succeeded(OriginRobotsCopy copy, long at)
        {
            // Published before the time, so that nobody finds the entry fresh and empty.
            Volatile.Write(ref Copy, copy);
            Volatile.Write(ref _hasFailed, false);
            Volatile.Write(ref _askedAt, at);
        }

        /// <summary>Whether this is the first failure in a row.</summary>
        public bool Failed(long at)
        {
            bool isFirst = !_hasFailed;
            Volatile.Write(ref _hasFailed, true);
            Volatile.Write(ref _askedAt, at);
            return isFirst;
        }
    }
}
