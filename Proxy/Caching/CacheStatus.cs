using System.Globalization;

namespace Weir.Proxy.Caching;

/// <summary>The words of a Cache-Status header (RFC 9211).</summary>
internal static class CacheStatus
{
    /// <summary>The header's name.</summary>
    public const string Header = "Cache-Status";

    /// <summary>Answered from the cache; a negative time to live is past its time.</summary>
    public static string Hit(long ttlMs) => string.Create(CultureInfo.InvariantCulture, $"Weir; hit; ttl={ttlMs / 1000}");

    /// <summary>Answered from the cache after the origin was asked.</summary>
    public static string Validated(int originStatus) => string.Create(CultureInfo.InvariantCulture, $"Weir; fwd=stale; fwd-status={originStatus}");

    /// <summary>Answered from the cache after waiting for another's trip to the origin.</summary>
    public const string Collapsed = "Weir; fwd=uri-miss; collapsed";

    /// <summary>Answered by the origin.</summary>
    public static string Forwarded(string reason, int originStatus, bool isStored) =>
        string.Create(CultureInfo.InvariantCulture, $"Weir; fwd={reason}; fwd-status={originStatus}{(isStored ? "; stored" : "")}");
}
