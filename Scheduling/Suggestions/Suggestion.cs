using System.Text.Json.Serialization;
using Weir.Detection;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Suggestions;

/// <summary>A page that a query may be linked to, and why.</summary>
/// <param name="Site">The page's site.</param>
/// <param name="Host">The host that it was fetched from.</param>
/// <param name="Path">Its path, which is the link's pattern.</param>
/// <param name="Title">Its title; hostile.</param>
/// <param name="Score">0 to 1: how much of the query it covers, words in its title or path counting more, times its rank by BM25 against the best page's.</param>
/// <param name="Coverage">0 to 1: what part of the query it has, rare words counting more.</param>
/// <param name="Words">The words of the query that it has.</param>
/// <param name="Snippet">A piece of its text with such words; hostile.</param>
public sealed record Suggestion(
    [property: JsonConverter(typeof(SiteIdJson))] SiteId Site, string Host, string Path, string Title, double Score, double Coverage, IReadOnlyList<string> Words, string Snippet);

/// <summary>A query, as far as suggestions need it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Brand">Its brand.</param>
/// <param name="BrandId">The brand's number.</param>
/// <param name="Text">What it asks; hostile.</param>
/// <param name="Targets">Its targets within reach.</param>
/// <param name="Links">Which pages each of them is linked to.</param>
/// <param name="Rejected">Pages that were refused for it.</param>
public sealed record SuggestedQuery(
    long Id, string Brand, long BrandId, string Text, IReadOnlyList<long> Targets, IReadOnlyList<PageLinkOf> Links, IReadOnlyList<PagePatternOfSite> Rejected);

/// <summary>A link of one target.</summary>
/// <param name="Target">The target.</param>
/// <param name="Site">The pages' site.</param>
/// <param name="Pattern">Which pages.</param>
public readonly record struct PageLinkOf(long Target, SiteId Site, string Pattern);
