using Microsoft.AspNetCore.Builder;
using Weir.Control;

namespace Weir.Analytics.Api.Access;

/// <summary>The scope that a caller needs for an endpoint; read by <see cref="AccessMiddleware"/>.</summary>
/// <param name="Scope">A name of <see cref="Scopes"/>.</param>
public sealed record ScopeRequirement(string Scope);

/// <summary>Marks an endpoint that makes a site: its <c>{site}</c> may be one that nobody has yet.</summary>
internal sealed record SiteMayBeNew;

/// <summary>Marks an endpoint that the dashboard calls to change something: a session may, with <see cref="AccessExtensions.SessionHeader"/>.</summary>
internal sealed record SessionMayWrite;

/// <summary>Marks an endpoint about a whole organisation: a key for some of its sites has no business there.</summary>
internal sealed record WholeOrganisation;

/// <summary>Marks an endpoint about all organisations together: it is for whoever runs the installation.</summary>
internal sealed record WholeInstallation;

/// <summary>Access rules on endpoints.</summary>
public static class AccessExtensions
{
    /// <summary>The dashboard sends this header with each change. A page of another origin cannot: the browser would ask first, and is refused.</summary>
    public const string SessionHeader = "X-Weir-Dashboard";

    /// <summary>Lets in only callers with this scope (or <see cref="Scopes.Admin"/>), and only for sites that the caller may see.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, string scope)
        where TBuilder : IEndpointConventionBuilder
    {
        if (!Scopes.All.Contains(scope))
            throw new ArgumentException($"'{scope}' is no scope. Use one of Scopes.", nameof(scope));
        return endpoint.WithMetadata(new ScopeRequirement(scope));
    }
}
