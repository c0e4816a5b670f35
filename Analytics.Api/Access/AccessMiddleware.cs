using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Hosting;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Access;

/// <summary>Lets a request in by its key or session, scope and site, in this order; everything under <c>/v1</c> needs a key, declared or not.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, IApiKeys keys, Sessions sessions, SiteAccess sites)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var needed = http.GetEndpoint()?.Metadata.GetMetadata<ScopeRequirement>();
        if (needed is null && !http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            await next(http);
            return;
        }
        http.Response.Headers.CacheControl = "private, no-cache";
        var key = await FindKeyAsync(http);
        var refusal = Refuse(http, key, needed) ?? await RefuseSiteAsync(http, key!);
        if (refusal is not null)
        {
            await refusal.ExecuteAsync(http);
            return;
        }
        http.SetApiKey(key!);
        await next(http);
    }

    private async ValueTask<ApiKey?> FindKeyAsync(HttpContext http)
    {
        string? header = http.Request.Headers.Authorization;
        if (header is null)
            return await sessions.FindKeyAsync(http);
        const string Scheme = "Bearer ";
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? await keys.FindAsync(header[Scheme.Length..].Trim(), http.RequestAborted)
            : null;
    }

    private static ProblemHttpResult? Refuse(HttpContext http, ApiKey? key, ScopeRequirement? needed)
    {
        if (key is null)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return Problems.KeyNeeded();
        }
        if (needed is not null && !key.Allows(needed.Scope))
            return Problems.ScopeMissing(needed.Scope);
        bool isReading = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if (!isReading && http.Request.Headers.Authorization.Count == 0 && !IsChangeByDashboard(http))
            return Problems.SessionOnlyReads();
        return null;
    }

    // The cookie is SameSite=Strict already; the header keeps out other sites of the same domain too.
    private static bool IsChangeByDashboard(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<SessionMayWrite>() is not null && http.Request.Headers.ContainsKey(AccessExtensions.SessionHeader);

    /// <summary>A site of somebody else and a site that does not exist are answered alike.</summary>
    private async ValueTask<ProblemHttpResult?> RefuseSiteAsync(HttpContext http, ApiKey key)
    {
        if (http.GetRouteValue("site") is not string text)
            return null;
        if (!SiteId.TryParse(text, null, out var site))
            return Problems.SiteUnknown(text);
        bool mayBeNew = http.GetEndpoint()?.Metadata.GetMetadata<SiteMayBeNew>() is not null;
        return await sites.MayReadAsync(key, site, http.RequestAborted) || mayBeNew && await sites.MayMakeAsync(key, site, http.RequestAborted)
            ? null
            : Problems.SiteUnknown(text);
    }
}
