using System.Diagnostics.Metrics;

namespace Weir.Detection.Identification;

/// <summary>What the refreshing of range lists counts, under the meter <c>Weir.Identity</c>. Names are part of what users build alerts on.</summary>
public sealed class RangeRefreshMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _fetches;
    private readonly Counter<long> _refused;

    /// <summary>Makes the instruments.</summary>
    /// <param name="detector">Holds the lists in force.</param>
    /// <param name="time">Clock of their ages.</param>
    /// <param name="meters">Owner of the meter; null for one of its own.</param>
    public RangeRefreshMetrics(Detector detector, TimeProvider time, IMeterFactory? meters = null)
    {
        _meter = meters?.Create(ReverseDnsMetrics.MeterName) ?? new Meter(ReverseDnsMetrics.MeterName);
        _fetches = _meter.CreateCounter<long>("weir.identity.ranges.fetches", "{fetch}", "Fetches of range lists, by result.");
        _refused = _meter.CreateCounter<long>("weir.identity.ranges.refused", "{list}", "Range lists that were refused, by reason.");
        _meter.CreateObservableGauge("weir.identity.ranges.age", () => Ages(detector, time, l => l.PublishedAt), "s", "Since each list in force was published.");
        _meter.CreateObservableGauge("weir.identity.ranges.unconfirmed", () => Ages(detector, time, l => l.KnownGoodAt), "s",
            "Since each list in force was last known to be its publisher's.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Fetched(RangeRefreshReport report)
    {
        _fetches.Add(1, new KeyValuePair<string, object?>("result", Word(report.State)));
        if (report.Refusal is { } refusal)
            _refused.Add(1, new KeyValuePair<string, object?>("reason", Word(refusal)));
    }

    private static IEnumerable<Measurement<double>> Ages(Detector detector, TimeProvider time, Func<RangeList, DateTimeOffset> since)
    {
        var now = time.GetUtcNow();
        foreach (var list in detector.Catalog.RangeLists)
        {
            if (list.Source.Url is not null)
                yield return new Measurement<double>((now - since(list)).TotalSeconds, new KeyValuePair<string, object?>("list", list.Source.File));
        }
    }

    private static string Word(RangeFetchState state) => state switch
    {
        RangeFetchState.Updated => "updated",
        RangeFetchState.Unchanged => "unchanged",
        RangeFetchState.Refused => "refused",
        _ => "failed",
    };

    private static string Word(RefusalReason reason) => reason switch
    {
        RefusalReason.Unreadable => "unreadable",
        RefusalReason.Empty => "empty",
        RefusalReason.TooWide => "too_wide",
        RefusalReason.PrivateSpace => "private_space",
        RefusalReason.LostHalf => "lost_half",
        RefusalReason.Older => "older",
        RefusalReason.FromTheFuture => "from_the_future",
        _ => "unknown",
    };
}
