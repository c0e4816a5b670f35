using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Weir.Control;

namespace Weir.Proxy.Tests.Origins;

public class OriginCertificateTests
{
    [Theory]
    [InlineData(SslPolicyErrors.None, "elsewhere.example", true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, "origin.example", true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, "elsewhere.example", false)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors, "origin.example", false)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch, "origin.example", false)]
    [InlineData(SslPolicyErrors.RemoteCertificateNotAvailable, "origin.example", false)]
    public void A_certificate_of_the_origins_own_name_will_do_and_nothing_else_is_forgiven(SslPolicyErrors errors, string host, bool isAccepted)
    {
        using var certificate = CertificateOf("origin.example");

        Assert.Equal(isAccepted, OriginTrust.IsAcceptable(errors, certificate, host));
    }

    [Fact]
    public async Task An_origin_with_a_certificate_that_nobody_vouches_for_gives_502()
    {
        using var certificate = CertificateOf("www.example.com");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        await using var origin = builder.Build();
        origin.Run(c => c.Response.WriteAsync("secret"));
        await origin.StartAsync();
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.BoundUrls()[0])]);

        using var response = await edge.Client.GetAsync("http://www.example.com/");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("origin-tls", (await edge.Hits.NextAsync()).Error);
    }

    private static X509Certificate2 CertificateOf(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
