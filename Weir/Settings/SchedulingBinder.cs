using Weir.Scheduling;

namespace Weir.Settings;

/// <summary>Reads for how long triggers, scans and results are kept.</summary>
internal static class SchedulingBinder
{
    private const int DaysMax = 36_500;

    private static readonly SchedulingSettings Defaults = new();

    /// <summary>Reads the section; a wrong value is noted.</summary>
    public static SchedulingSettings Bind(Section scheduling)
    {
        long days = scheduling.Integer("retentionDays", 1, DaysMax) ?? (long)Defaults.Retention.TotalDays;
        long? results = scheduling.Integer("resultsDays", 1, DaysMax);
        if (results < days)
        {
            scheduling.Errors.Add(scheduling.Node!.Find("resultsDays")!.At, scheduling.PathOf("resultsDays"),
                $"Results would end before the scans that found them, which are kept for {days} days.", $"Write {days} or more.");
            results = days;
        }
        return Defaults with
        {
            Retention = TimeSpan.FromDays(days),
            ResultsLife = TimeSpan.FromDays(results ?? Math.Max(days, (long)Defaults.ResultsLife.TotalDays)),
        };
    }
}
