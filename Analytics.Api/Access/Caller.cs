using System.Net;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Access;

/// <summary>Who makes a request, and what that opens: an API key, a signed-in member of an organisation, or a share link.</summary>
public sealed record Caller
{
    /// <summary>What <see cref="Id"/> is the id of.</summary>
    public required ActorKind Kind { get; init; }

    /// <summary>Public id of the key, member or share.</summary>
    public required string Id { get; init; }

    /// <summary>What people call the key; the member's e-mail. May be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whose data it opens.</summary>
    public required string Tenant { get; init; }

    /// <summary>What it allows; names of <see cref="Control.Scopes"/>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The only sites that it opens; null for every site of its tenant.</summary>
    public IReadOnlyList<SiteId>? Sites { get; init; }

    /// <summary>From when on it opens nothing; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>A member's role; null for a key.</summary>
    public string? Role { get; init; }

    /// <summary>Whether it allows what a scope names; <see cref="Control.Scopes.Admin"/> allows all.</summary>
    public bool Allows(string scope) =>
        Scopes.Contains(scope, StringComparer.Ordinal) || Scopes.Contains(Control.Scopes.Admin, StringComparer.Ordinal);

    /// <summary>Whether its site list has this site, or it has no list. That the site is its tenant's is a question for <see cref="ISites"/>.</summary>
    public bool AllowsSite(SiteId site) => Sites is null || Sites.Contains(site);

    /// <summary>Whether it runs the installation: everything, in the tenant that an installation has from its start.</summary>
    public bool RunsInstallation => Tenant == Control.Tenant.Default && Sites is null && Allows(Control.Scopes.Admin);

    /// <summary>Whether it is a share link: whoever has it may be anybody, so it is shown no visitor.</summary>
    public bool IsShare => Kind == ActorKind.Share;

    /// <summary>The caller that a share link is.</summary>
    public static Caller Of(Share share) => new()
    {
        Kind = ActorKind.Share,
        Id = share.Id,
        Name = share.Name,
        Tenant = share.Tenant,
        Scopes = [Control.Scopes.AnalyticsRead],
        Sites = [share.Site],
        Expires = share.Expires,
    };

    /// <summary>The caller that a key is.</summary>
    public static Caller Of(ApiKey key) => new()
    {
        Kind = ActorKind.Key,
        Id = key.Id,
        Name = key.Name,
        Tenant = key.Tenant,
        Scopes = key.Scopes,
        Sites = key.Sites,
        Expires = key.Expires,
    };

    /// <summary>The caller that a signed-in member is.</summary>
    public static Caller Of(Member member) => new()
    {
        Kind = ActorKind.Member,
        Id = member.Id,
        Name = member.Email,
        Tenant = member.Tenant,
        Scopes = Roles.ScopesOf(member.Role),
        Role = member.Role,
    };
}

/// <summary>What a request says of who makes it.</summary>
public static class CallerExtensions
{
    private static readonly object CallerItem = new();

    /// <summary>Who was let in; throws on an endpoint without <see cref="AccessExtensions.RequireScope"/>.</summary>
    public static Caller Caller(this HttpContext http) =>
        (Caller?)http.Items[CallerItem] ?? throw new InvalidOperationException("This endpoint has no RequireScope, so nobody was asked for a key.");

    /// <summary>The same for the audit log, with the address that the request came from.</summary>
    public static Actor Actor(this HttpContext http) => http.Caller().ActorAt(http);

    /// <summary>A caller for the audit log, with the address that a request came from.</summary>
    internal static Actor ActorAt(this Caller caller, HttpContext http) => new(caller.Kind, caller.Id, caller.Name, http.PeerAddress());

    /// <summary>The other end of the connection, as text; null when there is none.</summary>
    internal static string? PeerAddress(this HttpContext http) => http.Connection.RemoteIpAddress is { } address ? Plain(address).ToString() : null;

    internal static void SetCaller(this HttpContext http, Caller caller) => http.Items[CallerItem] = caller;

    // One client has one form, whether the socket speaks both protocols or not.
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
