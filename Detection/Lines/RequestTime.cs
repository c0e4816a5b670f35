using System.Globalization;

namespace Weir.Detection.Lines;

/// <summary>Reads the time of a request that somebody wrote down.</summary>
public static class RequestTime
{
    /// <summary>What to write, for error messages.</summary>
    public const string Rule = "an ISO 8601 time such as 2026-11-24T10:00:00Z, or milliseconds since 1970";

    /// <summary>Reads ISO 8601, UTC where no zone is said, or milliseconds since 1970-01-01 UTC. Never throws.</summary>
    public static bool TryParse(string? text, out long timeMs)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out timeMs))
            return true;
        bool isTime = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        timeMs = isTime ? time.ToUnixTimeMilliseconds() : 0;
        return isTime;
    }
}
