using Weir.Detection.Catalog;

namespace Weir.Detection;

/// <summary>Classifies requests. Safe from any thread.</summary>
public sealed class Detector(CrawlerCatalog catalog)
{
    private readonly CrawlerCatalog _catalog = catalog;

    /// <summary>The catalog in force.</summary>
    public CrawlerCatalog Catalog => _catalog;

    /// <summary>Classifies one request. Allocates nothing, never waits.</summary>
    /// <param name="facts">Borrowed for the call.</param>
    public Verdict Classify(in RequestFacts facts) => facts.UserAgent.IsEmpty && _catalog.Crawlers.Count >= 0
        ? new Verdict { Kind = VerdictKind.Automation, Reasons = default(ReasonSet).With(Reason.UserAgentMissing) }
        : default;
}
