using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Caching;
using Weir.Proxy.Origins;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Policies;

namespace Weir.Proxy.Sites;

/// <summary>A site as the edge serves it: its settings and its origins' state, which outlives a change of settings.</summary>
/// <param name="Settings">The site as configured.</param>
/// <param name="Origins">Its origins.</param>
internal sealed record EdgeSite(Site Settings, OriginSet Origins)
{
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _honeypots =
        Settings.HoneypotPaths.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The site's rules, compiled.</summary>
    public SitePolicy Policy { get; } = SitePolicy.Compile(Settings.Id, Settings.Policy, Settings.Limit);

    /// <summary>What of it the edge answers itself; null for nothing.</summary>
    public SiteOwnPages? OwnPages { get; } = SiteOwnPages.Of(Settings);

    /// <summary>Stands before the site while it is being worked on; null otherwise.</summary>
    public MaintenanceGate? Maintenance { get; } = MaintenanceGate.Of(Settings.Maintenance);

    /// <summary>What the origin gets instead of the client's host and path; null for the same.</summary>
    public RequestRewrite? Rewrite { get; } = RequestRewrite.Of(Settings.Rewrite);

    /// <summary>Value of the Strict-Transport-Security header; empty when the origin's stays.</summary>
    public StringValues StrictTransport { get; } = Settings.StrictTransport?.HeaderValue;

    /// <summary>What is kept of the site's answers; null when nothing is.</summary>
    public SiteCacheRules? Cache { get; } = SiteCacheRules.Of(Settings);

    /// <summary>What the site's settings say of a path. Allocates nothing.</summary>
    public PathMark MarkOf(ReadOnlySpan<char> path) =>
        _honeypots.Set.Count > 0 && _honeypots.Contains(path) ? PathMark.Honeypot : PathMark.None;
}

/// <summary>What a host name leads to.</summary>
/// <param name="Host">The name as configured, lower case: exact, or with a wildcard.</param>
/// <param name="Site">The site.</param>
/// <param name="IsExact">Whether <paramref name="Host"/> is the very name, so that a hit can share this string.</param>
internal sealed record HostEntry(string Host, EdgeSite Site, bool IsExact);
