using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Caching;

/// <summary>A request's double that no client waits for: asks the origin the same, and keeps what comes.</summary>
internal static class DetachedRequest
{
    /// <summary>Makes the double as a GET.</summary>
    /// <param name="r">The request; not needed after the call.</param>
    /// <param name="time">Clock.</param>
    /// <param name="stop">Ends it.</param>
    public static RequestContext Of(RequestContext r, TimeProvider time, CancellationToken stop)
    {
        var request = r.Http.Request;
        var headers = new HeaderDictionary();
        foreach (var (name, values) in request.Headers)
            headers[name] = values;
        headers.Remove("If-None-Match");
        headers.Remove("If-Modified-Since");
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = HttpMethods.Get,
            Scheme = request.Scheme,
            Protocol = request.Protocol,
            Path = request.Path.ToString(),
            QueryString = request.QueryString.ToString(),
            RawTarget = r.PathAndQuery,
            Headers = headers,
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpRequestBodyDetectionFeature>(new NoBody());
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = stop });
        var copy = new RequestContext
        {
            Connection = r.Connection,
            ClientAddress = r.ClientAddress,
            Host = r.Host,
            Verdict = r.Verdict,
            Place = r.Place,
            Policy = r.Policy,
        };
        copy.Begin(new DefaultHttpContext(features), time.GetUtcNow().ToUnixTimeMilliseconds(), time.GetTimestamp(), r.HitId);
        return copy;
    }

    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => false;
    }
}
