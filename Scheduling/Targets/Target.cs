using System.Text.Json.Serialization;
using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>A brand query on one engine, with the pages whose change may change its answer.</summary>
/// <param name="Id">Its number; never used again.</param>
/// <param name="Brand">The brand.</param>
/// <param name="Query">The question that the brand wants answered well.</param>
/// <param name="Engine">The engine that is asked.</param>
/// <param name="Pages">Pages that the answer may draw on.</param>
/// <param name="Topics">What its query is about; the pages of these topics bear on it too.</param>
/// <param name="Created">When it was made.</param>
/// <param name="LastScan">When it was last scanned; null when it never was.</param>
/// <param name="LastResult">What that scan found: <c>cited</c>, <c>gap</c> or <c>lost_citation</c>.</param>
public sealed record Target(
    long Id, string Brand, string Query, string Engine, IReadOnlyList<PageLink> Pages, IReadOnlyList<string> Topics, DateTimeOffset Created, DateTimeOffset? LastScan,
    string? LastResult);

/// <summary>That some pages of a site bear on a target.</summary>
/// <param name="Site">The site.</param>
/// <param name="Pattern">Which pages; see <see cref="PagePattern"/>.</param>
/// <param name="Weight">How much they bear on the answer, above 0 to 1.</param>
/// <param name="Source">Where the link came from: <c>written</c>, or <c>suggested</c> by the page's words and confirmed.</param>
public sealed record PageLink([property: JsonConverter(typeof(SiteIdJson))] SiteId Site, string Pattern, double Weight = 1, string Source = "written");

/// <summary>Wishes for a target. Brand, query and engine are its natural key.</summary>
/// <param name="Brand">The brand.</param>
/// <param name="Query">The question.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Pages">Pages to link; added to those that an already known target has.</param>
/// <param name="Topics">What the query is about; added likewise, and made when new. Null for none.</param>
public sealed record NewTarget(string Brand, string Query, string Engine, IReadOnlyList<PageLink> Pages, IReadOnlyList<string>? Topics = null);

/// <summary>What became of one wish.</summary>
/// <param name="Id">The target's number.</param>
/// <param name="Change">Whether it is new.</param>
public readonly record struct UpsertedTarget(long Id, TargetChange Change);

/// <summary>What a wish for a target did.</summary>
public enum TargetChange
{
    /// <summary>It was there already, with these pages.</summary>
    None,

    /// <summary>It was there already and got new pages or weights.</summary>
    Linked,

    /// <summary>It is new.</summary>
    Created,
}
