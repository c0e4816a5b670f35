using CsCheck;
using Weir.Detection;
using Weir.Detection.Claims;

namespace Weir.Tests.Claims;

public class ReferralTests
{
    [Theory]
    [InlineData("https://chatgpt.com/", ReferralClass.Ai, "chatgpt")]
    [InlineData("https://chat.openai.com/c/1", ReferralClass.Ai, "chatgpt")]
    [InlineData("https://www.perplexity.ai/search/x", ReferralClass.Ai, "perplexity")]
    [InlineData("https://claude.ai/", ReferralClass.Ai, "claude")]
    [InlineData("https://gemini.google.com/app", ReferralClass.Ai, "gemini")]
    [InlineData("https://copilot.microsoft.com/", ReferralClass.Ai, "copilot")]
    [InlineData("https://www.bing.com/chat?q=x", ReferralClass.Ai, "copilot")]
    [InlineData("https://x.com/i/grok", ReferralClass.Ai, "grok")]
    [InlineData("https://www.google.com/", ReferralClass.Search, "google")]
    [InlineData("https://www.google.co.uk/search", ReferralClass.Search, "google")]
    [InlineData("https://google.com.br", ReferralClass.Search, "google")]
    [InlineData("android-app://com.google.android.googlequicksearchbox/", ReferralClass.Search, "google")]
    [InlineData("https://www.bing.com/", ReferralClass.Search, "bing")]
    [InlineData("https://duckduckgo.com/", ReferralClass.Search, "duckduckgo")]
    [InlineData("https://t.co/abc", ReferralClass.Social, "x")]
    [InlineData("https://mail.google.com/", ReferralClass.Other, null)]
    [InlineData("https://example.org/page", ReferralClass.Other, null)]
    [InlineData("", ReferralClass.None, null)]
    [InlineData("not a url", ReferralClass.None, null)]
    [InlineData("https://evilchatgpt.com/", ReferralClass.Other, null)]
    [InlineData("https://chatgpt.com.evil.example/", ReferralClass.Other, null)]
    [InlineData("https://chatgpt.com@evil.example/", ReferralClass.Other, null)]
    [InlineData("https://evil.example/?u=https://chatgpt.com/", ReferralClass.Other, null)]
    [InlineData("https://google.evil.com/", ReferralClass.Other, null)]
    public void A_referrer_is_known_by_its_host(string referrer, ReferralClass expected, string? source)
    {
        var verdict = Requests.Classify(Requests.Chrome, referrer: referrer);

        Assert.Equal((expected, source), (verdict.ReferralClass, verdict.ReferralSource));
        Assert.Equal(VerdictKind.LikelyHuman, verdict.Kind); // a referrer is a person's click, never a crawler
    }

    [Theory]
    [InlineData("utm_source=chatgpt.com", "", "chatgpt")]
    [InlineData("a=1&utm_source=perplexity", "", "perplexity")]
    [InlineData("UTM_SOURCE=copilot.microsoft.com&x", "https://example.org/", "copilot")]
    public void A_source_in_the_query_counts_where_the_referrer_says_nothing(string query, string referrer, string source)
    {
        var verdict = Requests.Classify(Requests.Chrome, referrer: referrer, query: query);

        Assert.Equal((ReferralClass.Ai, source), (verdict.ReferralClass, verdict.ReferralSource));
    }

    [Theory]
    [InlineData("https://shop.example/a", "shop.example")]
    [InlineData("https://www.shop.example/a", "shop.example")]
    public void A_click_inside_the_site_is_no_referral(string referrer, string host)
    {
        Assert.Equal(ReferralClass.None, Requests.Classify(Requests.Chrome, referrer: referrer, host: host, query: "utm_source=chatgpt.com").ReferralClass);
    }

    [Fact]
    public void A_crawler_is_no_visit_whatever_referrer_it_sends()
    {
        Assert.Equal(ReferralClass.None, Requests.Classify(Requests.Googlebot, referrer: "https://chatgpt.com/").ReferralClass);
    }

    [Fact]
    public void Any_text_is_read_without_an_error()
    {
        string[] pieces = ["https://", "chatgpt.com", ".", "/", "@", "google", ":", "utm_source=", "&", "?"];
        Gen.OneOf(Generators.Pick(pieces), Gen.String[0, 5]).Array[0, 12].Select(string.Concat)
            .Sample(text => _ = ReferralReader.Read(text, text, text));
    }
}
