namespace Weir.Scheduling.Suggestions;

/// <summary>Names a page.</summary>
/// <param name="Site">Its site's id.</param>
/// <param name="Host">Its host.</param>
/// <param name="Path">Its path.</param>
public readonly record struct PageKey(string Site, string Host, string Path);

/// <summary>A page with its words.</summary>
/// <param name="Key">Which page.</param>
/// <param name="Title">Its title; hostile.</param>
/// <param name="Text">Its main text; hostile.</param>
/// <param name="Hash">Hash of both.</param>
public sealed record IndexedPage(PageKey Key, string Title, string Text, ulong Hash);

/// <summary>A page that has words of a query.</summary>
/// <param name="Id">Its number in the index.</param>
/// <param name="Key">Which page.</param>
/// <param name="Rank">How much its words speak for it by BM25; above 0, higher is better.</param>
/// <param name="Has">Whether it has each word of the query, in their order.</param>
public sealed record FoundPage(long Id, PageKey Key, double Rank, IReadOnlyList<bool> Has);
