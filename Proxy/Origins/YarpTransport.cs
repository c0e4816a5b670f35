using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Weir.Proxy.Beacon;
using Weir.Proxy.Pipeline;
using Yarp.ReverseProxy.Forwarder;

namespace Weir.Proxy.Origins;

/// <summary>Carries requests by YARP's forwarder: every protocol, upgrades, trailers.</summary>
internal sealed class YarpTransport(
    IHttpForwarder forwarder, OriginClients clients, OriginRequest request, OriginAnswer answer, BeaconInjection beacon, EdgeOptions options,
    TimeProvider time) : IOriginTransport
{
    private readonly Configs _usual = new(options.Limits.OriginIdleTimeout);

    // Sites' own times are whole seconds of a day, so there are few.
    private readonly ConcurrentDictionary<TimeSpan, Configs> _byIdle = new();

    /// <inheritdoc/>
    public async ValueTask<OriginOutcome> SendAsync(RequestContext r)
    {
        var http = r.Http;
        CountedUpgrade.Attach(r);
        // One a context, and contexts are few: so it knows its request, and nothing need be put among the request's features and found again.
        var transformer = (Transformer)(r.TransportState ??= new Transformer(r, request, answer, beacon, time));
        var timeouts = r.Site.Settings.Timeouts;
        var configs = timeouts?.Idle is { } idle ? _byIdle.GetOrAdd(idle, static i => new Configs(i)) : _usual;
        var error = timeouts?.FirstByte is { } firstByte ? await SendAsync(r, configs, firstByte, transformer)
            : await forwarder.SendAsync(http, r.Origin!.Prefix, clients.For(r.Origin), configs.For(r.Origin), transformer);
        if (error == ForwarderError.None)
            return default;
        var exception = http.Features.Get<IForwarderErrorFeature>()?.Exception;
        return OriginFailure.Of(error, exception, http.RequestAborted.IsCancellationRequested);
    }

    private async ValueTask<ForwarderError> SendAsync(RequestContext r, Configs configs, TimeSpan firstByte, Transformer transformer)
    {
        using var clock = FirstByteClock.Start(r, firstByte, time);
        r.FirstByte = clock;
        var error = await forwarder.SendAsync(r.Http, r.Origin!.Prefix, clients.For(r.Origin), configs.For(r.Origin), transformer, clock.Token);
        r.FirstByte = null;
        return error;
    }

    private sealed class Configs(TimeSpan idle)
    {
        private readonly ForwarderRequestConfig _http1 = Of(HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower, idle);
        private readonly ForwarderRequestConfig _negotiated = Of(HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower, idle);
        private readonly ForwarderRequestConfig _http2 = Of(HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact, idle);

        public ForwarderRequestConfig For(Origin origin) =>
            origin.IsHttp2Only ? _http2 : origin.Url.Scheme == Uri.UriSchemeHttps ? _negotiated : _http1;

        private static ForwarderRequestConfig Of(Version version, HttpVersionPolicy policy, TimeSpan idle) =>
            new() { Version = version, VersionPolicy = policy, ActivityTimeout = idle };
    }

    private sealed class Transformer(RequestContext r, OriginRequest request, OriginAnswer answer, BeaconInjection beacon, TimeProvider time) : HttpTransformer
    {
        public override ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            var copied = base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            request.Finish(r, proxyRequest);
            r.OriginAskedAt = time.GetTimestamp();
            return copied;
        }

        public override async ValueTask<bool> TransformResponseAsync(
            HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            bool isCopied = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
            if (!answer.Finish(r, proxyResponse))
                return false;
            if (isCopied)
                Tag(proxyResponse!);
            // YARP holds headers back until the first byte. A stream's first byte may wait for the client, which waits for the headers.
            if (isCopied && IsStream(proxyResponse!))
                await httpContext.Response.Body.FlushAsync(cancellationToken);
            return isCopied;
        }

        // A page that was changed for this visitor is not kept for others.
        private void Tag(HttpResponseMessage response)
        {
            var sent = response.Content;
            beacon.Tag(r, response);
            if (!ReferenceEquals(sent, response.Content))
                r.Body.Fill?.Forget();
        }

        // A gRPC answer with its status in the headers has neither body nor trailers, and must end with the headers.
        private static bool IsStream(HttpResponseMessage response) =>
            response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentLength is null
            && response.Content.Headers.ContentType?.MediaType is { } type
            && (type == "text/event-stream" || (type.StartsWith("application/grpc", StringComparison.Ordinal) && !response.Headers.Contains("grpc-status")));
    }
}
