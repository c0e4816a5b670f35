using System.Diagnostics.Metrics;

namespace Weir.Detection.Identification;

/// <summary>What reverse DNS counts, under the meter <c>Weir.Identity</c>. Names are part of what users build alerts on.</summary>
public sealed class ReverseDnsMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Weir.Identity";

    private readonly Meter _meter;
    private readonly Counter<long> _questions;
    private readonly Counter<long> _shed;
    private readonly Histogram<double> _duration;
    private Func<int> _waiting = static () => 0;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Owner of the meter; null for one of its own.</param>
    public ReverseDnsMetrics(IMeterFactory? meters = null)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _questions = _meter.CreateCounter<long>("weir.identity.reverse_dns.questions", "{question}", "Addresses that DNS was asked about, by outcome.");
        _shed = _meter.CreateCounter<long>("weir.identity.reverse_dns.shed", "{question}", "Addresses that were not asked about, by reason.");
        _duration = _meter.CreateHistogram<double>("weir.identity.reverse_dns.duration", "s", "From a question to its answer, waiting included.");
        _meter.CreateObservableGauge("weir.identity.reverse_dns.waiting", () => _waiting(), "{question}", "Questions that wait for their turn.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal Meter Meter => _meter;

    internal void Observe(Func<int> waiting) => _waiting = waiting;

    internal void Answered(ReverseDnsAnswer answer, TimeSpan elapsed)
    {
        _questions.Add(1, new KeyValuePair<string, object?>("outcome", Word(answer)));
        _duration.Record(elapsed.TotalSeconds);
    }

    internal void Shed(ReverseDnsShed why) => _shed.Add(1, new KeyValuePair<string, object?>("reason", Word(why)));

    internal static string Word(ReverseDnsShed why) => why switch
    {
        ReverseDnsShed.QueueFull => "queue_full",
        ReverseDnsShed.NeighbourhoodFull => "neighbourhood_full",
        ReverseDnsShed.CrawlerFull => "crawler_full",
        ReverseDnsShed.CacheFull => "cache_full",
        ReverseDnsShed.WaitedTooLong => "waited_too_long",
        _ => "unknown",
    };

    private static string Word(ReverseDnsAnswer answer) => answer switch
    {
        ReverseDnsAnswer.Confirmed => "confirmed",
        ReverseDnsAnswer.Shared => "shared",
        ReverseDnsAnswer.Refuted => "refuted",
        _ => "unanswered",
    };
}
