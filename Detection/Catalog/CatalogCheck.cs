namespace Weir.Detection.Catalog;

/// <summary>What running a catalog's own examples gave.</summary>
public sealed record CatalogCheck
{
    /// <summary>Crawlers in the catalog.</summary>
    public required int Crawlers { get; init; }

    /// <summary>Tokens of all crawlers.</summary>
    public required int Tokens { get; init; }

    /// <summary>Examples run, of both kinds.</summary>
    public required int Examples { get; init; }

    /// <summary>Range lists in use.</summary>
    public required int RangeLists { get; init; }

    /// <summary>Prefixes in them, as published.</summary>
    public required int Prefixes { get; init; }

    /// <summary>The newest list's time.</summary>
    public required DateTimeOffset NewestRangeList { get; init; }

    /// <summary>The oldest copy's time.</summary>
    public required DateTimeOffset OldestRangeList { get; init; }

    /// <summary>One line a failure: which crawler, which example, what came instead.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    /// <summary>Runs every example of a catalog against its own automaton.</summary>
    public static CatalogCheck Run(CrawlerCatalog catalog)
    {
        List<string> failures = [];
        int examples = 0;
        foreach (var entry in catalog.File.Crawlers)
        {
            foreach (string userAgent in entry.Matches ?? [])
            {
                examples++;
                var found = Claimed(catalog, userAgent);
                if (found?.Id != entry.Id)
                    failures.Add($"{entry.Id}: '{userAgent}' must match, but names {found?.Id ?? "nobody"}.");
            }
            foreach (string userAgent in entry.MustNotMatch ?? [])
            {
                examples++;
                if (Claimed(catalog, userAgent)?.Id == entry.Id)
                    failures.Add($"{entry.Id}: '{userAgent}' must not match.");
            }
        }
        return new CatalogCheck
        {
            Crawlers = catalog.Crawlers.Count,
            Tokens = catalog.Crawlers.Sum(c => c.Tokens.Count),
            Examples = examples,
            RangeLists = catalog.RangeLists.Count,
            Prefixes = catalog.RangeLists.Sum(l => l.Prefixes.Count),
            NewestRangeList = catalog.RangeLists.Select(l => l.PublishedAt).DefaultIfEmpty().Max(),
            OldestRangeList = catalog.RangeLists.Select(l => l.PublishedAt).DefaultIfEmpty().Min(),
            Failures = failures,
        };
    }

    private static Crawler? Claimed(CrawlerCatalog catalog, string userAgent)
    {
        int crawler = catalog.ReadUserAgentAnew(userAgent).Crawler;
        return crawler < 0 ? null : catalog.Crawlers[crawler];
    }
}
