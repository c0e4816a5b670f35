namespace Weir.Scheduling.Selection;

/// <summary>Decides, tick by tick, which of many targets to scan within a budget. Has no clock and draws nothing at random: the same calls give the same answers.</summary>
/// <remarks>Times are spans since a start that the caller chooses, and never go back. A policy learns of the world only by these calls: it never sees a change that
/// no scan found. Not safe from several threads at a time.</remarks>
public interface ISelectionPolicy
{
    /// <summary>Something happened that may mean a change of a target's answer.</summary>
    void OnSignal(in Signal signal);

    /// <summary>An engine was announced to have changed.</summary>
    /// <param name="engine">Its number.</param>
    /// <param name="at">When that became known.</param>
    void OnEngineUpdate(int engine, TimeSpan at);

    /// <summary>A target was scanned.</summary>
    /// <param name="target">Its number.</param>
    /// <param name="at">When.</param>
    /// <param name="changed">Whether the answer differs from the last scan's.</param>
    void OnScan(int target, TimeSpan at, bool changed);

    /// <summary>Chooses what to scan now, the most urgent first.</summary>
    /// <param name="now">The time of this tick.</param>
    /// <param name="picked">Takes the targets' numbers; has room for all of them.</param>
    /// <returns>How many were picked.</returns>
    int Select(TimeSpan now, Span<int> picked);

    /// <summary>Why a target would be scanned now; asked before the scan's result is told.</summary>
    ScanReason Explain(int target, TimeSpan now);
}

/// <summary>What a signal is.</summary>
public enum SignalClass : byte
{
    /// <summary>An engine's search crawler fetched a page that differs from what it got last.</summary>
    CrawlChanged,

    /// <summary>An engine's search crawler fetched a page that it knew, or was told that nothing changed.</summary>
    CrawlSame,

    /// <summary>An engine fetched a page for somebody who asked.</summary>
    UserFetch,

    /// <summary>A competitor published.</summary>
    Competitor,

    /// <summary>An engine was announced to have changed; all its targets.</summary>
    EngineUpdate,

    /// <summary>A site's sitemap names a new page, or says that one was changed.</summary>
    Sitemap,

    /// <summary>The query is asked more often than usual.</summary>
    Trending,
}

/// <summary>Something that may mean a change of one target.</summary>
/// <param name="Target">The target's number.</param>
/// <param name="Class">What it is.</param>
/// <param name="At">When it happened.</param>
/// <param name="Weight">How strongly the page is linked to the query, times the chance that the crawler is who it says, 0 to 1.</param>
public readonly record struct Signal(int Target, SignalClass Class, TimeSpan At, double Weight = 1);

/// <summary>The targets that a policy schedules: each one query at one engine for one tenant.</summary>
public sealed class Fleet
{
    /// <param name="tenantOf">Each target's tenant, from 0.</param>
    /// <param name="engineOf">Each target's engine, from 0.</param>
    /// <exception cref="ArgumentException">The lists differ in length or hold a negative number.</exception>
    public Fleet(int[] tenantOf, int[] engineOf)
    {
        ArgumentNullException.ThrowIfNull(tenantOf);
        ArgumentNullException.ThrowIfNull(engineOf);
        if (tenantOf.Length != engineOf.Length)
            throw new ArgumentException("Every target needs a tenant and an engine.", nameof(engineOf));
        if (tenantOf.Concat(engineOf).Any(n => n < 0))
            throw new ArgumentException("Tenants and engines are numbered from 0.", nameof(tenantOf));
        (TenantOf, EngineOf) = (tenantOf, engineOf);
        Tenants = tenantOf.Length == 0 ? 0 : tenantOf.Max() + 1;
        Engines = engineOf.Length == 0 ? 0 : engineOf.Max() + 1;
    }

    /// <summary>Each target's tenant.</summary>
    public int[] TenantOf { get; }

    /// <summary>Each target's engine.</summary>
    public int[] EngineOf { get; }

    /// <summary>How many targets.</summary>
    public int Targets => TenantOf.Length;

    /// <summary>How many tenants.</summary>
    public int Tenants { get; }

    /// <summary>How many engines.</summary>
    public int Engines { get; }
}
