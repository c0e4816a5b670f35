namespace Weir.Scheduling.Triggers;

/// <summary>A fact that says that answers of an engine may have changed.</summary>
/// <param name="Id">Its number, rising in the order of recording; the cursor of readers.</param>
/// <param name="Kind">What happened; <c>crawl</c>: a crawler that feeds the engine fetched a page; else the kind of the event.</param>
/// <param name="Class">How it counts: <c>crawl-changed</c>, <c>crawl-same</c>, <c>user-fetch</c>, <c>competitor</c>, <c>engine-update</c>, <c>trending</c> or <c>sitemap</c>.</param>
/// <param name="At">When it happened.</param>
/// <param name="Site">Where; empty for an event that names no page.</param>
/// <param name="Path">Which page; empty for an event that names none.</param>
/// <param name="Hit">The hit, as 16 hex digits; null for an event.</param>
/// <param name="Crawler">Who; null for an event.</param>
/// <param name="Identity">What checking who gave; null for an event.</param>
/// <param name="Content">What the page showed the crawler: <c>first</c>, <c>changed</c>, <c>same</c>, <c>not-modified</c> or <c>unknown</c>; null for an event.</param>
/// <param name="Event">The event's key, as its sender gave it; null for a crawl.</param>
/// <param name="Note">What the sender said of it; null for a crawl.</param>
/// <param name="Engine">The engine whose answers may have changed; empty for an event that no target is about.</param>
/// <param name="Weight">How much it says about that engine: feed × identity × what is known of the text, or the event's strength; 0 to 1.</param>
/// <param name="Targets">Numbers of the targets that it speaks of.</param>
/// <param name="Scans">Numbers of the scans that it is listed on.</param>
public sealed record Trigger(
    long Id, string Kind, string Class, DateTimeOffset At, string Site, string Path, string? Hit, string? Crawler, string? Identity, string? Content,
    string? Event, string? Note, string Engine, double Weight, IReadOnlyList<long> Targets, IReadOnlyList<long> Scans);
