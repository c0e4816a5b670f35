using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Hosting;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Access;

/// <summary>Lets a request in by its key or session, scope and site, in this order; everything under <c>/v1</c> needs a key, declared or not.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, IApiKeys keys, Sessions sessions, SiteAccess sites, IShares shares, WrongKeys wrongKeys)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var needed = http.GetEndpoint()?.Metadata.GetMetadata<ScopeRequirement>();
        if (http.GetEndpoint()?.Metadata.GetMetadata<VerifiesItself>() is not null)
        {
            await next(http);
            return;
        }
        if (needed is null && !http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            await next(http);
            return;
        }
        http.Response.Headers.CacheControl = "private, no-cache";
        var caller = await FindCallerAsync(http);
        var refusal = Refuse(http, caller, needed) ?? await RefuseSiteAsync(http, caller!);
        if (refusal is not null)
        {
            await refusal.ExecuteAsync(http);
            return;
        }
        http.SetCaller(caller!);
        await next(http);
    }

    private async ValueTask<Caller?> FindCallerAsync(HttpContext http)
    {
        // The address says who it is; a key or cookie beside it is somebody else's.
        if (ShareLinks.TokenOf(http) is { } token)
            return await shares.FindAsync(token, http.RequestAborted) is { } share ? Caller.Of(share) : null;
        string? header = http.Request.Headers.Authorization;
        if (header is null)
            return await sessions.FindCallerAsync(http);
        const string Scheme = "Bearer ";
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && await keys.FindAsync(header[Scheme.Length..].Trim(), http.RequestAborted) is { } key ? Caller.Of(key) : null;
    }

    private ProblemHttpResult? Refuse(HttpContext http, Caller? caller, ScopeRequirement? needed)
    {
        if (caller is null && ShareLinks.TokenOf(http) is not null)
            return Problems.ShareUnknown();
        if (caller is { IsShare: true } && http.GetEndpoint()?.Metadata.GetMetadata<SharesMayRead>() is null)
            return Problems.NotShared();
        if (caller is null)
        {
            if (http.Request.Headers.Authorization.Count > 0 && wrongKeys.Failed(http.Connection.RemoteIpAddress) is var wait && wait > TimeSpan.Zero)
                return Problems.WaitAfterWrongKeys(http, wait);
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return Problems.KeyNeeded();
        }
        if (needed is not null && !caller.Allows(needed.Scope))
            return Problems.ScopeMissing(needed.Scope);
        var marks = http.GetEndpoint()?.Metadata;
        if (marks?.GetMetadata<WholeOrganisation>() is not null && caller.Sites is not null)
            return Problems.OnlySomeSites();
        if (marks?.GetMetadata<WholeInstallation>() is not null && !caller.RunsInstallation)
            return Problems.InstallationOnly();
        bool isReading = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if (!isReading && http.Request.Headers.Authorization.Count == 0 && !IsChangeByDashboard(http))
            return Problems.SessionOnlyReads();
        return null;
    }

    // The cookie is SameSite=Strict already; the header keeps out other sites of the same domain too.
    private static bool IsChangeByDashboard(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<SessionMayWrite>() is not null && http.Request.Headers.ContainsKey(AccessExtensions.SessionHeader);

    /// <summary>A site of somebody else and a site that does not exist are answered alike.</summary>
    private async ValueTask<ProblemHttpResult?> RefuseSiteAsync(HttpContext http, Caller caller)
    {
        if (http.GetRouteValue("site") is not string text)
            return null;
        if (!SiteId.TryParse(text, null, out var site))
            return Problems.SiteUnknown(text);
        bool mayBeNew = http.GetEndpoint()?.Metadata.GetMetadata<SiteMayBeNew>() is not null;
        return await sites.MayReadAsync(caller, site, http.RequestAborted) || mayBeNew && await sites.MayMakeAsync(caller, site, http.RequestAborted)
            ? null
            : Problems.SiteUnknown(text);
    }
}
