using Weir.Scheduling.ScanPolicy;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Triggers;

/// <summary>The triggers of every tenant. Safe from any thread and for many programs on one store.</summary>
public interface ITriggers
{
    /// <summary>How far a reader has come; null when it never read.</summary>
    Task<DateTimeOffset?> PositionAsync(string reader, CancellationToken stop = default);

    /// <summary>Keeps triggers and the reader's position together, or neither. A trigger that is there already changes nothing, and a
    /// position never goes back.</summary>
    /// <returns>How many were new.</returns>
    Task<int> RecordAsync(IReadOnlyList<NewTrigger> triggers, string reader, DateTimeOffset position, CancellationToken stop = default);

    /// <summary>Lists waiting triggers on their targets' next scans, which it queues as the policy says. Triggers of a target whose scan
    /// is leased wait until that ends: the worker may have asked before they happened.</summary>
    /// <returns>How many targets were decided on; 0 when nothing waits.</returns>
    Task<int> PlanAsync(IScanPolicy policy, CancellationToken stop = default);

    /// <summary>Triggers within reach in the order of recording.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="after">Only numbers above this; 0 for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="only">Only those of this class; null for all.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<Trigger>> ListAsync(Reach reach, long after, int limit, TriggerClass? only = null, CancellationToken stop = default);

    /// <summary>Those of some triggers that are within reach, in the order of recording.</summary>
    Task<IReadOnlyList<Trigger>> FindAsync(Reach reach, IReadOnlyList<long> ids, CancellationToken stop = default);
}

/// <summary>A fetch that speaks of some targets on one engine.</summary>
/// <param name="Fetch">The fetch.</param>
/// <param name="Class">What kind of fact it is.</param>
/// <param name="Content">What it showed its crawler.</param>
/// <param name="Tenant">Whose site and targets these are.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Weight">How much the fetch says about the engine: feed × identity × what is known of its text.</param>
/// <param name="Delay">How long after it answers typically change.</param>
/// <param name="Targets">The targets, at least one.</param>
public sealed record NewTrigger(
    CrawlerFetch Fetch, TriggerClass Class, FetchContent Content, string Tenant, string Engine, double Weight, TimeSpan Delay,
    IReadOnlyList<TargetMatch> Targets);
