using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control;
using Weir.Detection;
using Weir.Ingest;
using Weir.Proxy.Connection;
using Weir.Proxy.Content;
using Weir.Proxy.Origins;
using Weir.Proxy.Pipeline;
using Weir.Proxy.Policies;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Tests.Pipeline;

/// <summary>What the edge's own steps allocate for a request, forwarding left out.</summary>
public class OwnCostTests
{
    [Fact]
    public void Address_site_classification_rules_and_record_allocate_nothing()
    {
        var trusted = new TrustedProxies([IPNetwork.Parse("10.0.0.0/8")]);
        var sites = new SiteTable(new OriginBook(TimeProvider.System, new EdgeOptions()));
        sites.Replace([Edge.SiteOf("www.example.com", new Uri("http://127.0.0.1:3000")) with
        {
            Policy =
            [
                new PolicyRule { Name = "slow", Action = PolicyAction.Limit, Limit = new RequestLimit(10, 60), Operators = ["OpenAI"] },
                new PolicyRule { Name = "tell", Action = PolicyAction.Tag, IsEnforced = true, Paths = ["*ing"] },
            ],
        }]);
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new EdgeMetrics(services.GetRequiredService<IMeterFactory>());
        var clock = new RequestClock(new HitIds(new Random(1)), TimeProvider.System);
        var connection = new ConnectionReader(trusted);
        var address = new ClientAddressStep(new ClientAddressResolver(trusted, ForwardedHeader.XForwardedFor), new Weir.Detection.Places.PlaceBook());
        var secure = new SecureTransport(new EdgeOptions(), null!);
        var classification = new Classification(Edge.Detector(),
            new SignedRequests(new EdgeOptions(), sites, secure), secure);
        var policies = new PolicyStep(new LocalRequestLimits(), metrics);
        var hits = new HitRecorder(new Nowhere(), metrics);
        var queue = new ContentQueue(new EdgeOptions(), metrics, NullLogger<ContentQueue>.Instance, new Unread());
        var content = new ContentTee(queue, new EdgeOptions());
        var http = Request(ConnectionFacts.Of(IPAddress.Parse("10.0.0.1"), trusted));
        var r = new RequestContext();

        long bytes = Allocations.Of(() =>
        {
            clock.Begin(r, http);
            connection.Read(r);
            address.Resolve(r);
            Assert.True(sites.TryFind(r));
            classification.Classify(r);
            Assert.True(policies.LetsPass(r));
            content.Watch(r);
            clock.Stop(r);
            classification.Complete(r);
            content.HandOver(r);
            hits.Record(r);
            r.End();
        });

        Assert.Equal(0, bytes);
    }

    private static DefaultHttpContext Request(ConnectionFacts facts)
    {
        var http = new DefaultHttpContext();
        http.Features.Set(facts);
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/pricing";
        http.Request.Method = "GET";
        http.Request.Protocol = "HTTP/1.1";
        http.Request.Headers.Host = "www.example.com";
        http.Request.Headers.UserAgent = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)";
        http.Request.Headers["X-Forwarded-For"] = "203.0.113.9";
        http.Request.Headers.Accept = "*/*";
        http.Request.Headers.Via = "1.1 cdn";
        http.Request.Headers["Sec-CH-UA"] = "\"Chromium\";v=\"140\"";
        http.Request.Headers["Sec-CH-UA-Platform"] = "\"Windows\"";
        http.Request.Headers["Sec-Fetch-Mode"] = "navigate";
        http.Request.Headers["Sec-Fetch-Site"] = "none";
        return http;
    }

    private sealed class Unread : IContentSink
    {
        public bool TryWrite(ContentSighting sighting) => false;

        public bool TryWrite(PageText text) => false;
    }

    private sealed class Nowhere : IHitSink
    {
        public bool TryWrite(in Hit hit) => true;
    }
}
