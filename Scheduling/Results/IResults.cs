using System.Text.Json;

namespace Weir.Scheduling.Results;

/// <summary>What scans have found, target by target. Results are written by completing a scan. Safe from any thread.</summary>
public interface IResults
{
    /// <summary>A target's results, newest first.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="target">The target's number.</param>
    /// <param name="before">Only numbers below this; null for the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>Null when there is no such target within reach.</returns>
    Task<IReadOnlyList<TargetResult>?> HistoryAsync(Reach reach, long target, long? before, int limit, CancellationToken stop = default);
}

/// <summary>What one scan found.</summary>
/// <param name="Id">Its number, rising with time.</param>
/// <param name="Scan">The scan.</param>
/// <param name="At">When it was reported.</param>
/// <param name="Result"><c>cited</c>, <c>gap</c> or <c>lost_citation</c>.</param>
/// <param name="Changed">Whether the brand is cited where it was not before, or the other way round; null for the first result.</param>
/// <param name="Evidence">What the worker sent as proof.</param>
public sealed record TargetResult(long Id, long Scan, DateTimeOffset At, string Result, bool? Changed, JsonElement? Evidence);
