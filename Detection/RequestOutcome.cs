namespace Weir.Detection;

/// <summary>How a request ended, for what is kept of its client. Borrows its texts; lives on the stack.</summary>
/// <remarks>A log says less than the edge: <c>default</c> of a member means "not known" and is no evidence.</remarks>
public readonly ref struct RequestOutcome
{
    /// <summary>When the request arrived, milliseconds since 1970-01-01 UTC; the same as in its <see cref="RequestFacts"/>.</summary>
    public required long TimeMs { get; init; }

    /// <summary>Who asked; the same as in its <see cref="RequestFacts"/>.</summary>
    public ClientAddress ClientAddress { get; init; }

    /// <summary>Path with its leading slash, without the query.</summary>
    public ReadOnlySpan<char> Path { get; init; }

    /// <summary>The host that was asked, without port; empty when not known.</summary>
    public ReadOnlySpan<char> Host { get; init; }

    /// <summary>The answer's Content-Type; where it is not known, the path says what was asked for.</summary>
    public ReadOnlySpan<char> ContentType { get; init; }

    /// <summary>HTTP status as the client got it; 0 when not known.</summary>
    public ushort Status { get; init; }

    /// <summary>Whether the request carried a Referer.</summary>
    public bool HasReferrer { get; init; }

    /// <summary>Whether the answer set a cookie.</summary>
    public bool OfferedCookie { get; init; }

    /// <summary>Whether the page that was answered holds the script that calls the beacon.</summary>
    public bool OfferedScript { get; init; }

    /// <summary>How long the answer took, in milliseconds; 0 when not known. The origin's speed, and never a sign of a program.</summary>
    public uint DurationMs { get; init; }
}
