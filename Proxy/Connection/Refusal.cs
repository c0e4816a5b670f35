namespace Weir.Proxy.Connection;

/// <summary>Why a connection or request ended before it reached a site, and so is no hit. The words are a metric's: they may grow, never change.</summary>
internal enum Refusal : byte
{
    /// <summary>On a listener with PROXY protocol, from a peer that is no trusted proxy.</summary>
    ProxyUntrusted = 1,

    /// <summary>The connection did not begin with a PROXY header.</summary>
    ProxyHeaderMissing = 2,

    /// <summary>The PROXY header breaks its format or is too long.</summary>
    ProxyHeaderMalformed = 3,

    /// <summary>The PROXY header did not come in time.</summary>
    ProxyHeaderSlow = 4,
}

/// <summary>Words of <see cref="Refusal"/>.</summary>
internal static class Refusals
{
    /// <summary>The word that <c>weir.edge.refused</c> counts under.</summary>
    public static string Word(this Refusal refusal) => refusal switch
    {
        Refusal.ProxyUntrusted => "proxy-untrusted",
        Refusal.ProxyHeaderMissing => "proxy-header-missing",
        Refusal.ProxyHeaderMalformed => "proxy-header-malformed",
        Refusal.ProxyHeaderSlow => "proxy-header-slow",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };
}
