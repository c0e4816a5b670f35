namespace Weir.Scheduling.Planning;

/// <summary>Times as policies count them: days since a Thursday that is fixed for good, since beliefs are stored with them.</summary>
internal static class PlanTime
{
    private static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static double Days(DateTimeOffset time) => (time - Origin).TotalDays;

    public static double Days(long ms) => Days(UnixMs.Time(ms));

    public static TimeSpan Span(DateTimeOffset time) => time - Origin;

    public static DateTimeOffset Time(double days) => Origin + TimeSpan.FromDays(days);
}
