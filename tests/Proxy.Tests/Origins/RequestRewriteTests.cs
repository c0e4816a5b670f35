using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Control;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Tests.Origins;

public class RequestRewriteTests
{
    [Theory]
    [InlineData("/shop", "", "/shop/a?b=/shop", "/a?b=/shop")]
    [InlineData("/shop", "", "/shop", "/")]
    [InlineData("/shop", "", "/shop?x", "/?x")]
    [InlineData("/shop", "", "/shopping", "/shopping")]
    [InlineData("/shop", "", "/%73hop/a", "/%73hop/a")]
    [InlineData("/shop", "", "/shop//evil.example", "//evil.example")]
    [InlineData("/shop", "/v2", "/shop/a", "/v2/a")]
    [InlineData("/shop", "/v2", "/shop", "/v2/")]
    [InlineData("/shop", "/v2", "/other", "/other")]
    [InlineData("", "/v2", "/a", "/v2/a")]
    [InlineData("", "", "/a", "/a")]
    public void A_path_is_changed_by_whole_segments(string strip, string add, string asked, string sent)
    {
        int query = asked.IndexOf('?');
        Assert.Equal(sent, Of(strip, add).TargetOf(asked, query < 0 ? asked.Length : query));
    }

    [Theory]
    [InlineData("/login?next=/", "/shop/login?next=/")]
    [InlineData("http://app.internal/login", "https://www.example.com/shop/login")]
    [InlineData("https://APP.internal", "https://www.example.com/shop/")]
    [InlineData("//app.internal/a#b", "https://www.example.com/shop/a#b")]
    [InlineData("http://10.0.0.1:3000/a", "https://www.example.com/shop/a")]
    [InlineData("https://elsewhere.example/a", "https://elsewhere.example/a")]
    [InlineData("a/b", "a/b")]
    [InlineData("mailto:x@app.internal//app.internal/", "mailto:x@app.internal//app.internal/")]
    public void Where_an_answer_leads_is_changed_back(string location, string expected)
    {
        IHeaderDictionary headers = new HeaderDictionary { ["Location"] = location };

        Of("/shop", "").Return(headers, "app.internal", "10.0.0.1:3000", "https://www.example.com");

        Assert.Equal(expected, headers.Location);
    }

    [Theory]
    [InlineData("a=1; Path=/; HttpOnly", "a=1; Path=/shop; HttpOnly")]
    [InlineData("a=/x; path=/cart;secure", "a=/x; Path=/shop/cart;secure")]
    [InlineData("a=1; Domain=.app.internal; Path=/", "a=1; Path=/shop")]
    [InlineData("a=1; Domain=example.com", "a=1; Domain=example.com")]
    [InlineData("a=1", "a=1")]
    public void What_a_cookie_is_for_is_changed_back(string cookie, string expected)
    {
        IHeaderDictionary headers = new HeaderDictionary { ["Set-Cookie"] = cookie };

        Of("/shop", "").Return(headers, "app.internal", "10.0.0.1:3000", "https://www.example.com");

        Assert.Equal(expected, headers.SetCookie);
    }

    [Fact]
    public void What_a_client_asks_comes_back_to_it()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] prefixes = ["", "/a", "/b", "/a/b"];
        for (int run = 0; run < 20_000; run++)
        {
            string strip = random.GetItems(prefixes, 1)[0];
            var rewrite = Of(strip, random.GetItems(prefixes, 1)[0]);
            string rest = string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.GetItems(["/", "/a", "/b", "/%2F", "/ab"], 1)[0]));
            string asked = strip + rest;

            Assert.True(asked == rewrite.PathBack(rewrite.TargetOf(asked, asked.Length)), $"seed {seed}: {asked}");
        }
    }

    [Fact]
    public async Task The_origin_sees_its_own_host_and_path_and_the_client_the_sites()
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = 302;
            c.Response.Headers.Location = $"http://{c.Request.Host}/login?from={c.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget}";
            c.Response.Headers.Append("Set-Cookie", "s=1; Path=/");
            return Task.CompletedTask;
        });
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url) with
        {
            Rewrite = new SiteRewrite { Host = "app.internal", StripPrefix = "/shop" },
        }]);

        using var response = await edge.Client.GetAsync("http://www.example.com/shop/cart?x=1");

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("http://www.example.com/shop/login?from=/cart?x=1", response.Headers.Location?.OriginalString);
        Assert.Equal("s=1; Path=/shop", Assert.Single(response.Headers.GetValues("Set-Cookie")));
        Assert.Equal("/shop/cart", (await edge.Hits.NextAsync()).Path);
    }

    private static RequestRewrite Of(string strip, string add) => new(new SiteRewrite { StripPrefix = strip, AddPrefix = add });
}
