namespace Weir.Control;

/// <summary>Which headers tell a site's origin who asked.</summary>
public enum ForwardedStyle
{
    /// <summary>X-Forwarded-For, -Proto, -Host and -Port.</summary>
    XForwarded,

    /// <summary>These and Forwarded (RFC 7239).</summary>
    Both,

    /// <summary>Forwarded alone.</summary>
    Forwarded,
}
