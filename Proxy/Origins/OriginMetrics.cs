using System.Diagnostics.Metrics;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Origins;

/// <summary>What is measured of origins, under the meter <see cref="EdgeMetrics.MeterName"/>.</summary>
internal sealed class OriginMetrics
{
    /// <summary>Origins that are listed one by one; with more, only those that are ill or pressed are.</summary>
    public const int ListedMax = 1000;

    private readonly OriginBook _book;
    private readonly EdgeOptions _options;
    private readonly Counter<long> _shed;

    /// <summary>Makes the instruments.</summary>
    public OriginMetrics(IMeterFactory meters, OriginBook book, EdgeOptions options)
    {
        (_book, _options) = (book, options);
        var meter = meters.Create(EdgeMetrics.MeterName);
        _shed = meter.CreateCounter<long>("weir.edge.shed", "{request}", "Requests sent away because an origin had too much to do, by reason and kind of caller.");
        meter.CreateObservableGauge("weir.edge.origin.healthy", Health, "{origin}",
            "1 for an origin that requests go to, 0 for one that is left out; of more than 1,000 origins those left out.");
        meter.CreateObservableGauge("weir.edge.origin.pressure", () => Each(PressureOf, v => v > 0), "1",
            "How hard pressed an origin is: 0 as usual, 1 programs are sent away, 2 verified crawlers too, 3 everybody.");
        meter.CreateObservableGauge("weir.edge.origin.requests", UnderWay, "{request}", "Requests under way to all origins.");
    }

    /// <summary>A request was sent away.</summary>
    public void Shed(EdgeError why, Caller caller) => _shed.Add(1, new("reason", why.Word()), new KeyValuePair<string, object?>("kind", caller switch
    {
        Caller.Person => "person",
        Caller.VerifiedCrawler => "verified-crawler",
        Caller.Program => "program",
        _ => throw new ArgumentOutOfRangeException(nameof(caller), caller, null),
    }));

    private IEnumerable<Measurement<int>> Health()
    {
        var ill = _book.Probes.Where(p => !p.IsHealthy).Select(p => p.Origin).ToHashSet();
        return Each(o => o.IsHealthy && !ill.Contains(o) ? 1 : 0, v => v == 0);
    }

    private IEnumerable<Measurement<int>> Each(Func<Origin, int> measure, Func<int, bool> isNews)
    {
        var all = _book.Origins.ToList();
        bool isListed = all.Count <= ListedMax;
        return from origin in all
               let value = measure(origin)
               where isListed || isNews(value)
               select new Measurement<int>(value, new KeyValuePair<string, object?>("origin", origin.Url.GetLeftPart(UriPartial.Authority)));
    }

    private int PressureOf(Origin origin) => (int)LoadRule.Of(origin.Load.Facts(_options.Limits.OriginRequestsMax));

    private long UnderWay() => _book.Origins.Sum(o => (long)o.Load.UnderWay);
}
