namespace Weir.Scheduling.Triggers;

/// <summary>A fact that says that answers of an engine may have changed. Kept for ever once recorded.</summary>
/// <param name="Id">Its number, rising in the order of recording; the cursor of readers.</param>
/// <param name="Kind">What happened; <c>crawl</c>: a crawler that feeds the engine fetched a page.</param>
/// <param name="At">When it happened.</param>
/// <param name="Site">Where.</param>
/// <param name="Path">Which page.</param>
/// <param name="Hit">The hit, as 16 hex digits.</param>
/// <param name="Crawler">Who.</param>
/// <param name="Identity">What checking who gave.</param>
/// <param name="Engine">The engine whose answers may have changed.</param>
/// <param name="Weight">How much the fetch says about that engine: feed × identity, 0 to 1.</param>
/// <param name="Targets">Numbers of the targets that it speaks of.</param>
/// <param name="Scans">Numbers of the scans that it is listed on.</param>
public sealed record Trigger(
    long Id, string Kind, DateTimeOffset At, string Site, string Path, string Hit, string Crawler, string Identity, string Engine,
    double Weight, IReadOnlyList<long> Targets, IReadOnlyList<long> Scans);
