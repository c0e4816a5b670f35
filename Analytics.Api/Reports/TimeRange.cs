using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;

namespace Weir.Analytics.Api.Reports;

/// <summary>A half-open span of time [from, to) in milliseconds, split into whole UTC hours and the edges beside them.</summary>
/// <remarks>
/// Reports read the whole hours from <c>hits_hourly</c> and the edges from <c>hits</c>: exact for any span, and cheap for long ones. A span
/// without a whole hour is all edge.
/// </remarks>
public readonly record struct TimeRange
{
    /// <summary>SQL that is true of the rows of <c>hits_hourly</c> that a span takes whole.</summary>
    internal const string InWholeHours =
        "hour >= toDateTime(intDiv({wholeFrom:Int64}, 1000), 'UTC') AND hour < toDateTime(intDiv({wholeTo:Int64}, 1000), 'UTC')";

    /// <summary>SQL that is true of the rows of <c>hits</c> beside those hours.</summary>
    internal const string AtEdges =
        """
        (time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({wholeFrom:Int64}, 'UTC')
                OR time >= fromUnixTimestamp64Milli({wholeTo:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC'))
        """;

    private const long Hour = 3_600_000;

    /// <summary>Earliest and latest time that a report may name: what a ClickHouse DateTime holds.</summary>
    public static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch, Latest = new(2106, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Makes a span; <paramref name="from"/> is rounded up to a millisecond, as hits have no finer time.</summary>
    public TimeRange(DateTimeOffset from, DateTimeOffset to)
        : this(CeilingMs(from), CeilingMs(to), true)
    {
    }

    private TimeRange(long fromMs, long toMs, bool useHours)
    {
        FromMs = fromMs;
        ToMs = toMs;
        long first = (fromMs + Hour - 1) / Hour * Hour;
        long last = toMs / Hour * Hour;
        (WholeFromMs, WholeToMs) = useHours && first < last ? (first, last) : (toMs, toMs);
    }

    /// <summary>First millisecond inside.</summary>
    public long FromMs { get; }

    /// <summary>First millisecond after.</summary>
    public long ToMs { get; }

    /// <summary>Start of the first whole hour inside; <see cref="ToMs"/> when there is none.</summary>
    public long WholeFromMs { get; }

    /// <summary>End of the last whole hour inside; <see cref="ToMs"/> when there is none.</summary>
    public long WholeToMs { get; }

    /// <summary>Whether the span reaches beyond its whole hours, or has none.</summary>
    public bool HasEdges => FromMs < WholeFromMs || WholeToMs < ToMs;

    /// <summary>Start, for people and programs.</summary>
    public DateTimeOffset From => DateTimeOffset.FromUnixTimeMilliseconds(FromMs);

    /// <summary>End, for people and programs.</summary>
    public DateTimeOffset To => DateTimeOffset.FromUnixTimeMilliseconds(ToMs);

    /// <summary>The same span, read from <c>hits</c> alone: for buckets that do not start at whole UTC hours.</summary>
    public TimeRange WithoutHours() => new(FromMs, ToMs, false);

    /// <summary>The span of the same length that ends where this one begins; of a span that is not over, as much as has passed of it. Null before 1970.</summary>
    public TimeRange? Previous(DateTimeOffset now)
    {
        long length = ToMs - FromMs;
        long passed = Math.Min(length, CeilingMs(now) - FromMs);
        return FromMs >= length ? new TimeRange(FromMs - length, FromMs - length + (passed > 0 ? passed : length), true) : null;
    }

    /// <summary>Reads a time as RFC 3339, or a date as its midnight in UTC.</summary>
    public static bool TryParseTime(string text, out DateTimeOffset time)
    {
        // A plus sign that was not escaped in a URL arrives as a space.
        text = text.Replace(' ', '+');
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        string[] forms = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];
        return DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, Utc, out time)
            && time >= Earliest && time <= Latest;
    }

    internal void AddTo(ClickHouseParameterCollection parameters)
    {
        parameters.With("from", FromMs);
        parameters.With("to", ToMs);
        parameters.With("wholeFrom", WholeFromMs);
        parameters.With("wholeTo", WholeToMs);
    }

    private static long CeilingMs(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        return (ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
    }
}
