using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;

namespace Weir.Tests.IdentityOf;

public class IdentityTests
{
    private static readonly DateTimeOffset In2015 = new(2015, 5, 18, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Requests.Googlebot, "66.249.66.1", "googlebot.json@2026-08-20T14:46:45Z")]
    [InlineData(Requests.Googlebot, "::ffff:66.249.66.1", "googlebot.json@2026-08-20T14:46:45Z")]
    [InlineData(Requests.Googlebot, "2001:4860:4801:10::1", "googlebot.json@2026-08-20T14:46:45Z")]
    [InlineData(Requests.Gptbot, "20.125.66.81", "gptbot.json@2026-04-12T05:29:11Z")]
    [InlineData("Claude-User/1.0", "216.73.216.9", "anthropic-bots.json@2026-10-07T00:00:00Z")]
    [InlineData("ClaudeBot/1.0", "216.73.216.9", "anthropic-bots.json@2026-10-07T00:00:00Z")]
    public void Inside_its_operators_list_a_crawler_is_verified(string userAgent, string address, string list)
    {
        var verdict = Requests.Classify(userAgent, address);

        Assert.Equal(Identity.Verified, verdict.Identity);
        Assert.Equal(IdentityMethod.Range, verdict.IdentityMethod);
        Assert.Equal(list, verdict.RangeList);
        Assert.True(verdict.Reasons.Has(Reason.InRangeList));
    }

    [Fact]
    public void Inside_a_list_an_old_hit_is_verified_too()
    {
        Assert.Equal(Identity.Verified, Requests.Classify(Requests.Googlebot, "66.249.73.135", In2015).Identity);
    }

    [Fact]
    public void Outside_a_complete_list_a_crawler_is_spoofed()
    {
        var verdict = Requests.Classify(Requests.Gptbot, "203.0.113.9");

        Assert.Equal(Identity.Spoofed, verdict.Identity);
        Assert.StartsWith("gptbot.json@", verdict.RangeList, StringComparison.Ordinal);
        Assert.True(verdict.Reasons.Has(Reason.OutsideRangeList));
    }

    [Theory]
    [InlineData("20.125.66.79")]
    [InlineData("20.125.66.96")]
    public void The_address_beside_a_prefix_is_outside(string address) =>
        Assert.Equal(Identity.Spoofed, Requests.Classify(Requests.Gptbot, address).Identity);

    [Fact]
    public void A_hit_older_than_the_list_is_not_called_spoofed()
    {
        var verdict = Requests.Classify("Mozilla/5.0 (compatible; bingbot/2.0)", "177.37.188.215", In2015);

        Assert.Equal(Identity.Unverifiable, verdict.Identity);
        Assert.True(verdict.Reasons.Has(Reason.RangeListNewerThanHit));
    }

    [Fact]
    public void A_list_over_a_year_old_calls_nobody_spoofed()
    {
        var verdict = Requests.Classify(Requests.Gptbot, "203.0.113.9", Requests.Now.AddYears(2));

        Assert.Equal(Identity.Unverifiable, verdict.Identity);
        Assert.True(verdict.Reasons.Has(Reason.RangeListTooOld));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Bytespider)", Reason.NoDocumentedMethod)]        // no list at all: neither good nor bad
    [InlineData("Mozilla/5.0 (compatible; Baiduspider/2.0)", Reason.ReverseDnsNotChecked)] // documented, but DNS is not asked here
    [InlineData("Mojeekbot/1.0", Reason.OutsideIncompleteList)]                            // gathered by others
    [InlineData("facebookexternalhit/1.1", Reason.OutsideIncompleteList)]                  // a network, gathered by others
    [InlineData("FeedFetcher-Google", Reason.OutsideIncompleteList)]                       // published, but customers' code runs there
    public void Without_a_complete_documented_method_a_claim_is_unverifiable(string userAgent, Reason reason)
    {
        var verdict = Requests.Classify(userAgent, "203.0.113.9");

        Assert.Equal(Identity.Unverifiable, verdict.Identity);
        Assert.True(verdict.Reasons.Has(reason));
    }

    [Fact]
    public void Inside_a_reported_list_a_crawler_is_verified_with_less_confidence()
    {
        var reported = Requests.Classify("Mojeekbot/1.0", "5.102.173.71");
        var published = Requests.Classify(Requests.Gptbot, "20.125.66.81");

        Assert.Equal(Identity.Verified, reported.Identity);
        Assert.True(reported.Reasons.Has(Reason.RangeListReported));
        Assert.True(reported.Confidence < published.Confidence);
    }

    [Theory]
    [InlineData("facebookexternalhit/1.1", "31.13.24.5")]
    [InlineData("FeedFetcher-Google", "34.64.6.5")]
    public void Inside_a_shared_network_a_claim_is_unverifiable(string userAgent, string address)
    {
        var verdict = Requests.Classify(userAgent, address);

        Assert.Equal(Identity.Unverifiable, verdict.Identity);
        Assert.True(verdict.Reasons.Has(Reason.InOperatorNetwork), verdict.RangeList);
    }

    [Fact]
    public void Googlebot_from_the_list_of_another_google_crawler_is_neither_verified_nor_spoofed()
    {
        var verdict = Requests.Classify(Requests.Googlebot, "66.249.89.5"); // special crawlers

        Assert.Equal(Identity.Unverifiable, verdict.Identity);
        Assert.True(verdict.Reasons.Has(Reason.InKinRangeList));
    }

    [Fact]
    public void Googlebot_from_googles_customers_is_spoofed()
    {
        Assert.Equal(Identity.Spoofed, Requests.Classify(Requests.Googlebot, "34.64.6.5").Identity); // user-triggered fetchers
    }

    [Fact]
    public void An_unknown_address_is_unverifiable()
    {
        var verdict = Requests.Classify(Requests.Gptbot);

        Assert.Equal(Identity.Unverifiable, verdict.Identity);
        Assert.True(verdict.Reasons.Has(Reason.ClientAddressUnknown));
    }

    [Theory]
    [InlineData(Requests.Googlebot, "5.9.1.1", ReverseDnsAnswer.Confirmed, Identity.Verified)]
    [InlineData(Requests.Googlebot, "5.9.1.1", ReverseDnsAnswer.Refuted, Identity.Spoofed)]
    [InlineData(Requests.Googlebot, "5.9.1.1", ReverseDnsAnswer.UnderWay, Identity.Pending)]
    [InlineData(Requests.Googlebot, "5.9.1.1", ReverseDnsAnswer.Unanswered, Identity.Spoofed)]      // outside a complete list
    [InlineData("Baiduspider/2.0", "5.9.1.1", ReverseDnsAnswer.Confirmed, Identity.Verified)]
    [InlineData("Baiduspider/2.0", "5.9.1.1", ReverseDnsAnswer.Refuted, Identity.Spoofed)]
    [InlineData("Baiduspider/2.0", "5.9.1.1", ReverseDnsAnswer.UnderWay, Identity.Pending)]
    [InlineData("Baiduspider/2.0", "5.9.1.1", ReverseDnsAnswer.Unanswered, Identity.Unverifiable)]
    [InlineData("archive.org_bot", "5.9.1.1", ReverseDnsAnswer.Refuted, Identity.Unverifiable)]     // masks gathered by others
    [InlineData("archive.org_bot", "5.9.1.1", ReverseDnsAnswer.UnderWay, Identity.Unverifiable)]
    [InlineData(Requests.Googlebot, "66.249.89.5", ReverseDnsAnswer.Refuted, Identity.Unverifiable)] // Google's, of another crawler
    [InlineData(Requests.Googlebot, "66.249.89.5", ReverseDnsAnswer.Confirmed, Identity.Verified)]
    [InlineData("FeedFetcher-Google", "34.64.6.5", ReverseDnsAnswer.Refuted, Identity.Unverifiable)] // in the published shared space
    [InlineData("FeedFetcher-Google", "34.64.6.5", ReverseDnsAnswer.Shared, Identity.Unverifiable)]
    [InlineData("FeedFetcher-Google", "5.9.1.1", ReverseDnsAnswer.Shared, Identity.Unverifiable)]
    [InlineData("FeedFetcher-Google", "5.9.1.1", ReverseDnsAnswer.Refuted, Identity.Spoofed)]
    public void What_dns_says_is_weighed_with_what_the_lists_say(string userAgent, string address, ReverseDnsAnswer answer, Identity expected)
    {
        var verdict = new Detector(Requests.Catalog) { ReverseDns = new Always(answer) }.Classify(new RequestFacts
        {
            TimeMs = Requests.Now.ToUnixTimeMilliseconds(),
            UserAgent = userAgent,
            ClientAddress = Requests.Address(address),
        });

        Assert.Equal(expected, verdict.Identity);
        foreach (var reason in verdict.Reasons)
            Assert.NotEmpty(ReasonText.For(reason, verdict));
    }

    [Fact]
    public void A_person_claims_nothing_even_inside_a_crawlers_range()
    {
        Assert.Equal(Identity.NotClaimed, Requests.Classify(Requests.Chrome, "66.249.66.1").Identity);
    }

    private sealed class Always(ReverseDnsAnswer answer) : IReverseDns
    {
        public ReverseDnsAnswer Ask(ClientAddress address, Crawler crawler, long timeMs, bool isHidden = false) => answer;
    }
}
