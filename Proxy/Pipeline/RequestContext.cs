using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Detection.Places;
using Weir.Ingest;
using Weir.Proxy.Beacon;
using Weir.Proxy.Connection;
using Weir.Proxy.Origins;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Policies;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Pipeline;

/// <summary>What the steps of one request share. Reused from request to request; used by one request at a time.</summary>
internal sealed class RequestContext : ISignedRequest
{
    /// <summary>ASP.NET's side of the request.</summary>
    public HttpContext Http { get; private set; } = null!;

    /// <summary>Facts of the connection (step 1).</summary>
    public ConnectionFacts Connection { get; set; } = null!;

    /// <summary>Who asks (step 2).</summary>
    public ClientAddress ClientAddress { get; set; }

    /// <summary>Scheme and authority that the client asked, for the check of its signature (step 5); only when it sent one.</summary>
    public (string Scheme, string Authority) Asked { get; set; }

    /// <summary>What the Host header leads to (step 3); null for an unknown host.</summary>
    public HostEntry? Host { get; set; }

    /// <summary>Where the client is (step 2); unknown without a file of places.</summary>
    public Place Place { get; set; }

    /// <summary>When an origin was asked last, by the monotonic clock.</summary>
    public long OriginAskedAt { get; set; }

    /// <summary>How long origins took, connecting and passing their bodies on included.</summary>
    public TimeSpan OriginTime { get; set; }

    /// <summary>Detection's answer (step 5).</summary>
    public Verdict Verdict { get; set; }

    /// <summary>What the edge answers itself (step 5 finds it, step 7 answers).</summary>
    public OwnPage OwnPage { get; set; }

    /// <summary>What asking for <see cref="OwnPage"/> says of the client (step 5).</summary>
    public PathMark OwnMark { get; set; }

    /// <summary>What a call of the beacon came to (step 5).</summary>
    public BeaconOutcome Beacon { get; set; }

    /// <summary>Whether the page that was answered holds the beacon's tag (step 7).</summary>
    public bool OfferedScript { get; set; }

    /// <summary>What the site's rules decided (step 6).</summary>
    public PolicyDecision Policy { get; set; }

    /// <summary>What the transport to origins keeps beside a context, from request to request.</summary>
    public object? TransportState { get; set; }

    /// <summary>The origin asked last (step 7).</summary>
    public Origin? Origin { get; set; }

    /// <summary>Bounds the wait for the answer; null where the site sets no time.</summary>
    public FirstByteClock? FirstByte { get; set; }

    /// <summary>When it was sent to the origin, by the monotonic clock; 0 when nothing is waited for.</summary>
    public long SentAt { get; set; }

    /// <summary>Whether the origin's load counts it.</summary>
    public bool IsUnderWay { get; set; }

    /// <summary>Whether a body may follow the headers.</summary>
    public bool CanHaveBody => Http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    /// <summary>What the response cache did (step 7).</summary>
    public CacheResult Cache { get; set; }

    /// <summary>What went wrong; the first cause stays.</summary>
    public EdgeError Error { get; set; }

    /// <summary>The target as sent, without scheme and authority.</summary>
    public string PathAndQuery { get; private set; } = "";

    /// <summary>Length of the path in <see cref="PathAndQuery"/>.</summary>
    public int PathLength { get; private set; }

    /// <summary>Whether the target may be forwarded; see <see cref="RequestTarget.TryRead"/>.</summary>
    public bool IsTargetValid { get; private set; }

    /// <summary>When the request arrived, milliseconds since 1970-01-01 UTC.</summary>
    public long TimeMs { get; private set; }

    /// <summary>When the request arrived, by the monotonic clock.</summary>
    public long StartedAt { get; private set; }

    /// <summary>How long it took from there, the answer included; set when it is over (steps 8, 9).</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>The hit's id.</summary>
    public ulong HitId { get; private set; }

    /// <summary>The response body, counted.</summary>
    public CountedBody Body { get; } = new();

    /// <summary>Path with its leading slash, as sent.</summary>
    public ReadOnlySpan<char> Path => PathAndQuery.AsSpan(0, PathLength);

    /// <summary>Query without its question mark, as sent.</summary>
    public ReadOnlySpan<char> Query =>
        PathLength < PathAndQuery.Length ? PathAndQuery.AsSpan(PathLength + 1) : default;

    /// <summary>The id that people are shown.</summary>
    public string RequestId => HitIds.Text(HitId);

    /// <summary>The site asked; only after step 3 found one.</summary>
    public EdgeSite Site => Host!.Site;

    string ISignedRequest.Method => Http.Request.Method;

    string ISignedRequest.Scheme => Asked.Scheme;

    string ISignedRequest.Authority => Asked.Authority;

    /// <summary>The values of a header joined as RFC 9421 §2.1 says; null when it was not sent.</summary>
    public string? Field(string name) => Http.Request.Headers[name] switch
    {
        { Count: 0 } => null,
        { Count: 1 } one => one.ToString().Trim(' ', '\t'),
        var several => string.Join(", ", several.Select(v => v?.Trim(' ', '\t'))),
    };

    /// <summary>Begins a request.</summary>
    public void Begin(HttpContext http, long timeMs, long startedAt, ulong hitId)
    {
        Http = http;
        TimeMs = timeMs;
        StartedAt = startedAt;
        HitId = hitId;
        IsTargetValid = RequestTarget.TryRead(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, out string target);
        PathAndQuery = target;
        PathLength = RequestTarget.PathLength(target);
        Body.Attach(http);
    }

    /// <summary>Ends the request and forgets it.</summary>
    public void End()
    {
        Body.Detach(Http.Features);
        Http = null!;
        Connection = null!;
        ClientAddress = default;
        Place = default;
        OriginAskedAt = 0;
        OriginTime = default;
        Asked = default;
        Host = null;
        Verdict = default;
        Policy = default;
        OwnPage = OwnPage.None;
        OwnMark = PathMark.None;
        Beacon = BeaconOutcome.None;
        OfferedScript = false;
        Origin = null;
        FirstByte = null;
        SentAt = 0;
        IsUnderWay = false;
        Error = EdgeError.None;
        Cache = CacheResult.None;
        PathAndQuery = "";
    }
}
