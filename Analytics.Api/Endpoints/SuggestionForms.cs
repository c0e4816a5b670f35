using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Which suggestions.</summary>
internal sealed record SuggestionQuery
{
    [FromQuery(Name = "site")]
    [Description("Only pages of this site.")]
    public string? Site { get; init; }

    [FromQuery(Name = "brand")]
    [Description("Only queries of the brand of this number.")]
    public string? Brand { get; init; }

    [FromQuery(Name = "min_score")]
    [Description("Only suggestions of this score or more, 0 to 1; 0.25 without it.")]
    public string? MinScore { get; init; }

    [FromQuery(Name = "cursor")]
    [Description("The 'next' of the answer before.")]
    public string? Cursor { get; init; }

    [FromQuery(Name = "limit")]
    [Description("Queries looked at, 1 to 200; 50 without it.")]
    public string? Limit { get; init; }
}

/// <summary>Which suggestions of a target.</summary>
internal sealed record TargetSuggestionQuery
{
    [FromQuery(Name = "min_score")]
    [Description("Only suggestions of this score or more, 0 to 1; 0.25 without it.")]
    public string? MinScore { get; init; }
}

/// <summary>Suggestions for some queries.</summary>
/// <param name="Items">Suggestions, the best of each query first; at most five a query.</param>
/// <param name="Next">Give it as <c>cursor</c> to look at further queries; null at the end. There may be no items and more behind them.</param>
/// <param name="Queries">How many queries were looked at.</param>
/// <param name="Pages">How many pages are known with their texts.</param>
internal sealed record SuggestionRows(IReadOnlyList<SuggestionRow> Items, string? Next, int Queries, long Pages);

/// <summary>A page that a query may be linked to, and why.</summary>
/// <param name="Query">The query's number.</param>
/// <param name="Brand">Its brand.</param>
/// <param name="Text">What it asks.</param>
/// <param name="Targets">Its targets: confirming links the page to each.</param>
/// <param name="Site">The page's site.</param>
/// <param name="Host">The host that it was fetched from.</param>
/// <param name="Path">Its path.</param>
/// <param name="Title">Its title.</param>
/// <param name="Score">0 to 1: how much of the query the page covers, times its rank against the best page's. It becomes the link's weight.</param>
/// <param name="Coverage">0 to 1: what part of the query's words the page has, rare words counting more.</param>
/// <param name="Words">Words of the query that it has.</param>
/// <param name="Snippet">A piece of its text with such words.</param>
internal sealed record SuggestionRow(
    long Query, string Brand, string Text, IReadOnlyList<long> Targets, string Site, string Host, string Path, string Title, double Score, double Coverage, IReadOnlyList<string> Words, string Snippet);

/// <summary>Suggestions that something is to be done with.</summary>
internal sealed record SuggestionsBody
{
    /// <summary>1 to 100 of them.</summary>
    public IReadOnlyList<SuggestionBody?>? Suggestions { get; init; }
}

/// <summary>Names a suggestion.</summary>
internal sealed record SuggestionBody
{
    /// <summary>The query; or leave it out and name a target.</summary>
    public long? Query { get; init; }

    /// <summary>A target of the query, instead of the query: all of the query's targets are meant.</summary>
    public long? Target { get; init; }

    /// <summary>The page's site.</summary>
    public string? Site { get; init; }

    /// <summary>The page's path.</summary>
    public string? Path { get; init; }
}

/// <summary>What became of confirmed suggestions.</summary>
/// <param name="Links">One for each suggestion, in order.</param>
internal sealed record ConfirmedSuggestions(IReadOnlyList<ConfirmedSuggestion> Links);

/// <summary>What became of one.</summary>
/// <param name="Query">The query.</param>
/// <param name="Site">The page's site.</param>
/// <param name="Path">The page's path.</param>
/// <param name="Weight">The link's weight; null where the query had the page already.</param>
/// <param name="Change"><c>linked</c> or <c>unchanged</c>.</param>
internal sealed record ConfirmedSuggestion(long Query, string Site, string Path, double? Weight, string Change);

/// <summary>What was refused.</summary>
/// <param name="Rejected">How many pages are refused now that were not before.</param>
internal sealed record RejectedSuggestions(int Rejected);

/// <summary>What was taken back.</summary>
/// <param name="Rejections">Refusals that are gone.</param>
/// <param name="Links">Links of targets that are gone.</param>
internal sealed record UndoneSuggestions(int Rejections, int Links);

/// <summary>Where a list of refused pages ended.</summary>
internal readonly record struct RejectedPlace(long Query, string Site, string Path);
