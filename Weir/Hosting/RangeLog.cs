using Microsoft.Extensions.Logging;
using Weir.Detection.Identification;

namespace Weir.Hosting;

/// <summary>Log events of range lists, ids 7000–7099: fixed, never reused.</summary>
internal static partial class RangeLog
{
    /// <summary>Says what came of a fetch, where it is more than "as before".</summary>
    public static void Report(ILogger log, RangeRefreshReport report)
    {
        switch (report.State)
        {
            case RangeFetchState.Updated:
                log.RangeListUpdated(report.File, report.InForce.Version);
                break;
            case RangeFetchState.Refused:
                log.RangeListRefused(report.File, report.Url, report.Why ?? "", report.InForce.Version, report.InForce.KnownGoodAt);
                break;
            case RangeFetchState.Failed:
                log.RangeListNotFetched(report.File, report.Url, report.Why ?? "", report.InForce.Version, report.InForce.KnownGoodAt);
                break;
        }
    }

    [LoggerMessage(7001, LogLevel.Information, "Range list {File}: version {Version} is in force.")]
    private static partial void RangeListUpdated(this ILogger log, string file, string version);

    [LoggerMessage(7002, LogLevel.Warning, "Range list {File} of {Url} refused: {Why} Version {Version}, good on {GoodAt:yyyy-MM-dd}, stays in force.")]
    private static partial void RangeListRefused(this ILogger log, string file, Uri url, string why, string version, DateTimeOffset goodAt);

    [LoggerMessage(7003, LogLevel.Warning, "Range list {File} could not be fetched from {Url}: {Why}. Version {Version}, good on {GoodAt:yyyy-MM-dd}, stays in force.")]
    private static partial void RangeListNotFetched(this ILogger log, string file, Uri url, string why, string version, DateTimeOffset goodAt);

    [LoggerMessage(7004, LogLevel.Warning, "Range list copy {File} is damaged and was put aside: {Why}")]
    public static partial void RangeListPutAside(this ILogger log, string file, string why);
}
