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
    // Contexts are used again, as a server's connections use theirs: so their memory is near.
    private const int Requests = 1024, Clients = 10_000, Connections = 16;

    private WebApplication _edge;
    private RequestPipeline _pipeline;
    private HitChannel _hits;
    private HttpContext[] _connections;
    private (string UserAgent, string Host, ConnectionFacts Facts)[] _requests;

    public void SetUp()
    {
        _hits = new HitChannel(1024, new LossCounters());
        var options = new EdgeOptions { TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] };
        _edge = EdgeHost.Create(options, Sites(), _hits, new Detector(SharedCatalog.Value, new ClientWindows()),
            web => web.Services.AddSingleton<IOriginTransport, InstantOrigin>());
        _pipeline = _edge.Services.GetRequiredService<RequestPipeline>();
        var trusted = _edge.Services.GetRequiredService<TrustedProxies>();
        var random = new Random(1);
        _connections = [.. Enumerable.Range(0, Connections).Select(_ => NewRequest())];
        _requests = [.. new UserAgentTexts(Requests, botShare: 0.2).ToStrings().Select(userAgent =>
        {
            int client = random.Next(Clients);
            return (userAgent, $"www.s{client % 1000}.example", ConnectionFacts.Of(IPAddress.Parse($"203.0.{client / 250}.{client % 250}"), trusted));
        })];
    }

    public readonly int Once(int i)
    {
        var http = _connections[i & (Connections - 1)];
        var headers = http.Request.Headers;
        var (userAgent, host, facts) = _requests[i & (Requests - 1)];
        (headers.UserAgent, headers.Host) = (userAgent, host);
        http.Features[typeof(ConnectionFacts)] = facts;
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

    private static DefaultHttpContext NewRequest()
    {
        var http = new DefaultHttpContext();
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/pricing?plan=team";
        http.Request.Method = "GET";
        http.Request.Protocol = "HTTP/1.1";
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
