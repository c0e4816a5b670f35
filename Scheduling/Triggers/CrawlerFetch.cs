using Weir.Detection;

namespace Weir.Scheduling.Triggers;

/// <summary>A crawler's request at the edge, as the hit store keeps it for this reader (table <c>crawler_fetches</c>).</summary>
/// <param name="InsertedAt">When the store took it; what the reader follows.</param>
/// <param name="Time">When it arrived at the edge.</param>
/// <param name="Site">The site asked.</param>
/// <param name="HitId">Unique within site and time.</param>
/// <param name="Method">Request method.</param>
/// <param name="Host">The host asked, lower case.</param>
/// <param name="Path">Path with its leading slash; hostile text.</param>
/// <param name="Status">Response status.</param>
/// <param name="Crawler">The crawler's id in the catalog.</param>
/// <param name="Identity">What checking its claim gave.</param>
public readonly record struct CrawlerFetch(
    DateTimeOffset InsertedAt, DateTimeOffset Time, SiteId Site, ulong HitId, string Method, string Host, string Path, int Status, string Crawler,
    Identity Identity);
