namespace Weir.Control;

/// <summary>How long browsers may reach a site over HTTPS only (HSTS, RFC 6797).</summary>
/// <param name="MaxAgeSeconds">For how long a browser remembers; 0 makes it forget.</param>
/// <param name="IncludesSubDomains">Whether that holds for every name below the host too.</param>
/// <param name="IsPreload">Whether the owner agrees to the lists that browsers are shipped with.</param>
public sealed record StrictTransport(long MaxAgeSeconds, bool IncludesSubDomains, bool IsPreload)
{
    /// <summary>The least that those lists take: a year.</summary>
    public const long PreloadSecondsMin = 31_536_000;

    /// <summary>The header's value.</summary>
    public string HeaderValue => $"max-age={MaxAgeSeconds}{(IncludesSubDomains ? "; includeSubDomains" : "")}{(IsPreload ? "; preload" : "")}";
}
