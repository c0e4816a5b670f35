using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Weir.Analytics.Api.Reports;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Hits over time.</summary>
internal static class SeriesEndpoint
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    // No hourly count has a country or a path.
    private static readonly TimeSpan EachHitMax = TimeSpan.FromDays(92);

    public static async Task<Results<Ok<Series>, ProblemHttpResult>> GetAsync(
        SiteId site, [AsParameters] SeriesQuery query, SeriesReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var range = check.Range(query.From, query.To, time.GetUtcNow(), Day);
        var by = new SeriesKey(check.OneOf("by", query.By, SeriesReport.KeysBy.Keys) ?? "kind", check.Int("depth", query.Depth, 1, 5, 1));
        string zone = check.Text("tz", query.Tz, 64) ?? "UTC";
        var interval = IntervalOf(check, query.Interval, range);
        string verdict = check.Verdict(query);
        var before = check.Compared(query.Compare, range, time.GetUtcNow());
        if (SeriesSql.ReadsEachHit(by.Name))
            check.Span(range, EachHitMax, $"by {by.Name} reads every hit", "Other kinds of lines ('by') are counted by hour and have no such bound.");
        if (check.Failed(out var problem))
            return problem;
        if (await report.ReadAsync(site, range, interval, by, zone, verdict, stop) is not { } series)
        {
            check.Error("tz", "'tz' must be an IANA time zone such as UTC or Europe/Berlin.");
            _ = check.Failed(out problem);
            return problem;
        }
        return TypedResults.Ok(before is { } previous ? series with { Previous = await report.AskAsync(site, previous, interval, by, zone, verdict, stop) } : series);
    }

    private static Interval IntervalOf(QueryCheck check, string? text, TimeRange range)
    {
        var interval = Interval.One(range.To - range.From <= TimeSpan.FromDays(3) ? "hour" : "day");
        if (!string.IsNullOrEmpty(text) && !Interval.TryParse(text, out interval))
            check.Error("interval", $"'interval' must be {Interval.Rule}.");
        else if (BucketsReport.CountOf(range, interval) > BucketsReport.Max)
            check.Error("interval", $"'{interval.Name}' gives more than {BucketsReport.Max} points for this span. Ask for a longer interval or a shorter span.");
        return interval;
    }
}
