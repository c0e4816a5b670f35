using Weir.Control;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Sites;

/// <summary>A site as the edge serves it: its settings and its origins' state, which outlives a change of settings.</summary>
/// <param name="Settings">The site as configured.</param>
/// <param name="Origins">Its origins.</param>
internal sealed record EdgeSite(Site Settings, OriginSet Origins);

/// <summary>What a host name leads to.</summary>
/// <param name="Host">The name as configured, lower case: exact, or with a wildcard.</param>
/// <param name="Site">The site.</param>
/// <param name="IsExact">Whether <paramref name="Host"/> is the very name, so that a hit can share this string.</param>
internal sealed record HostEntry(string Host, EdgeSite Site, bool IsExact);
