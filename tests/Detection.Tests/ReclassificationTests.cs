using CsCheck;
using Weir.Detection;
using Weir.Detection.Identification;

namespace Weir.Tests;

public class ReclassificationTests
{
    private const string InGptbot = "20.171.206.7", Outside = "203.0.113.9";

    [Fact]
    public void The_same_knowledge_comes_to_the_same_verdict_without_the_headers()
    {
        var values = Gen.OneOf(Gen.String[0, 30], Generators.Pick("", "*/*", "navigate", "?1", "\"HeadlessChrome\";v=\"140\"", "gzip", "*"));
        var userAgents = Generators.Pick(Requests.Chrome, Requests.Googlebot, Requests.Gptbot, "curl/8", "", "Google-Extended", "Mozilla/5.0 (", "PerplexityBot/1.0",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15");
        var addresses = Generators.Pick(InGptbot, Outside, "66.249.66.1", "2001:db8::1", "");
        var referrers = Generators.Pick("", "https://chatgpt.com/", "https://www.google.com/", "https://shop.example/");
        var answers = Generators.Pick(Enum.GetValues<ReverseDnsAnswer>());
        Gen.Select(userAgents, values.Array[9], addresses, referrers, answers, Gen.UInt).Sample((userAgent, v, address, referrer, answer, bits) =>
        {
            bool Bit(int n) => (bits >> n & 1) != 0;
            var plain = new RequestFacts
            {
                TimeMs = Requests.Now.ToUnixTimeMilliseconds(),
                UserAgent = userAgent,
                ClientAddress = address.Length == 0 ? default : Requests.Address(address),
                Referrer = referrer,
                Query = Bit(7) ? "utm_source=perplexity" : "",
                Host = "shop.example",
            };
            var given = new Detector(Requests.Catalog) { ReverseDns = new Always(answer) }.Classify(new RequestFacts
            {
                TimeMs = plain.TimeMs,
                UserAgent = plain.UserAgent,
                ClientAddress = plain.ClientAddress,
                Referrer = plain.Referrer,
                Query = plain.Query,
                Host = plain.Host,
                Path = "/",
                Headers = new HeaderFacts
                {
                    AreKnown = true,
                    Accept = v[0],
                    AcceptLanguage = v[1],
                    AcceptEncoding = v[2],
                    SecChUa = v[3],
                    SecChUaMobile = v[4],
                    SecChUaPlatform = v[5],
                    SecFetchSite = v[6],
                    SecFetchMode = v[7],
                    SecFetchDest = v[8],
                    HasProxyMarks = Bit(0),
                    HasCookie = Bit(1),
                    Transport = (Transport)(bits % 3),
                    HttpVersion = (byte)(Bit(2) ? 11 : 20),
                },
            });
            var stored = Stored(given);

            var again = Requests.Detector.Reclassify(plain, stored, ReverseDnsAnswer.NotAsked);

            return !stored.Differs(again) && again.Score == given.Score && again.Reasons == given.Reasons;
        });
    }

    [Theory]
    [InlineData(ReverseDnsAnswer.Confirmed, Identity.Verified)]
    [InlineData(ReverseDnsAnswer.Refuted, Identity.Spoofed)]
    [InlineData(ReverseDnsAnswer.Shared, Identity.Unverifiable)]
    [InlineData(ReverseDnsAnswer.NotAsked, Identity.Pending)]
    public void A_pending_identity_is_what_was_found_out(ReverseDnsAnswer known, Identity expected)
    {
        var given = new Detector(Requests.Catalog) { ReverseDns = new Always(ReverseDnsAnswer.UnderWay) }.Classify(Facts(Requests.Googlebot, Outside));
        Assert.Equal(Identity.Pending, given.Identity);

        Assert.Equal(expected, Requests.Detector.Reclassify(Facts(Requests.Googlebot, Outside), Stored(given), known).Identity);
    }

    [Fact]
    public void What_reverse_DNS_said_of_a_hit_at_once_outweighs_what_it_said_later()
    {
        var given = new Detector(Requests.Catalog) { ReverseDns = new Always(ReverseDnsAnswer.Confirmed) }.Classify(Facts(Requests.Googlebot, Outside));

        Assert.Equal(Identity.Verified, Requests.Detector.Reclassify(Facts(Requests.Googlebot, Outside), Stored(given), ReverseDnsAnswer.Refuted).Identity);
    }

    [Fact]
    public void Whom_a_signature_named_and_proved_stays()
    {
        var stored = Stored(new Verdict
        {
            Kind = VerdictKind.Crawler,
            Crawler = Requests.Catalog.Find("chatgpt-agent"),
            Purpose = Requests.Catalog.Find("chatgpt-agent")!.Purpose,
            Identity = Identity.Verified,
            IdentityMethod = IdentityMethod.Signature,
            Reasons = default(ReasonSet).With(Reason.BrowserForm).With(Reason.SignatureValid),
        });

        var again = Requests.Detector.Reclassify(Facts(Requests.Chrome, Outside), stored, ReverseDnsAnswer.NotAsked);

        Assert.Equal(("chatgpt-agent", Identity.Verified, IdentityMethod.Signature), (again.Crawler!.Id, again.Identity, again.IdentityMethod));
    }

    [Theory]
    [InlineData("20.171.206.0")]
    [InlineData("2001:db8:7::")]
    [InlineData("")]
    public void An_address_of_which_a_part_is_kept_proves_and_refutes_nothing(string kept)
    {
        foreach (string address in (string[])[InGptbot, Outside])
        {
            var given = Requests.Detector.Classify(Facts(Requests.Gptbot, address));
            Assert.NotEqual(Identity.Unverifiable, given.Identity);

            var again = Requests.Detector.Reclassify(Facts(Requests.Gptbot, kept), Stored(given), ReverseDnsAnswer.NotAsked);

            Assert.Equal((given.Identity, given.RangeList), (again.Identity, again.RangeList));
        }
    }

    [Theory]
    [InlineData(Identity.Verified, IdentityMethod.ReverseDns, "reverse-dns-confirmed")]
    [InlineData(Identity.Spoofed, IdentityMethod.ReverseDns, "reverse-dns-refuted")]
    [InlineData(Identity.Unverifiable, IdentityMethod.ReverseDns, "in-operator-network")]
    public void A_settled_hit_gives_the_reasons_and_the_sureness_of_what_was_found_out(Identity found, IdentityMethod method, string reason)
    {
        var given = new Detector(Requests.Catalog) { ReverseDns = new Always(ReverseDnsAnswer.UnderWay) }.Classify(Facts(Requests.Googlebot, Outside));

        var reasons = LateIdentity.Reasons(given.Reasons, found, method);

        var names = new List<string>();
        foreach (var r in reasons)
            names.Add(r.ToName());
        Assert.Contains(reason, names);
        Assert.DoesNotContain("reverse-dns-under-way", names);
        var atOnce = Requests.Detector.Reclassify(Facts(Requests.Googlebot, Outside), Stored(given),
            found == Identity.Verified ? ReverseDnsAnswer.Confirmed : found == Identity.Spoofed ? ReverseDnsAnswer.Refuted : ReverseDnsAnswer.Shared);
        Assert.Equal(atOnce.Confidence, LateIdentity.Confidence(given.Reasons, given.Score, found, reasons), 0.001f);
    }

    private static RequestFacts Facts(string userAgent, string address) => new()
    {
        TimeMs = Requests.Now.ToUnixTimeMilliseconds(),
        UserAgent = userAgent,
        ClientAddress = address.Length == 0 ? default : Requests.Address(address),
    };

    private static StoredVerdict Stored(in Verdict verdict) => new()
    {
        Kind = verdict.Kind,
        Crawler = verdict.Crawler?.Id ?? "",
        Operator = verdict.Crawler?.Operator ?? "",
        Purpose = verdict.Purpose,
        Identity = verdict.Identity,
        IdentityMethod = verdict.IdentityMethod,
        RangeList = verdict.RangeList ?? "",
        Score = verdict.Score,
        Reasons = verdict.Reasons,
        ReferralClass = verdict.ReferralClass,
        ReferralSource = verdict.ReferralSource ?? "",
        HadHeaders = true,
    };

    private sealed class Always(ReverseDnsAnswer answer) : IReverseDns
    {
        public ReverseDnsAnswer Ask(ClientAddress address, Detection.Catalog.Crawler crawler, long timeMs, bool isHidden = false) => answer;
    }
}
