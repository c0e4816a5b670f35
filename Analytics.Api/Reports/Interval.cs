using System.Globalization;
using System.Text.RegularExpressions;

namespace Weir.Analytics.Api.Reports;

/// <summary>How long each bucket of a series is: some minutes, hours, days or weeks, or a month of the calendar.</summary>
/// <param name="Unit"><c>minute</c>, <c>hour</c>, <c>day</c>, <c>week</c> or <c>month</c>.</param>
/// <param name="Count">How many. Minutes divide an hour and hours a day, so that buckets begin where people look for them.</param>
internal readonly partial record struct Interval(string Unit, int Count)
{
    /// <summary>What an interval may be, for messages.</summary>
    public const string Rule = "minute, hour, day, week or month, or a multiple such as 5m, 15m, 6h, 2d, 4w (minutes that divide an hour, hours that divide a day, up to 90d and 52w)";

    /// <summary>One minute, hour, day, week or month.</summary>
    public static Interval One(string unit) => new(unit, 1);

    /// <summary>The name by which <see cref="TryParse"/> knows it.</summary>
    public string Name => Count == 1 ? Unit : string.Create(CultureInfo.InvariantCulture, $"{Count}{Unit[0]}");

    /// <summary>The least that one takes, in seconds, but for changes of the clock; it bounds the number of buckets.</summary>
    public long ShortestSeconds => Count * Unit switch
    {
        "minute" => 60L,
        "hour" => 3_600,
        "day" => 86_400,
        "week" => 604_800,
        _ => 28 * 86_400,
    };

    /// <summary>Reads a name such as <c>hour</c> or <c>15m</c>.</summary>
    public static bool TryParse(string text, out Interval interval)
    {
        interval = One(text);
        if (text is "minute" or "hour" or "day" or "week" or "month")
            return true;
        if (Form().Match(text) is not { Success: true } match)
            return false;
        int count = int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture);
        (string unit, bool isKnown) = match.Groups["unit"].Value switch
        {
            "m" => ("minute", 60 % Math.Max(1, count) == 0 && count < 60),
            "h" => ("hour", 24 % Math.Max(1, count) == 0 && count < 24),
            "d" => ("day", count <= 90),
            _ => ("week", count <= 52),
        };
        interval = new Interval(unit, count);
        return isKnown && count > 0;
    }

    [GeneratedRegex(@"^(?<count>[0-9]{1,2})(?<unit>[mhdw])\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Form();
}
