namespace Weir.Scheduling.Queue;

/// <summary>How many scans of one tenant may be under way on one engine. Pure.</summary>
/// <remarks>
/// It starts by the number of due scans: a lane with few has no need to press an engine. Overload halves what was under way; each time that as many as the ceiling
/// have been completed since, it rises by a tenth: as TCP finds a line's width, quick down and slow up.
/// </remarks>
internal static class Ceiling
{
    /// <summary>The highest that is ever reached.</summary>
    public const int Max = 100;

    /// <summary>Due scans that a count need not go beyond.</summary>
    public const int DueMax = 5000;

    // Failures of one burst were under way together: they say one thing.
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(5);

    /// <summary>The ceiling of a lane that nothing has lowered.</summary>
    /// <param name="due">Its scans that are due or under way.</param>
    public static int Of(long due) => due switch
    {
        < 100 => 5,
        < 1000 => 20,
        < DueMax => 50,
        _ => Max,
    };

    /// <summary>The ceiling after an overload; null when the one that is stays, since it was lowered for the same burst.</summary>
    /// <param name="ceiling">The lowered one; null for none.</param>
    /// <param name="underWay">Scans that were under way.</param>
    /// <param name="sinceChange">Time since it was changed last; null for never.</param>
    public static int? Lowered(int? ceiling, long underWay, TimeSpan? sinceChange) =>
        ceiling is not null && sinceChange < Burst ? null : (int)Math.Max(1, Math.Min(ceiling ?? Max, underWay) / 2);

    /// <summary>The ceiling and the completions left over, after some more were completed; no ceiling once it would reach <see cref="Max"/>.</summary>
    public static (int? Ceiling, long Passed) Raised(int ceiling, long passed)
    {
        while (passed >= ceiling)
        {
            passed -= ceiling;
            ceiling += Math.Max(1, ceiling / 10);
            if (ceiling >= Max)
                return (null, 0);
        }
        return (ceiling, passed);
    }
}
