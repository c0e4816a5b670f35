using Weir.Detection;

namespace Weir.Ingest.Verdicts;

/// <summary>What of a stored hit can be judged again. Texts live until the next hit of its page is read.</summary>
internal readonly ref struct StoredHit
{
    /// <summary>When, milliseconds since 1970-01-01 UTC.</summary>
    public required long TimeMs { get; init; }

    /// <summary>The hit's id.</summary>
    public required ulong HitId { get; init; }

    /// <summary>Who asked; a part of it, or nothing, where the site keeps no more.</summary>
    public required ClientAddress ClientAddress { get; init; }

    /// <summary>The host asked.</summary>
    public required ReadOnlySpan<char> Host { get; init; }

    /// <summary>Query without its question mark.</summary>
    public required ReadOnlySpan<char> Query { get; init; }

    /// <summary>User-Agent header. Hostile text.</summary>
    public required ReadOnlySpan<char> UserAgent { get; init; }

    /// <summary>Referer header. Hostile text.</summary>
    public required ReadOnlySpan<char> Referrer { get; init; }

    /// <summary>The verdict that it was given.</summary>
    public required StoredVerdict Verdict { get; init; }

    /// <summary>The facts that detection judges.</summary>
    public RequestFacts Facts => new()
    {
        TimeMs = TimeMs,
        ClientAddress = ClientAddress,
        Host = Host,
        Query = Query,
        UserAgent = UserAgent,
        Referrer = Referrer,
    };
}
