using CsCheck;
using Weir.Detection;
using Weir.Detection.Claims;

namespace Weir.Tests.Claims;

public class ClaimTests
{
    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "googlebot")]
    [InlineData("Googlebot-Image/1.0", "googlebot-image")]
    [InlineData("SAMSUNG-SGH-E250/1.0 Profile/MIDP-2.0 (GUI) MMP/2.0 (compatible; Googlebot-Mobile/2.1; +http://www.google.com/bot.html)", "googlebot")]
    [InlineData("compatible;bingbot/2.0", "bingbot")]
    [InlineData("Mozilla/5.0+(compatible;+bingbot/2.0;++http://www.bing.com/bingbot.htm)", "bingbot")]
    [InlineData("GPTBot/1.2;", "gptbot")]
    [InlineData("gptbot", "gptbot")]
    [InlineData("facebookexternalhit/1.1", "facebookexternalhit")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)", "claude-user")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)", "oai-searchbot")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)", "perplexity-user")]
    public void A_user_agent_names_its_crawler(string userAgent, string crawler)
    {
        var verdict = Requests.Classify(userAgent);

        Assert.Equal(crawler, verdict.Crawler?.Id);
        Assert.Equal(VerdictKind.Crawler, verdict.Kind);
    }

    [Theory]
    [InlineData("MyGPTBotChecker/1.0")]
    [InlineData("NotGPTBot")]
    [InlineData("GPTBot2000/1.0")]
    [InlineData("éGPTBot/1.0")]
    [InlineData("Mozilla/5.0 (compatible; Reader/1.0; +https://openai.com/gptbot)")]
    [InlineData("Mozilla/5.0 (compatible; Reader/1.0; openai.com/gptbot)")]
    [InlineData("Mozilla/5.0 (compatible; Reader/1.0; www.site.example/GPTBot)")]
    [InlineData("Reader/1.0 (like GPTBot)")]
    [InlineData("Reader/1.0 (someone@gptbot.example)")]
    public void A_name_inside_a_word_or_an_address_is_no_claim(string userAgent)
    {
        Assert.Null(Requests.Classify(userAgent).Crawler);
    }

    [Fact]
    public void A_product_of_an_operator_is_not_taken_for_another_of_its_products()
    {
        // "openai" stands in the address of GPTBot's page, "Claude" in the name of three crawlers.
        Assert.Equal("gptbot", Requests.Classify(Requests.Gptbot).Crawler!.Id);
        Assert.Equal("claude-searchbot", Requests.Classify("Claude-SearchBot/1.0").Crawler!.Id);
        Assert.Equal("claudebot", Requests.Classify("ClaudeBot/1.0; +claudebot@anthropic.com").Crawler!.Id);
    }

    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Google-Extended/1.0)", "google-extended")]
    [InlineData("Applebot-Extended", "applebot-extended")]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; Google-Extended)", "google-extended")]
    public void A_robots_only_name_in_a_user_agent_is_spoofed(string userAgent, string crawler)
    {
        // Even from an address of the operator, and at any time: nothing genuine sends the name.
        var verdict = Requests.Classify(userAgent, "66.249.66.1", new DateTimeOffset(2015, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(crawler, verdict.Crawler?.Id);
        Assert.Equal(Identity.Spoofed, verdict.Identity);
        Assert.True(verdict.Reasons.Has(Reason.RobotsOnlyToken));
    }

    [Fact]
    public void Googlebot_is_a_search_crawler_that_feeds_several_engines()
    {
        var crawler = Requests.Classify(Requests.Googlebot).Crawler!;

        Assert.Equal(Purpose.Search, crawler.Purpose);
        Assert.Equal(["google-ai-overview", "gemini"], crawler.Engines.Select(e => e.Engine));
        Assert.All(crawler.Engines, e => Assert.InRange(e.Weight, 0.1, 1));
    }

    [Theory]
    [InlineData("curl/8.5.0", "curl")]
    [InlineData("python-requests/2.32.3", "python-requests")]
    [InlineData("Go-http-client/2.0", "go-http-client")]
    public void A_library_is_automation_and_nobody_in_particular(string userAgent, string crawler)
    {
        var verdict = Requests.Classify(userAgent, "203.0.113.9");

        Assert.Equal(VerdictKind.Automation, verdict.Kind);
        Assert.Equal(crawler, verdict.Crawler?.Id);
        Assert.Equal(Identity.Unverifiable, verdict.Identity);
        Assert.True(verdict.Reasons.Has(Reason.AnyoneCanRunIt));
    }

    [Fact]
    public void A_crawler_built_with_a_library_is_the_crawler()
    {
        Assert.Equal("linkedinbot", Requests.Classify("LinkedInBot/1.0 (compatible; Mozilla/5.0; Jakarta Commons-HttpClient/4.3)").Crawler?.Id);
    }

    [Fact]
    public void Crawlers_of_two_operators_in_one_user_agent_lower_the_confidence()
    {
        var one = Requests.Classify("Mozilla/5.0 (compatible; Googlebot/2.1)", "66.249.66.1");
        var two = Requests.Classify("Mozilla/5.0 (compatible; Googlebot/2.1; bingbot/2.0)", "66.249.66.1");

        Assert.True(two.Reasons.Has(Reason.SeveralCrawlersNamed));
        Assert.True(two.Confidence < one.Confidence);
    }

    [Fact]
    public void The_automaton_finds_what_a_search_for_each_pattern_finds()
    {
        string[] texts = ["bot", "Crawler", "GPTBot", "gptbot-image", "a/", "-x-", "aa", "aaa", "aab"];
        var automaton = new TokenAutomaton([.. texts.Select((t, i) => new Pattern(t, (ushort)i, true, Edge.Any, Edge.Any))]);

        Gen.Char["abBgGpPtToO-x/ crawlé"].Array[0, 60].Select(a => new string(a)).Sample(text =>
        {
            var found = new SortedSet<(int End, int Pattern)>();
            var steps = automaton.Begin();
            int state = TokenAutomaton.Root;
            for (int i = 0; i < text.Length; i++)
            {
                state = steps.Next(state, text[i]);
                if (!steps.IsAccepting(state))
                    continue;
                foreach (ushort output in automaton.OutputsOf(state))
                    found.Add((i + 1, output));
            }
            var expected = new SortedSet<(int, int)>(
                from p in Enumerable.Range(0, texts.Length)
                from start in Enumerable.Range(0, text.Length)
                where string.Compare(text, start, texts[p], 0, texts[p].Length, StringComparison.OrdinalIgnoreCase) == 0
                    && start + texts[p].Length <= text.Length
                select (start + texts[p].Length, p));
            return found.SetEquals(expected);
        });
    }

    [Fact]
    public void Any_text_gets_the_same_answer_from_the_cache_as_anew()
    {
        string[] pieces = ["GPTBot", "Googlebot/2.1", "Mozilla/5.0", " (compatible; ", "https://", "curl/", "\0", "😀", "\ud800", "like ", ";", "bot", "  ", ".", "@", "a", "Chrome/", "1.2", "KHTML, like Gecko", "AppleWebKit", "(", ")", "www.", "/", "-"];
        var text = Gen.OneOf(Generators.Pick(pieces), Gen.String[0, 12]).Array[0, 40].Select(string.Concat);

        text.Sample(userAgent =>
        {
            var anew = Requests.Catalog.ReadUserAgentAnew(userAgent);
            return Requests.Catalog.ReadUserAgent(userAgent, out _) == anew && Requests.Catalog.ReadUserAgent(userAgent, out _) == anew;
        });
    }

    [Theory]
    [InlineData("Reader.")]
    [InlineData("a@")]
    [InlineData(".")]
    [InlineData("Mozilla/5.0 AppleWebKit Chrome/")]
    [InlineData("KHTML, like Gecko")]
    [InlineData("GPTBot.")]
    public void A_text_that_ends_where_a_rule_looks_ahead_is_read(string userAgent) => Assert.InRange(Requests.Classify(userAgent).Score, 1, 100);

    [Fact]
    public void A_name_in_the_last_bytes_of_eight_kibibytes_is_found()
    {
        const string name = " GPTBot/1.2";
        string whole = new string('x', UserAgentReader.MaxLength - name.Length) + name;

        Assert.Equal(8192, whole.Length);
        Assert.Equal("gptbot", Requests.Classify(whole).Crawler?.Id);
        Assert.False(Requests.Classify(whole).Reasons.Has(Reason.UserAgentTooLong));
    }

    [Fact]
    public void A_longer_user_agent_is_judged_by_its_head_and_is_odd()
    {
        var late = Requests.Classify(new string('x', 8192) + " GPTBot/1.2");
        var early = Requests.Classify("GPTBot/1.2 " + new string('x', 8192));

        Assert.Null(late.Crawler);
        Assert.True(late.Reasons.Has(Reason.UserAgentTooLong));
        Assert.Equal("gptbot", early.Crawler?.Id);
        Assert.True(early.Reasons.Has(Reason.UserAgentTooLong));
    }
}
