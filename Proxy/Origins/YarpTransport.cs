using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Proxy.Beacon;
using Weir.Proxy.Pipeline;
using Yarp.ReverseProxy.Forwarder;

namespace Weir.Proxy.Origins;

/// <summary>Carries requests by YARP's forwarder: every protocol, upgrades, trailers.</summary>
internal sealed class YarpTransport(IHttpForwarder forwarder, OriginClients clients, SecureTransport secure, BeaconInjection beacon, EdgeOptions options, TimeProvider time)
    : IOriginTransport
{
    private readonly Transformer _transformer = new(secure, beacon, time);

    private readonly ForwarderRequestConfig _http1 = new()
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        ActivityTimeout = options.Limits.OriginIdleTimeout,
    };

    private readonly ForwarderRequestConfig _negotiated = new()
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        ActivityTimeout = options.Limits.OriginIdleTimeout,
    };

    private readonly ForwarderRequestConfig _http2 = new()
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = options.Limits.OriginIdleTimeout,
    };

    /// <inheritdoc/>
    public async ValueTask<OriginOutcome> SendAsync(RequestContext r)
    {
        var http = r.Http;
        var origin = r.Origin!;
        CountedUpgrade.Attach(r);
        var error = await forwarder.SendAsync(http, origin.Prefix, clients.For(origin), ConfigFor(origin), _transformer);
        if (error == ForwarderError.None)
            return default;
        var exception = http.Features.Get<IForwarderErrorFeature>()?.Exception;
        return OriginFailure.Of(error, exception, http.RequestAborted.IsCancellationRequested);
    }

    private ForwarderRequestConfig ConfigFor(Origin origin) =>
        origin.IsHttp2Only ? _http2 : origin.Url.Scheme == Uri.UriSchemeHttps ? _negotiated : _http1;

    private sealed class Transformer(SecureTransport secure, BeaconInjection beacon, TimeProvider time) : HttpTransformer
    {
        public override ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            var copied = base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            var r = httpContext.Features.GetRequiredFeature<RequestContext>();
            OriginRequest.Finish(r, proxyRequest);
            r.OriginAskedAt = time.GetTimestamp();
            return copied;
        }

        public override async ValueTask<bool> TransformResponseAsync(
            HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            bool isCopied = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
            var r = httpContext.Features.GetRequiredFeature<RequestContext>();
            secure.Write(r);
            if (isCopied)
                beacon.Tag(r, proxyResponse!);
            // A client that was refused before its body may send it or leave it out (RFC 9110 section 10.1.1), and its next request would be
            // read as the body. So the connection ends; HTTP/2 has streams for this and writes no such header.
            if (httpContext.Response.StatusCode >= 400 && httpContext.Request.Headers.Expect.Count > 0
                && httpContext.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal))
                httpContext.Response.Headers.Connection = "close";
            // YARP holds headers back until the first byte. A stream's first byte may wait for the client, which waits for the headers.
            if (isCopied && IsStream(proxyResponse!))
                await httpContext.Response.Body.FlushAsync(cancellationToken);
            return isCopied;
        }

        // A gRPC answer with its status in the headers has neither body nor trailers, and must end with the headers.
        private static bool IsStream(HttpResponseMessage response) =>
            response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentLength is null
            && response.Content.Headers.ContentType?.MediaType is { } type
            && (type == "text/event-stream" || (type.StartsWith("application/grpc", StringComparison.Ordinal) && !response.Headers.Contains("grpc-status")));
    }
}
