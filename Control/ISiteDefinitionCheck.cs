using Weir.Detection;

namespace Weir.Control;

/// <summary>Says what is wrong with a site's definition before it is written. Safe from any thread; no I/O.</summary>
public interface ISiteDefinitionCheck
{
    /// <summary>Every error with its place and mend; empty when the edge can serve the site so.</summary>
    IReadOnlyList<string> Check(SiteId id, string json);

    /// <summary>The site that a definition means; null when the edge could not serve it.</summary>
    Site? Read(SiteId id, string json);
}
