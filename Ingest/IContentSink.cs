using Weir.Detection;
using Weir.Detection.Content;

namespace Weir.Ingest;

/// <summary>Takes what the edge read of pages that crawlers fetched.</summary>
public interface IContentSink
{
    /// <summary>Takes one sighting, or counts it as lost. Never waits, never throws.</summary>
    bool TryWrite(ContentSighting sighting);

    /// <summary>Takes a page's text, right before the sighting of the fetch that showed it, or counts it as lost. Never waits, never throws.</summary>
    bool TryWrite(PageText text);
}

/// <summary>A page as one crawler's fetch showed it. The columns of table <c>content_sightings</c>, in their order.</summary>
public sealed record ContentSighting
{
    /// <summary>When the fetch arrived, milliseconds since 1970-01-01 UTC.</summary>
    public required long TimeMs { get; init; }

    /// <summary>The site.</summary>
    public required SiteId Site { get; init; }

    /// <summary>The hit that stands for the fetch.</summary>
    public required ulong HitId { get; init; }

    /// <summary>Host header without port, lower case.</summary>
    public required string Host { get; init; }

    /// <summary>Path with its leading slash.</summary>
    public required string Path { get; init; }

    /// <summary>Query without its leading question mark.</summary>
    public string Query { get; init; } = "";

    /// <summary>The crawler's id.</summary>
    public required string Crawler { get; init; }

    /// <summary>What checking its claim had given.</summary>
    public Identity Identity { get; init; }

    /// <summary>Hash of the main text: equal means the same text.</summary>
    public ulong Hash { get; init; }

    /// <summary>SimHash of the main text.</summary>
    public ulong SimHash { get; init; }

    /// <summary>Words of the main text.</summary>
    public uint Words { get; init; }

    /// <summary>How it differs from what this crawler read last, as far as this edge remembers.</summary>
    public ContentChange ChangeForCrawler { get; init; }

    /// <summary>How it differs from what any crawler read last, as far as this edge remembers.</summary>
    public ContentChange ChangeForAnyone { get; init; }

    /// <summary>How many of the five signs of generated text the page shows. They describe the page, never the client.</summary>
    public byte Indicators { get; init; }
}
