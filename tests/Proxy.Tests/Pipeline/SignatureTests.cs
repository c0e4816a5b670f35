using System.Buffers.Text;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NSec.Cryptography;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification.Signatures;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Pipeline;

/// <summary>A program that signs by npm <c>web-bot-auth</c> and sends a browser's user agent, against a real edge.</summary>
public sealed class SignatureTests : IAsyncLifetime
{
    private const string Chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    private const string Page = "https://www.example.com/pricing?plan=a%2Fb";

    private readonly JsonObject _jwk = NewKey();
    private TestOrigin _origin = null!;

    public async ValueTask InitializeAsync() => _origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("page"));

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task A_signed_request_in_a_browsers_clothes_is_the_agent_that_signed()
    {
        await using var edge = await StartAsync();
        await NodeSigner.RunAsync(Job(edge), Job(edge).With(("components", new JsonArray("@target-uri", "@method", "signature-agent"))));

        for (int i = 0; i < 2; i++)
            Expect("chatgpt-agent", VerdictKind.Crawler, Identity.Verified, IdentityMethod.Signature, Reason.SignatureValid, await edge.Hits.NextAsync());
        Assert.Equal(2, Counted(edge, "valid"));
    }

    [Fact]
    public async Task The_same_signature_for_another_host_or_a_second_time_is_spoofed()
    {
        await using var edge = await StartAsync();
        await NodeSigner.RunAsync(Job(edge).With(("url", "https://other.example/pricing"), ("sentHeaders", new JsonObject { ["Host"] = "www.example.com" })),
            Job(edge).With(("sendTo", new JsonArray(edge.Port, edge.Port))));

        Expect("chatgpt-agent", VerdictKind.Crawler, Identity.Spoofed, IdentityMethod.Signature, Reason.SignatureInvalid, await edge.Hits.NextAsync());
        Expect("chatgpt-agent", VerdictKind.Crawler, Identity.Verified, IdentityMethod.Signature, Reason.SignatureValid, await edge.Hits.NextAsync());
        Expect("chatgpt-agent", VerdictKind.Crawler, Identity.Spoofed, IdentityMethod.Signature, Reason.SignatureInvalid, await edge.Hits.NextAsync());
        Assert.Equal((1, 1), (Counted(edge, "false"), Counted(edge, "replayed")));
    }

    [Fact]
    public async Task A_true_signature_of_an_agent_that_nobody_knows_is_automation()
    {
        await using var edge = await StartAsync();
        await NodeSigner.RunAsync(Job(edge, "https://agents.example"));

        var hit = await edge.Hits.NextAsync();
        Expect(null, VerdictKind.Automation, Identity.NotClaimed, IdentityMethod.None, Reason.SignatureValid, hit);
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_the_host_that_the_client_asked_counts_if_it_is_the_sites_own()
    {
        var site = Edge.SiteOf("www.example.com", _origin.Url) with { Hosts = ["www.example.com", "edge.internal"] };
        var other = Edge.SiteOf("other.example", _origin.Url) with { Id = SiteId.Parse("other") };
        await using var edge = await Edge.StartAsync([site, other], o => o with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] }, Checking());
        await using var untrusting = await Edge.StartAsync([site, other], null, Checking());
        JsonObject Forwarded(Edge to, string asked) => Job(to).With(("url", $"https://{asked}/"),
            ("sentHeaders", new JsonObject { ["Host"] = "edge.internal", ["X-Forwarded-Host"] = $"evil.example, {asked}", ["X-Forwarded-Proto"] = "https" }));
        await NodeSigner.RunAsync(Forwarded(edge, "www.example.com"), Forwarded(edge, "other.example"), Forwarded(untrusting, "www.example.com"));

        Assert.Equal(Identity.Verified, (await edge.Hits.NextAsync()).Verdict.Identity);
        Assert.Equal(Identity.Spoofed, (await edge.Hits.NextAsync()).Verdict.Identity); // made for another site
        Assert.Equal(Identity.Spoofed, (await untrusting.Hits.NextAsync()).Verdict.Identity);
    }

    [Fact]
    public async Task Several_headers_of_one_name_are_read_as_one()
    {
        await using var edge = await StartAsync();
        var headers = (await NodeSigner.RunAsync(Job(edge).With(("sendTo", new JsonArray()))))[0];
        using var connection = await edge.ConnectAsync();
        await connection.SendAsync($"GET /pricing?plan=a%2Fb HTTP/1.1\r\nHost: WWW.Example.com\r\nUser-Agent: {Chrome}\r\nConnection: close\r\n"
            + $"Signature-Input: other=(\"date\");created=1\r\nSignature-Input:   {headers["Signature-Input"]}\r\n"
            + $"Signature: {headers["Signature"]}\r\nSignature: other=:AAAA:\r\nSignature-Agent: {headers["Signature-Agent"]}\r\n\r\n");

        Assert.Equal(Identity.Verified, (await edge.Hits.NextAsync()).Verdict.Identity);
    }

    private Task<Edge> StartAsync() => Edge.StartAsync([Edge.SiteOf("www.example.com", _origin.Url)], null, Checking());

    private Detector Checking()
    {
        string set = $$"""{"keys":[{"kty":"OKP","crv":"Ed25519","x":"{{_jwk["x"]}}"}]}""";
        var keys = SigningKeyFile.Read(Encoding.UTF8.GetBytes($$"""{"https://chatgpt.com":{{set}},"https://agents.example":{{set}}}"""), out _)!;
        return new Detector(CrawlerCatalog.Load()) { Signatures = new WebBotAuth(keys, TimeProvider.System) };
    }

    private JsonObject Job(Edge edge, string agent = "https://chatgpt.com") =>
        NodeSigner.Job(_jwk, Page, $"\"{agent}\"", TimeProvider.System.GetUtcNow())
            .With(("headers", new JsonObject { ["User-Agent"] = Chrome }), ("sendTo", new JsonArray(edge.Port)));

    private static void Expect(string? crawler, VerdictKind kind, Identity identity, IdentityMethod method, Reason reason, Ingest.Hit hit)
    {
        Assert.Equal((crawler, kind, identity, method), (hit.Verdict.Crawler?.Id, hit.Verdict.Kind, hit.Verdict.Identity, hit.Verdict.IdentityMethod));
        Assert.True(hit.Verdict.Reasons.Has(reason));
        Assert.Equal((Chrome, 200), (hit.UserAgent, hit.Status));
    }

    private static long Counted(Edge edge, string result)
    {
        long sum = 0;
        using var listener = new MeterListener();
        var meters = edge.App.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (i, l) =>
        {
            if (i.Name == "weir.edge.signatures" && ReferenceEquals(i.Meter.Scope, meters))
                l.EnableMeasurementEvents(i);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => sum += (string?)tags[0].Value == result ? value : 0);
        listener.Start();
        listener.RecordObservableInstruments();
        return sum;
    }

    private static JsonObject NewKey()
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        return new JsonObject
        {
            ["kty"] = "OKP",
            ["crv"] = "Ed25519",
            ["x"] = Base64Url.EncodeToString(key.Export(KeyBlobFormat.RawPublicKey)),
            ["d"] = Base64Url.EncodeToString(key.Export(KeyBlobFormat.RawPrivateKey)),
        };
    }
}
