using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weir.Control;
using Weir.Detection.Identification;

namespace Weir.Proxy.Tests.Origins;

/// <summary>Where requests may be sent, how long an origin may take, and what comes back to the edge.</summary>
public class OriginLimitsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", false, "origin-private")]
    [InlineData("169.254.169.254", false, "origin-private")]
    [InlineData("fd00:ec2::254", false, "origin-private")]
    [InlineData("::ffff:10.0.0.1", false, "origin-private")]
    [InlineData("127.0.0.1", true, "")]
    public async Task A_name_that_leads_into_a_private_network_is_refused_unless_the_site_allows_it(string address, bool isAllowed, string error)
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("secret"));
        var named = new UriBuilder(origin.Url) { Host = "localhost" }.Uri;
        if (!isAllowed)
            named = new UriBuilder(origin.Url) { Host = "origin.example" }.Uri;
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", named) with { AllowsPrivateOrigins = isAllowed }],
            configure: b => b.Services.AddSingleton<HostResolver>((_, _) => Task.FromResult(new[] { IPAddress.Parse(address) })));

        using var response = await edge.Client.GetAsync("http://www.example.com/", Stop);
        string page = await response.Content.ReadAsStringAsync(Stop);

        Assert.Equal(isAllowed ? 200 : 502, (int)response.StatusCode);
        Assert.Equal(error, (await edge.Hits.NextAsync()).Error);
        Assert.DoesNotContain(address, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_was_public_a_moment_ago_gains_nothing()
    {
        int asked = 0;
        // A closed port of this machine stands for the public address; nothing outside is reached.
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", new Uri("http://origin.example:9"))], configure: b =>
            b.Services.AddSingleton<HostResolver>((_, _) => asked++ == 0 ? throw new SocketException((int)SocketError.HostNotFound) : Task.FromResult(new[] { IPAddress.Loopback })));

        using var first = await edge.Client.GetAsync("http://www.example.com/", Stop);
        using var second = await edge.Client.GetAsync("http://www.example.com/", Stop);

        Assert.Equal(("origin-dns", "origin-private"), ((await edge.Hits.NextAsync()).Error, (await edge.Hits.NextAsync()).Error));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task An_address_or_localhost_may_lead_into_a_private_network()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("hello"));
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url), Edge.SiteOf("b.example.com", new UriBuilder(origin.Url) { Host = "localhost" }.Uri) with { Id = Detection.SiteId.Parse("b") }]);

        Assert.Equal("hello", await edge.Client.GetStringAsync("http://www.example.com/", Stop));
        Assert.Equal("hello", await edge.Client.GetStringAsync("http://b.example.com/", Stop));
    }

    [Fact]
    public async Task A_request_that_comes_back_to_its_edge_is_answered_with_508_and_counted()
    {
        int port = FreePort();
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", new Uri($"http://127.0.0.1:{port}"))],
            o => o with { Listen = [new(IPAddress.Loopback, port)] });
        using var errors = edge.Count("weir.edge.errors");

        using var response = await edge.Client.GetAsync("http://www.example.com/", Stop);

        Assert.Equal(508, (int)response.StatusCode);
        Assert.Equal(["", "loop"], new[] { (await edge.Hits.NextAsync()).Error, (await edge.Hits.NextAsync()).Error }.Order());
        Assert.Equal(1, errors.Sum);
    }

    [Fact]
    public async Task One_edge_before_another_is_no_loop_and_marks_of_others_are_kept()
    {
        string marks = "";
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            marks = c.Request.Headers["CDN-Loop"].ToString();
            return Task.CompletedTask;
        });
        await using var inner = await Edge.BeforeAsync(origin);
        await using var outer = await Edge.StartAsync([Edge.SiteOf("www.example.com", new Uri($"http://127.0.0.1:{inner.Port}"))]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com/");
        request.Headers.Add("CDN-Loop", "other; v=1");
        request.Headers.Add("Connection", "CDN-Loop-Not");

        using var response = await outer.Client.SendAsync(request, Stop);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Matches("^other; v=1, weir-[0-9a-f]{16}, weir-[0-9a-f]{16}$", marks);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task An_answer_that_does_not_begin_in_the_sites_time_gives_504(string method)
    {
        using var gate = new SemaphoreSlim(0);
        await using var origin = await TestOrigin.StartAsync(c => gate.WaitAsync(c.RequestAborted));
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url) with { Timeouts = new OriginTimeouts(TimeSpan.FromMilliseconds(200), null) }]);
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://www.example.com/");
        if (method == "POST")
            request.Content = new StringContent("body");

        using var response = await edge.Client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("origin-timeout", (await edge.Hits.NextAsync()).Error);
    }

    [Fact]
    public async Task An_answer_that_has_begun_may_take_longer_than_the_time_to_its_first_byte()
    {
        var mayEnd = new TaskCompletionSource();
        var time = TimeSpan.FromMilliseconds(300);
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            await c.Response.WriteAsync("first ");
            await c.Response.Body.FlushAsync();
            await mayEnd.Task;
            await c.Response.WriteAsync("last");
        });
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url) with { Timeouts = new OriginTimeouts(time, TimeSpan.FromSeconds(60)) }]);
        using var over = new CancellationTokenSource(time * 2, TimeProvider.System);
        await using var _ = over.Token.Register(() => mayEnd.SetResult());

        Assert.Equal("first last", await edge.Client.GetStringAsync("http://www.example.com/", Stop));
    }

    [Fact]
    public async Task An_origin_may_be_vouched_for_by_an_authority_of_the_sites_own()
    {
        using var certificate = CertificateOf("www.example.com");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        await using var origin = builder.Build();
        origin.Run(c => c.Response.WriteAsync("hello"));
        await origin.StartAsync(Stop);
        using var other = CertificateOf("www.example.com");
        var site = Edge.SiteOf("www.example.com", origin.BoundUrls()[0]);
        await using var edge = await Edge.StartAsync([site with { OriginCa = certificate.ExportCertificatePem() }]);

        Assert.Equal("hello", await edge.Client.GetStringAsync("http://www.example.com/", Stop));
        edge.Sites.Replace([site with { OriginCa = other.ExportCertificatePem() }]);
        using var refused = await edge.Client.GetAsync("http://www.example.com/", Stop);
        Assert.Equal(502, (int)refused.StatusCode);
    }

    [Fact]
    public async Task In_maintenance_visitors_and_robots_get_a_notice_and_the_owner_the_site()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("site"));
        var notice = new MaintenanceNotice { Message = "Back at <noon>.", RetryAfterSeconds = 120, Allow = [IPNetwork.Parse("192.0.2.7/32")] };
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url) with { Maintenance = notice }],
            o => o with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] });

        foreach (string path in (string[])["/", "/robots.txt"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com" + path);
            request.Headers.Add("Accept", "text/html");
            using var response = await edge.Client.SendAsync(request, Stop);
            Assert.Equal((503, TimeSpan.FromSeconds(120)), ((int)response.StatusCode, response.Headers.RetryAfter?.Delta));
            Assert.Contains("Back at &lt;noon&gt;.", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
            Assert.Equal("maintenance", (await edge.Hits.NextAsync()).Error);
        }
        using var own = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com/");
        own.Headers.Add("X-Forwarded-For", "192.0.2.7");
        using var site = await edge.Client.SendAsync(own, Stop);
        Assert.Equal("site", await site.Content.ReadAsStringAsync(Stop));
        Assert.Equal("ready\n", await edge.Client.GetStringAsync("http://www.example.com/.weir/health/ready", Stop));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static X509Certificate2 CertificateOf(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
