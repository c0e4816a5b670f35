using Weir.Detection;

namespace Weir.Ingest;

/// <summary>What a page says, as a crawler read it. The columns of table <c>page_texts</c>, in their order.</summary>
public sealed record PageText
{
    /// <summary>Characters of a text that are kept: what a page is about stands at its begin.</summary>
    public const int CharactersMax = 8 * 1024;

    /// <summary>When the fetch arrived, milliseconds since 1970-01-01 UTC.</summary>
    public required long TimeMs { get; init; }

    /// <summary>The site.</summary>
    public required SiteId Site { get; init; }

    /// <summary>Host header without port, lower case.</summary>
    public required string Host { get; init; }

    /// <summary>Path with its leading slash.</summary>
    public required string Path { get; init; }

    /// <summary>The page's title; empty for none. Hostile.</summary>
    public required string Title { get; init; }

    /// <summary>Its main text, up to <see cref="CharactersMax"/>. Hostile.</summary>
    public required string Text { get; init; }

    /// <summary>Hash of title and text: equal means the same.</summary>
    public required ulong Hash { get; init; }
}
