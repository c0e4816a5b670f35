using Weir.Detection;

namespace Weir.Tests;

/// <summary>Numbers and names that tables, APIs and other programs hold. They may grow; a line that changes here breaks stored data.</summary>
public class PersistedNumbersTests
{
    [Fact]
    public void Reasons_keep_their_numbers_and_names()
    {
        const string expected = """
            0 crawler-token
            1 user-agent-missing
            2 library-token
            3 robots-only-token
            4 several-crawlers-named
            5 headless-browser
            6 automation-word
            7 contact-in-user-agent
            8 not-a-browser-form
            9 impossible-browser
            10 browser-form
            11 user-agent-too-long
            12 user-agent-malformed
            13 stranger-in-browser
            14 impossible-version
            15 browser-cut-short
            16 tool-named
            20 signature-valid
            21 signature-invalid
            22 reverse-dns-under-way
            23 signature-key-under-way
            24 in-range-list
            25 outside-range-list
            26 range-list-reported
            27 in-operator-network
            28 outside-incomplete-list
            29 range-list-newer-than-hit
            30 range-list-too-old
            31 in-kin-range-list
            32 no-documented-method
            33 reverse-dns-not-checked
            34 client-address-unknown
            35 anyone-can-run-it
            36 signature-not-checked
            37 reverse-dns-confirmed
            38 reverse-dns-refuted
            39 reverse-dns-unanswered
            40 accept-language-missing
            41 accept-encoding-missing
            42 accept-missing
            43 client-hints-contradict
            44 old-http-version
            45 fetch-metadata-sent
            46 cookie-sent
            47 came-by-referral
            48 client-hints-missing
            49 fetch-metadata-missing
            50 header-order-odd
            51 tls-contradicts
            52 request-rate-high
            53 request-rate-extreme
            54 accept-contradicts
            55 http-version-contradicts
            56 honeypot-visited
            57 beacon-ran
            58 pages-without-assets
            59 steady-pace
            60 many-errors
            61 broad-crawl
            62 robots-txt-fetched
            63 offer-ignored
            """;

        Assert.Equal(expected.ReplaceLineEndings("\n"), string.Join("\n", Enum.GetValues<Reason>().Select(r => $"{(int)r} {r.ToName()}")));
    }

    [Fact]
    public void The_names_of_a_verdict_are_those_of_the_hits_table()
    {
        Assert.Equal("unknown crawler automation likely-human", string.Join(' ', Enum.GetValues<VerdictKind>().Select(v => v.ToName())));
        Assert.Equal(
            "none ai-training ai-search ai-user ai-agent search seo monitoring social-preview feed archive security scraper-library advertising other",
            string.Join(' ', Enum.GetValues<Purpose>().Select(v => v.ToName())));
        Assert.Equal("not-claimed verified spoofed unverifiable pending", string.Join(' ', Enum.GetValues<Identity>().Select(v => v.ToName())));
        Assert.Equal("none range reverse-dns signature", string.Join(' ', Enum.GetValues<IdentityMethod>().Select(v => v.ToName())));
        Assert.Equal("none ai search social other", string.Join(' ', Enum.GetValues<ReferralClass>().Select(v => v.ToName())));
        Assert.Equal(Enumerable.Range(0, 15), Enum.GetValues<Purpose>().Select(v => (int)v));
        Assert.Equal("0none 1observe 2allow 3tag 4limit 5block 6price 7within-limit",
            string.Join(' ', Enum.GetValues<PolicyAction>().Select(v => $"{(int)v}{v.ToName()}")));
    }

    [Fact]
    public void Every_reason_has_its_own_sentence()
    {
        var verdict = Requests.Classify(Requests.Gptbot, "203.0.113.9");
        var sentences = Enum.GetValues<Reason>().Select(r => ReasonText.For(r, verdict)).ToList();

        Assert.All(sentences, s => Assert.Matches("^.*[.]$", s));
        Assert.Equal(sentences.Count, sentences.Distinct(StringComparer.Ordinal).Count());
        Assert.All(Enum.GetValues<Reason>(), r => Assert.NotEmpty(ReasonText.For(r, default)));
    }

    [Fact]
    public void A_sentence_names_the_list_and_its_date()
    {
        var verdict = Requests.Classify(Requests.Gptbot, "203.0.113.9");

        Assert.Equal("The address is outside gptbot.json of 2026-04-12, which OpenAI publishes as complete.",
            ReasonText.For(Reason.OutsideRangeList, verdict));
    }

    [Fact]
    public void A_set_walks_known_reasons_and_passes_over_bits_of_a_later_version()
    {
        var set = default(ReasonSet).With(Reason.InRangeList).With(Reason.CrawlerToken);
        List<Reason> walked = [];
        foreach (var reason in new ReasonSet(set.Bits | 1UL << 19))
            walked.Add(reason);

        Assert.Equal([Reason.CrawlerToken, Reason.InRangeList], walked);
        Assert.Equal(2, set.Count);
    }
}
