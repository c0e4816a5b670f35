using Microsoft.Extensions.Logging;
using Weir.Detection;

namespace Weir.Analytics.Api.Live;

/// <summary>Follows the store for one site while somebody listens, and a minute longer. One reader, however many listeners.</summary>
/// <remarks>
/// The store stamps rows when their insert begins and shows them when it ends, so a row may appear behind one that is already seen.
/// Each look therefore goes back <see cref="Overlap"/> and leaves out what it has seen.
/// </remarks>
internal sealed class SiteFeed
{
    // An insert of 100,000 rows takes under a second; ten leave room for a store that is busy.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Linger = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);
    private const int RecentMax = 1000;

    private readonly SiteId _site;
    private readonly LiveHits _hits;
    private readonly AnalyticsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationToken _stop;

    private readonly Lock _lock = new();
    private readonly List<LiveListener> _listeners = [];
    private readonly Queue<LiveHit> _recent = new();
    private DateTimeOffset _idleSince;
    private bool _hasStarted, _hasEnded;

    // Used by the reading loop only.
    private readonly Dictionary<(long TimeMs, ulong HitId), long> _seen = [];
    private long _watermark;

    public SiteFeed(SiteId site, LiveHits hits, AnalyticsOptions options, TimeProvider time, ILogger log, CancellationToken stop)
    {
        (_site, _hits, _options, _time, _log, _stop) = (site, hits, options, time, log, stop);
        _idleSince = time.GetUtcNow();
    }

    /// <summary>Joins; null when the feed has ended.</summary>
    public LiveListener? TryJoin(string? lastEventId, Action whenLeft)
    {
        lock (_lock)
        {
            if (_hasEnded)
                return null;
            var listener = new LiveListener(l => Leave(l, whenLeft));
            Replay(listener, lastEventId);
            _listeners.Add(listener);
            if (!_hasStarted)
            {
                _hasStarted = true;
                _ = Task.Run(() => RunAsync(LiveHit.TryReadId(lastEventId, out var position) ? position.InsertedMs : null), CancellationToken.None);
            }
            return listener;
        }
    }

    /// <summary>Goes on exactly after the last event seen when it is still at hand; otherwise from its position in the store.</summary>
    private void Replay(LiveListener listener, string? lastEventId)
    {
        if (!LiveHit.TryReadId(lastEventId, out var position))
            return;
        bool isAtHand = _recent.Any(h => h.Id == lastEventId);
        bool isPast = false;
        foreach (var hit in _recent)
        {
            if (isAtHand ? isPast : hit.Position.CompareTo(position) > 0)
                listener.Offer(hit);
            isPast |= hit.Id == lastEventId;
        }
        if (!isAtHand && _recent.Count > 0)
            listener.Skip();
    }

    private void Leave(LiveListener listener, Action whenLeft)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
            _idleSince = _time.GetUtcNow();
        }
        whenLeft();
    }

    /// <param name="resumeAfter">Insert time of the last event that the first listener saw before; null to begin with what comes.</param>
    private async Task RunAsync(long? resumeAfter)
    {
        try
        {
            while (!IsIdle())
            {
                var pause = _options.LivePause;
                try
                {
                    await LookAsync(resumeAfter);
                }
                catch (Exception e) when (!_stop.IsCancellationRequested)
                {
                    _log.LiveReadFailed(_site.Value, e.Message);
                    pause = PauseAfterFailure;
                }
                await Task.Delay(pause, _time, _stop);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        End();
    }

    private async Task LookAsync(long? resumeAfter)
    {
        bool isFirst = _watermark == 0;
        long overlap = (long)Overlap.TotalMilliseconds;
        long watermark = isFirst ? resumeAfter ?? await _hits.NowAsync(_stop) : _watermark;
        var found = await _hits.SinceAsync(_site, watermark - overlap, _stop);
        var fresh = new List<LiveHit>();
        foreach (var hit in found)
        {
            bool isNew = _seen.TryAdd((hit.Position.TimeMs, hit.Position.HitId), hit.Position.InsertedMs);
            if (isNew && (!isFirst || hit.Position.InsertedMs > watermark))
                fresh.Add(hit);
        }
        bool hasGap = !isFirst && found.Count == LiveHits.Max && fresh.Count == found.Count;
        _watermark = found.Count > 0 ? Math.Max(watermark, found[^1].Position.InsertedMs) : watermark;
        foreach (var key in _seen.Where(s => s.Value < _watermark - overlap).Select(s => s.Key).ToList())
            _seen.Remove(key);
        Publish(fresh, hasGap);
    }

    private void Publish(List<LiveHit> fresh, bool hasGap)
    {
        lock (_lock)
        {
            foreach (var listener in _listeners)
            {
                if (hasGap)
                    listener.Skip();
                foreach (var hit in fresh)
                    listener.Offer(hit);
            }
            foreach (var hit in fresh)
            {
                _recent.Enqueue(hit);
                if (_recent.Count > RecentMax)
                    _recent.Dequeue();
            }
        }
    }

    private bool IsIdle()
    {
        lock (_lock)
            return _hasEnded = _listeners.Count == 0 && _time.GetUtcNow() - _idleSince > Linger;
    }

    private void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
            foreach (var listener in _listeners)
                listener.End();
        }
    }
}
