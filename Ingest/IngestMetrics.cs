using System.Diagnostics.Metrics;
using Weir.Ingest.Buffering;
using Weir.Ingest.Spool;

namespace Weir.Ingest;

/// <summary>Meter <c>Weir.Ingest</c>: what was stored, lost and tried again. Names are promised to alerts and dashboards.</summary>
public sealed class IngestMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Weir.Ingest";

    private readonly Meter _meter;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _sightings;
    private readonly Counter<long> _sightingsLost;
    private readonly Counter<long> _texts;
    private readonly Counter<long> _textsLost;
    private readonly Counter<long> _robots;
    private readonly Counter<long> _robotsLost;
    private readonly Counter<long> _replayed;
    private long _replayedTotal;
    private long _storedTotal;

    /// <summary>Makes the instruments; the observed ones read the given parts when asked.</summary>
    public IngestMetrics(IMeterFactory meters, LossCounters losses, HitChannel hits)
    {
        _meter = meters.Create(MeterName);
        _stored = _meter.CreateCounter<long>("weir.ingest.stored", "{hit}", "Hits stored.");
        _batches = _meter.CreateCounter<long>("weir.ingest.batches", "{batch}", "Batches made, the empty ones of an idle writer included.");
        _retries = _meter.CreateCounter<long>("weir.ingest.retries", "{attempt}", "Inserts that failed and were tried again.");
        _sightings = _meter.CreateCounter<long>("weir.ingest.sightings", "{sighting}", "Sightings of pages stored.");
        _sightingsLost = _meter.CreateCounter<long>("weir.ingest.sightings_lost", "{sighting}", "Sightings of pages that will never be stored.");
        _texts = _meter.CreateCounter<long>("weir.ingest.page_texts", "{page}", "Texts of pages stored.");
        _textsLost = _meter.CreateCounter<long>("weir.ingest.page_texts_lost", "{page}", "Texts of pages that wait for the page's next fetch.");
        _robots = _meter.CreateCounter<long>("weir.ingest.robots_versions", "{version}", "Changed robots.txt files stored.");
        _robotsLost = _meter.CreateCounter<long>("weir.ingest.robots_versions_lost", "{version}", "robots.txt files as served that will never be stored.");
        _replayed = _meter.CreateCounter<long>("weir.ingest.spool_replayed", "{batch}", "Batches stored from the spool.");
        _lag = _meter.CreateHistogram<double>("weir.ingest.insert_lag", "s", "From a batch's first hit to its being stored.");
        _meter.CreateObservableCounter("weir.ingest.lost", () => Lost(losses), "{hit}", "Hits that will never be stored, by reason and site.");
        _meter.CreateObservableGauge("weir.ingest.channel_depth", () => hits.Waiting, "{hit}", "Hits between the request path and the writer.");
    }

    /// <summary>Hits stored by this program so far.</summary>
    public long StoredTotal => Interlocked.Read(ref _storedTotal);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Stored(int hits, TimeSpan lag)
    {
        Interlocked.Add(ref _storedTotal, hits);
        _stored.Add(hits);
        _lag.Record(lag.TotalSeconds);
    }

    /// <summary>Batches stored from the spool by this program so far.</summary>
    internal long ReplayedTotal => Interlocked.Read(ref _replayedTotal);

    internal void Replayed()
    {
        Interlocked.Increment(ref _replayedTotal);
        _replayed.Add(1);
    }

    /// <summary>Adds the instruments that look at the spool, of a program that has one; a cluster's has a part for each shard.</summary>
    internal void Watch(IReadOnlyList<BatchSpool> spool)
    {
        _meter.CreateObservableGauge("weir.ingest.spool_bytes", () => spool.Sum(s => s.Bytes), "By", "Bytes of the files in the spool, damaged ones included.");
        _meter.CreateObservableGauge("weir.ingest.spool_batches", () => spool.Sum(s => s.Batches), "{batch}", "Batches that wait on disk.");
        _meter.CreateObservableGauge("weir.ingest.spool_oldest_age", () => spool.Max(s => s.OldestAge).TotalSeconds, "s", "How long the oldest batch on disk has waited.");
        _meter.CreateObservableCounter("weir.ingest.spool_quarantined", () => spool.Sum(s => s.Quarantined), "{file}", "Files of the spool in which damage was found.");
    }

    internal void BatchMade() => _batches.Add(1);

    internal void SightingsStored(int rows) => _sightings.Add(rows);

    internal void SightingsLost(int rows) => _sightingsLost.Add(rows);

    internal void PageTextsStored(int rows) => _texts.Add(rows);

    internal void PageTextsLost(int rows) => _textsLost.Add(rows);

    internal void RobotsVersionStored() => _robots.Add(1);

    internal void RobotsVersionsLost(int versions) => _robotsLost.Add(versions);

    internal void Retried() => _retries.Add(1);

    private static IEnumerable<Measurement<long>> Lost(LossCounters losses)
    {
        foreach (var loss in losses.All())
            yield return new Measurement<long>(loss.Count, new("reason", loss.Reason.Name()), new("site", loss.Site.Value));
    }
}
