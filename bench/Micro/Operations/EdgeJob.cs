using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Signals;
using Weir.Ingest.Buffering;
using Weir.Proxy;
using Weir.Proxy.Connection;
using Weir.Proxy.Origins;
using Weir.Proxy.Pipeline;

namespace Weir.Micro.Operations;

/// <summary>What Weir does for a request beside forwarding it: the edge's whole pipeline before an origin that answers at once. Site,
/// detection with headers and window, three rules, the hit written to the channel and taken out of it again. Its headers lie in ASP.NET's
/// own dictionary, which is slower than the server's.</summary>
internal struct EdgeJob : IWork
{
    private const int Requests = 1024, Clients = 10_000;

    private WebApplication _edge;
    private RequestPipeline _pipeline;
    private HitChannel _hits;
    private HttpContext[] _requests;

    public void SetUp()
    {
        _hits = new HitChannel(1024, new LossCounters());
        var options = new EdgeOptions { TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] };
        _edge = EdgeHost.Create(options, Sites(), _hits, new Detector(SharedCatalog.Value, new ClientWindows()),
            web => web.Services.AddSingleton<IOriginTransport, InstantOrigin>());
        _pipeline = _edge.Services.GetRequiredService<RequestPipeline>();
        var facts = ConnectionFacts.Of(IPAddress.Parse("10.0.0.1"), _edge.Services.GetRequiredService<TrustedProxies>());
        var random = new Random(1);
        _requests = [.. new UserAgentTexts(Requests, botShare: 0.2).ToStrings().Select(userAgent => RequestOf(userAgent, random.Next(Clients), facts))];
    }

    public readonly int Once(int i)
    {
        var http = _requests[i & (Requests - 1)];
        // Nothing waits: it has ended when it returns.
        _pipeline.InvokeAsync(http).GetAwaiter().GetResult();
        return _hits.Reader.TryRead(out var hit) ? hit.Verdict.Score : throw new InvalidOperationException("A request left no hit.");
    }

    // A thousand sites, so that the look-up is one of a table of its usual size.
    private static Site[] Sites() => [.. Enumerable.Range(0, 1000).Select(i => new Site
    {
        Id = SiteId.Parse($"s{i}"),
        Hosts = [$"www.s{i}.example"],
        Origins = [new Uri("http://127.0.0.1:3000")],
        Policy =
        [
            new PolicyRule { Name = "spoofed", Action = PolicyAction.Block, Identities = [Identity.Spoofed], Paths = ["/private/"], IsEnforced = true },
            new PolicyRule { Name = "slow", Action = PolicyAction.Limit, Purposes = [Purpose.Seo], Limit = new RequestLimit(1_000_000, 60), IsEnforced = true },
            new PolicyRule { Name = "priced", Action = PolicyAction.Price, Purposes = [Purpose.AiTraining], Paths = ["/archive/"], Price = "USD 0.01" },
        ],
    })];

    private static DefaultHttpContext RequestOf(string userAgent, int client, ConnectionFacts facts)
    {
        var http = new DefaultHttpContext();
        http.Features.Set(facts);
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/pricing?plan=team";
        http.Request.Method = "GET";
        http.Request.Protocol = "HTTP/1.1";
        http.Request.Headers.Host = $"www.s{client % 1000}.example";
        http.Request.Headers.UserAgent = userAgent;
        http.Request.Headers["X-Forwarded-For"] = $"203.0.{client / 250}.{client % 250}";
        http.Request.Headers.Accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
        http.Request.Headers.AcceptLanguage = "de-DE,de;q=0.9,en;q=0.8";
        http.Request.Headers.AcceptEncoding = "gzip, deflate, br, zstd";
        http.Request.Headers["Sec-CH-UA"] = "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\", \"Google Chrome\";v=\"140\"";
        http.Request.Headers["Sec-Fetch-Mode"] = "navigate";
        http.Request.Headers["Sec-Fetch-Dest"] = "document";
        return http;
    }

    private sealed class InstantOrigin : IOriginTransport
    {
        public ValueTask<OriginOutcome> SendAsync(RequestContext r) => default;
    }
}
