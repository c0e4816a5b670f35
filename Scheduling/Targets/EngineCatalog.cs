using System.Collections.Frozen;
using Weir.Detection;
using Weir.Detection.Catalog;

namespace Weir.Scheduling.Targets;

/// <summary>The engines that any crawler of the catalog feeds, and by which crawlers. Immutable.</summary>
public sealed class EngineCatalog
{
    private readonly FrozenDictionary<string, Crawler> _crawlers;
    private readonly FrozenSet<string> _engines;

    /// <summary>Reads the engines of a catalog's crawlers.</summary>
    public EngineCatalog(IEnumerable<Crawler> crawlers)
    {
        _crawlers = crawlers.ToFrozenDictionary(c => c.Id, StringComparer.Ordinal);
        _engines = _crawlers.Values.SelectMany(c => c.Engines).Select(f => f.Engine).ToFrozenSet(StringComparer.Ordinal);
        Engines = [.. _engines.Order(StringComparer.Ordinal)];
    }

    /// <summary>Known engines by name.</summary>
    public IReadOnlyList<string> Engines { get; }

    /// <summary>Whether any crawler feeds this engine.</summary>
    public bool IsKnown(string engine) => _engines.Contains(engine);

    /// <summary>The engines that a crawler feeds; empty when none is known, or the crawler is not.</summary>
    public IReadOnlyList<EngineFeed> FeedsOf(string crawler) => _crawlers.TryGetValue(crawler, out var known) ? known.Engines : [];

    /// <summary>What a crawler fetches for; unknown when the catalog has lost it.</summary>
    public Purpose PurposeOf(string crawler) => _crawlers.TryGetValue(crawler, out var known) ? known.Purpose : Purpose.None;

    /// <summary>A crawler's name as its operator writes it; its id when the catalog has lost it.</summary>
    public string NameOf(string crawler) => _crawlers.TryGetValue(crawler, out var known) ? known.Name : crawler;
}
