using System.Net;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection;

namespace Weir.Proxy.Tests.Pipeline;

public class PrivacyTests
{
    [Theory]
    [InlineData(AddressForm.Full)]
    [InlineData(AddressForm.Truncated)]
    [InlineData(AddressForm.Hashed)]
    [InlineData(AddressForm.None)]
    public async Task Whatever_is_stored_of_an_address_the_verdict_is_that_of_the_whole_one(AddressForm form)
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("page"));
        var site = Edge.SiteOf("www.example.com", origin.Url) with { Privacy = new SitePrivacy { Addresses = form } };
        await using var edge = await Edge.StartAsync([site], o => o with { TrustedProxies = [IPNetwork.Parse("127.0.0.1/32")] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com/");
        request.Headers.TryAddWithoutValidation("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "66.249.66.1");

        (await edge.Client.SendAsync(request)).Dispose();
        var hit = await edge.Hits.NextAsync();

        Assert.Equal((form, Identity.Verified), (hit.AddressForm, hit.Verdict.Identity));
    }
}
