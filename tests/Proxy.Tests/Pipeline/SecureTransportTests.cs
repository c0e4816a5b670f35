using System.Net;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;
using Weir.Proxy.Tests.Certificates;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Pipeline;

public sealed class SecureTransportTests : IAsyncLifetime
{
    private const string Challenge = "/.well-known/acme-challenge/";
    private const string Host = "www.example.com";

    private readonly PemFolder _folder = new();
    private readonly TemporaryFolder _webroot = new();
    private TestOrigin _origin = null!;

    public async ValueTask InitializeAsync()
    {
        _folder.Put("www", PemPair.For(Host));
        Directory.CreateDirectory(Path.Combine(_webroot.Path, ".well-known", "acme-challenge"));
        await File.WriteAllTextAsync(Path.Combine(_webroot.Path, ".well-known", "acme-challenge", "token-1_a"), "token-1_a.thumbprint");
        await File.WriteAllTextAsync(Path.Combine(_webroot.Path, ".well-known", "acme-challenge", "to.ken"), "secret");
        _origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.Headers.StrictTransportSecurity = "max-age=1";
            return c.Response.WriteAsync("origin" + c.Request.Path);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _origin.DisposeAsync();
        _webroot.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("www.example.com", "https://www.example.com/a%2Fb?c=d")]
    [InlineData("WWW.example.com:8080", "https://WWW.example.com:PORT/a%2Fb?c=d")]
    public async Task Plain_HTTP_is_sent_to_the_same_address_over_HTTPS_and_recorded(string host, string location)
    {
        await using var edge = await StartAsync(s => s with { RedirectToHttps = true });

        using var response = await GetAsync(edge, "/a%2Fb?c=d", host, HttpMethod.Post);

        Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
        string port = edge.App.BoundUrls()[1].Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(location.Replace("PORT", port, StringComparison.Ordinal), response.Headers.Location?.OriginalString);
        Assert.Equal(308, (await edge.Hits.NextAsync()).Status);
    }

    [Theory]
    [InlineData("https", HttpStatusCode.OK)]
    [InlineData("http", HttpStatusCode.PermanentRedirect)]
    [InlineData("https, http", HttpStatusCode.PermanentRedirect)]
    public async Task Behind_a_trusted_proxy_its_word_on_the_scheme_counts(string proto, HttpStatusCode status)
    {
        await using var trusting = await StartAsync(s => s with { RedirectToHttps = true }, o => o with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] });
        await using var plain = await StartAsync(s => s with { RedirectToHttps = true });

        using var believed = await GetAsync(trusting, "/", Host, headers: ("X-Forwarded-Proto", proto));
        using var ignored = await GetAsync(plain, "/", Host, headers: ("X-Forwarded-Proto", proto));

        Assert.Equal((status, HttpStatusCode.PermanentRedirect), (believed.StatusCode, ignored.StatusCode));
    }

    [Fact]
    public async Task The_sites_HSTS_stands_over_the_origins_on_HTTPS_alone()
    {
        await using var edge = await StartAsync(s => s with { StrictTransport = new StrictTransport(86400, true, false) });

        using var plain = await GetAsync(edge, "/", Host);
        var (_, secure) = await ClientProgram.RunAsync("curl", "-sSi", "-m", "20", "--noproxy", "*", "--cacert", _folder.At("www.pem"),
            "--resolve", $"{Host}:{edge.App.BoundUrls()[1].Port}:127.0.0.1", $"https://{Host}:{edge.App.BoundUrls()[1].Port}/");

        Assert.Equal("max-age=1", Assert.Single(plain.Headers.GetValues("Strict-Transport-Security")));
        Assert.Contains("strict-transport-security: max-age=86400; includeSubDomains\r\n", secure, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("max-age=1\r\n", secure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("www.example.com", "token-1_a", HttpStatusCode.OK, "token-1_a.thumbprint")]
    [InlineData("other.example", "token-1_a", HttpStatusCode.OK, "token-1_a.thumbprint")]
    [InlineData("www.example.com", "unknown", HttpStatusCode.NotFound, null)]
    public async Task A_challenge_is_answered_from_the_folder_and_is_no_hit(string host, string token, HttpStatusCode status, string? answer)
    {
        await using var edge = await StartAsync(s => s with { RedirectToHttps = true }, WithWebroot);

        using var response = await GetAsync(edge, Challenge + token, host);

        Assert.Equal(status, response.StatusCode);
        if (answer is not null)
            Assert.Equal(answer, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, edge.Hits.Waiting);
    }

    [Theory]
    [InlineData("")]
    [InlineData("to.ken")]
    [InlineData("..")]
    [InlineData("%2e%2e")]
    [InlineData("..%2Ftoken-1_a")]
    [InlineData("sub/token-1_a")]
    [InlineData("token-1_a?x")]
    public async Task What_is_no_token_is_a_request_like_any_other(string token)
    {
        await using var edge = await StartAsync(s => s, WithWebroot);

        using var raw = await edge.ConnectAsync();
        await raw.SendAsync($"GET {Challenge}{token} HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");
        string answer = await raw.ReadToEndAsync();

        if (token.EndsWith("?x", StringComparison.Ordinal))
        {
            Assert.EndsWith("thumbprint", answer, StringComparison.Ordinal);
            return;
        }
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
        Assert.StartsWith("/.well-known/", (await edge.Hits.NextAsync()).Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task A_challenge_goes_to_the_origin_where_the_site_asks_so_or_no_folder_is_set(bool hasFolder, bool acmeToOrigin)
    {
        await using var edge = await StartAsync(s => s with { RedirectToHttps = true, AcmeToOrigin = acmeToOrigin }, o => hasFolder ? WithWebroot(o) : o);

        using var response = await GetAsync(edge, Challenge + "token-1_a", Host);

        Assert.Equal("origin" + Challenge + "token-1_a", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, edge.Hits.Waiting);
    }

    private EdgeOptions WithWebroot(EdgeOptions o) => o with { Certificates = o.Certificates with { ChallengeFolder = _webroot.Path } };

    private Task<Edge> StartAsync(Func<Site, Site> site, Func<EdgeOptions, EdgeOptions>? change = null) => Edge.StartAsync(
        [site(new Site { Id = SiteId.Parse("shop"), Hosts = [Host], Origins = [_origin.Url] })],
        o =>
        {
            o = o with
            {
                Listen = [new ListenAddress(IPAddress.Loopback, 0), new ListenAddress(IPAddress.Loopback, 0, IsHttps: true)],
                Certificates = new CertificateOptions { Folder = _folder.Path },
            };
            return change is null ? o : change(o);
        });

    private static Task<HttpResponseMessage> GetAsync(
        Edge edge, string target, string host, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get,
            new Uri("http://www.example.com" + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Host = host;
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
