using Microsoft.AspNetCore.Http;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Caching;

/// <summary>Forgets what a request that may have changed something makes untrue (RFC 9111 §4.4).</summary>
internal static class Invalidation
{
    /// <summary>Forgets the target's answers, and those of the addresses that the answer names on the same host.</summary>
    /// <param name="r">A request that the origin accepted.</param>
    /// <param name="store">Kept answers.</param>
    public static void After(RequestContext r, CacheStore store)
    {
        string method = r.Http.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method) || !r.IsTargetValid)
            return;
        Forget(r, store, r.PathAndQuery);
        var headers = r.Http.Response.Headers;
        ForgetNamed(r, store, headers.Location.ToString());
        ForgetNamed(r, store, headers.ContentLocation.ToString());
    }

    // Another host's answers are not this one's to forget, or one site could empty the other's cache.
    private static void ForgetNamed(RequestContext r, CacheStore store, string reference)
    {
        string host = r.Http.Request.Headers.Host.ToString();
        if (reference.Length > 0 && Uri.TryCreate($"http://{host}{r.PathAndQuery}", UriKind.Absolute, out var here)
            && Uri.TryCreate(here, reference, out var named) && named.Scheme is "http" or "https" && named.Host == here.Host)
            Forget(r, store, named.PathAndQuery);
    }

    private static void Forget(RequestContext r, CacheStore store, string target)
    {
        store.Remove(CachedRequest.KeyOf(r, Uri.UriSchemeHttp, target));
        store.Remove(CachedRequest.KeyOf(r, Uri.UriSchemeHttps, target));
    }
}
