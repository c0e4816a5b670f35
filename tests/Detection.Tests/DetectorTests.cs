using CsCheck;
using Weir.Detection;
using Weir.Detection.Signals;
using Weir.TestKit;

namespace Weir.Tests;

public class DetectorTests
{
    [Theory]
    [InlineData(Requests.Googlebot, "66.249.66.1")]
    [InlineData(Requests.Gptbot, "203.0.113.9")]
    [InlineData(Requests.Chrome, "2001:db8::1")]
    [InlineData("", "")]
    public void Classifying_allocates_nothing(string userAgent, string address)
    {
        var detector = new Detector(Requests.Catalog, new ClientWindows(1024));
        var client = address.Length == 0 ? default : Requests.Address(address);
        long now = Requests.Now.ToUnixTimeMilliseconds();

        AllocationBudget.Bytes(0, () => detector.Classify(new RequestFacts
        {
            TimeMs = now,
            UserAgent = userAgent,
            ClientAddress = client,
            Referrer = "https://www.perplexity.ai/search",
            Query = "a=1&utm_source=chatgpt.com",
            Host = "shop.example",
            Headers = new HeaderFacts { AreKnown = true, Accept = "*/*" },
        }));
    }

    [Fact]
    public void Reading_a_user_agent_never_seen_allocates_nothing()
    {
        var text = Requests.Gptbot.ToCharArray();
        int n = 0;

        AllocationBudget.Bytes(0, () =>
        {
            (n++).TryFormat(text.AsSpan(^8..), out _, "D8");
            Requests.Catalog.ReadUserAgent(text, out _);
        });
    }

    [Fact]
    public void Any_facts_get_a_verdict_in_range()
    {
        var text = Gen.OneOf(Gen.String[0, 40], Generators.Pick(Requests.Chrome, Requests.Googlebot, "curl/8", "-", "Google-Extended"));
        Gen.Select(text, text, text, Gen.ULong, Gen.Long, Gen.Bool).Sample((userAgent, referrer, header, address, time, known) =>
        {
            var verdict = Requests.Detector.Classify(new RequestFacts
            {
                TimeMs = time,
                UserAgent = userAgent,
                Referrer = referrer,
                Query = referrer,
                Host = header,
                ClientAddress = new ClientAddress(address),
                Headers = new HeaderFacts { AreKnown = known, Accept = header, AcceptLanguage = referrer, SecChUa = header },
            });
            return verdict.Score <= 100 && verdict.Confidence is >= 0 and <= 1
                && verdict.Crawler is null == (verdict.Identity == Identity.NotClaimed)
                && (verdict.Kind != VerdictKind.LikelyHuman || verdict.Score <= 30);
        });
    }

    [Fact]
    public void Any_headers_get_a_verdict_whose_evidence_is_bounded()
    {
        var values = Gen.OneOf(Gen.String[0, 30], Generators.Pick("", "*/*", "navigate", "?1", "\"Chromium\";v=\"9", "\"", "gzip", "document", "*"));
        var userAgents = Generators.Pick(Requests.Chrome, Requests.Googlebot, "Mozilla/5.0 (", "Mozilla/5.0 (iPhone; CPU iPhone OS 99999999999 like",
            "Mozilla/5.0 (Macintosh) AppleWebKit/ Version/ Safari/", "Mozilla/5.0 (X11) Gecko/ Firefox/999999");
        Gen.Select(userAgents, values.Array[10], Gen.UInt, Gen.Byte).Sample((userAgent, v, bits, version) =>
        {
            bool Bit(int n) => (bits >> n & 1) != 0;
            var order = default(HeaderOrder);
            foreach (string name in v)
                order.Add(name);
            var verdict = Requests.Detector.Classify(new RequestFacts
            {
                TimeMs = 0,
                Path = "/",
                UserAgent = userAgent,
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
                    SecFetchUser = v[9],
                    HasProxyMarks = Bit(0),
                    IsRelayed = Bit(1),
                    IsWebSocket = Bit(2),
                    HasRequestedWith = Bit(3),
                    HasUpgradeInsecure = Bit(4),
                    Transport = (Transport)(version % 3),
                    HttpVersion = version,
                    Order = order,
                },
            });
            double absences = 0;
            foreach (var reason in verdict.Reasons)
            {
                if (reason is Reason.AcceptMissing or Reason.AcceptLanguageMissing or Reason.AcceptEncodingMissing or Reason.OldHttpVersion
                    or Reason.ClientHintsMissing or Reason.FetchMetadataMissing or Reason.HttpVersionContradicts)
                    absences += VerdictEvidence.WeightOf(reason, verdict);
            }
            return verdict.Score <= 100 && absences <= (Bit(0) ? 2.251 : 3.001) && VerdictEvidence.WhatWouldChange(verdict).Length > 0;
        }, iter: 5_000);
    }

    [Fact]
    public void Contradicting_evidence_lowers_the_confidence()
    {
        var detector = Requests.Detector;
        var plain = Requests.Classify(Requests.Chrome);
        var torn = detector.Classify(new RequestFacts
        {
            TimeMs = 0,
            UserAgent = Requests.Chrome,
            Headers = new HeaderFacts { AreKnown = true, Accept = "*/*", AcceptLanguage = "de", AcceptEncoding = "gzip", SecChUa = "\"HeadlessChrome\";v=\"140\"" },
        });

        Assert.True(torn.Reasons.Has(Reason.ClientHintsContradict));
        Assert.Equal(VerdictKind.Automation, torn.Kind);
        Assert.True(torn.Confidence < plain.Confidence);
    }

    [Fact]
    public void A_user_agent_seen_before_comes_from_the_cache()
    {
        long hits = Requests.Catalog.UserAgentCacheHits;
        Requests.Classify("Some Reader/1.0");
        for (int i = 0; i < 100; i++)
            Requests.Classify("Some Reader/1.0");

        Assert.True(Requests.Catalog.UserAgentCacheHits >= hits + 50);
    }
}
