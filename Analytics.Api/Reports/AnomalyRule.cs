namespace Weir.Analytics.Api.Reports;

/// <summary>Says whether a crawler's hits of one span are odd against its own spans before.</summary>
/// <remarks>
/// Counts of crawlers are not Poisson: they come in bursts. So an interval alone would call every busy day odd, and a change counts only when it is
/// large (three times, a third), is no matter of chance by the intervals, and leaves the range of every past span.
/// </remarks>
internal static class AnomalyRule
{
    /// <summary>Past spans that a span is compared with.</summary>
    public const int PastSpans = 7;

    /// <summary>Past spans that a site must have for any rule.</summary>
    public const int PastSpansMin = 3;

    /// <summary>Fewer hits than these, seen or missed, are never odd.</summary>
    public const int HitsMin = 10;

    /// <summary>How many times more, or fewer, is a change.</summary>
    public const double Factor = 3;

    /// <summary><c>appeared</c>, <c>stopped</c>, <c>tripled</c>, <c>fell</c>, or null for nothing odd.</summary>
    /// <param name="hits">Hits of the span.</param>
    /// <param name="past">Hits of each span before.</param>
    public static string? Judge(long hits, IReadOnlyList<long> past)
    {
        if (past.Count < PastSpansMin)
            return null;
        long all = past.Sum();
        double mean = (double)all / past.Count;
        if (all == 0)
            return hits >= HitsMin ? "appeared" : null;
        var seen = PoissonInterval.Of(hits);
        var usual = PoissonInterval.OfMean(all, past.Count);
        // Who came in few of the spans has no habit that could stop.
        bool isRegular = past.Count(p => p > 0) * 3 >= past.Count * 2;
        if (hits == 0)
            return isRegular && mean >= HitsMin ? "stopped" : null;
        if (hits >= Factor * mean && hits - mean >= HitsMin && seen.Low > usual.High && hits > past.Max())
            return "tripled";
        return isRegular && hits * Factor <= mean && mean - hits >= HitsMin && seen.High < usual.Low && hits < past.Min() ? "fell" : null;
    }
}
