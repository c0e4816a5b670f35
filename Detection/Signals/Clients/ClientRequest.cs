namespace Weir.Detection.Signals.Clients;

/// <summary>What the windows need to know of a request; texts as hashes.</summary>
internal readonly record struct ClientRequest
{
    public required long TimeMs { get; init; }

    /// <summary><see cref="ClientAddress.ClientKey"/>.</summary>
    public required UInt128 Client { get; init; }

    public PathClass Path { get; init; }

    public PathMark Mark { get; init; }

    /// <summary>Hash of path and query.</summary>
    public ulong PathHash { get; init; }

    public ulong UserAgentHash { get; init; }

    /// <summary>Whether the user agent is written as a browser's: only those tell people behind one address apart.</summary>
    public bool IsBrowserForm { get; init; }

    public bool HasCookie { get; init; }

    /// <summary>Whether the browser says that it fetches for a script and not to show a page; its beat is then the script's.</summary>
    public bool IsScripted { get; init; }
}

/// <summary>What the windows need to know of an answer.</summary>
internal readonly record struct ClientAnswer
{
    public required long TimeMs { get; init; }

    /// <summary><see cref="ClientAddress.ClientKey"/>.</summary>
    public required UInt128 Client { get; init; }

    public PathClass Path { get; init; }

    public ushort Status { get; init; }

    public bool HasReferrer { get; init; }

    public bool OfferedCookie { get; init; }

    public bool OfferedScript { get; init; }

    /// <summary>Whether the host serves the parts of its pages itself; without that, a page alone is no evidence.</summary>
    public bool SiteHasAssets { get; init; }

    public uint DurationMs { get; init; }
}
