using Weir.Detection;
using Weir.Detection.Signals;
using Weir.Detection.Signals.Clients;

namespace Weir.Tests.Signals;

public class WeirRuleTests
{
    private const string Address = "203.0.113.9";
    private const string OtherBrowser = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    private static readonly long Start = Requests.Now.ToUnixTimeMilliseconds() / 3_600_000 * 3_600_000;

    [Fact]
    public void A_rate_that_no_person_reaches_is_evidence_and_an_unknown_address_has_none()
    {
        var visit = new Visit();
        var verdict = visit.Repeat(2500, 10, i => "/");
        var unknown = visit.Ask("/", "");

        Assert.True(verdict.Reasons.Has(Reason.RequestRateExtreme));
        Assert.False(unknown.Reasons.Has(Reason.RequestRateExtreme));
    }

    [Theory]
    [InlineData("203.0.113.9", true)]
    [InlineData("100.64.3.4", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("fd00::1", false)]
    [InlineData("2001:db8::1", true)]
    public void A_rate_of_one_person_is_not_asked_of_networks_that_share_addresses(string address, bool isEvidence)
    {
        var visit = new Visit();
        Verdict verdict = default;
        for (int i = 0; i < 900; i++)
            verdict = visit.Ask("/", address, advanceMs: 20);

        Assert.Equal(isEvidence, verdict.Reasons.Has(Reason.RequestRateHigh));
    }

    [Fact]
    public void Several_browsers_behind_one_address_may_ask_more_often()
    {
        var visit = new Visit();
        Verdict verdict = default;
        for (int i = 0; i < 900; i++)
            verdict = visit.Ask("/", Address, OtherBrowser.Replace("145", $"{140 + (i % 5)}", StringComparison.Ordinal), advanceMs: 20);

        Assert.False(verdict.Reasons.Has(Reason.RequestRateHigh));
    }

    [Fact]
    public void Robots_txt_is_told_of_the_program_that_read_it_and_not_of_its_neighbours()
    {
        var visit = new Visit();
        var reader = visit.Ask("/robots.txt", Address, OtherBrowser);
        var neighbour = visit.Ask("/", Address, Requests.Chrome);
        var again = visit.Ask("/", Address, OtherBrowser);
        var muchLater = visit.Ask("/", Address, OtherBrowser, advanceMs: 3 * 3_600_000);

        Assert.True(reader.Reasons.Has(Reason.RobotsTxtFetched));
        Assert.False(neighbour.Reasons.Has(Reason.RobotsTxtFetched));
        Assert.True(again.Reasons.Has(Reason.RobotsTxtFetched));
        Assert.False(muchLater.Reasons.Has(Reason.RobotsTxtFetched));
    }

    [Fact]
    public void Pages_without_parts_are_evidence_only_where_the_site_has_parts_to_load()
    {
        var textSite = new Visit();
        var withParts = new Visit();
        withParts.Readers(40);

        var onTextSite = textSite.Repeat(12, 9000, i => $"/page{i % 3}");
        var onPlainSite = withParts.Repeat(12, 9000, i => $"/page{i % 3}");

        Assert.False(onTextSite.Reasons.Has(Reason.PagesWithoutAssets));
        Assert.True(onPlainSite.Reasons.Has(Reason.PagesWithoutAssets));
    }

    [Fact]
    public void A_reader_whose_browser_loads_parts_is_called_a_person_and_held_nothing_weak()
    {
        var visit = new Visit();
        visit.Readers(40);
        Verdict verdict = default;
        for (int i = 0; i < 100; i++)
        {
            verdict = visit.Ask($"/page{i}", Address, advanceMs: 20_000, referrer: "https://shop.example/");
            visit.Ask("/style.css", Address, advanceMs: 200, referrer: "https://shop.example/");
        }

        Assert.Equal(Called.Person, visit.Look(Address).Called);
        Assert.False(verdict.Reasons.Has(Reason.BroadCrawl));
        Assert.False(verdict.Reasons.Has(Reason.SteadyPace));
        Assert.Equal(VerdictKind.LikelyHuman, verdict.Kind);
    }

    [Fact]
    public void A_crawler_in_a_browsers_clothes_is_called_after_few_pages_and_becomes_automation()
    {
        var visit = new Visit();
        visit.Readers(40);
        int called = 0;
        Verdict verdict = default;
        for (int i = 1; i <= 60; i++)
        {
            verdict = visit.Ask($"/item/{i}", Address, advanceMs: 3000);
            if (called == 0 && visit.Look(Address).Called == Called.Program)
                called = i;
        }

        Assert.InRange(called, 1, 5);
        Assert.True(verdict.Reasons.Has(Reason.PagesWithoutAssets));
        Assert.True(verdict.Reasons.Has(Reason.SteadyPace));
        Assert.True(verdict.Reasons.Has(Reason.BroadCrawl));
        Assert.True(verdict.Score > 50);
    }

    [Fact]
    public void A_page_that_reloads_itself_keeps_a_beat_and_is_no_crawl()
    {
        var verdict = new Visit().Repeat(200, 5000, i => "/scores");

        Assert.False(verdict.Reasons.Has(Reason.SteadyPace));
        Assert.False(verdict.Reasons.Has(Reason.BroadCrawl));
    }

    [Fact]
    public void How_fast_the_origin_answers_says_nothing_of_the_client()
    {
        var fast = new Visit { DurationMs = 1 };
        var slow = new Visit { DurationMs = 9000 };
        for (int i = 0; i < 30; i++)
        {
            var atFast = fast.Ask($"/{i}", Address, advanceMs: 700 * (i % 7));
            var atSlow = slow.Ask($"/{i}", Address, advanceMs: 700 * (i % 7));
            Assert.Equal(atFast.Reasons, atSlow.Reasons);
        }
        Assert.True(fast.Look(Address).ResponseMs < 3);
        Assert.InRange(slow.Look(Address).ResponseMs, 7000, 10_000);
    }

    [Fact]
    public void What_a_client_did_fades_and_is_forgotten_after_two_hours()
    {
        var visit = new Visit();
        visit.Repeat(30, 1000, i => $"/missing{i}", status: 404);
        int now = visit.Look(Address).Errors, hourLater = visit.Look(Address, 3_600_000).Errors, later = visit.Look(Address, 7_200_000).Errors;

        Assert.Equal((30, 15, 0), (now, hourLater, later));
        Assert.Equal(Called.Nothing, visit.Look(Address, 7_200_000).Called);
    }

    /// <summary>Requests with their answers, at a time that moves on.</summary>
    private sealed class Visit
    {
        private readonly ClientWindows _windows = new(1024);
        private readonly Detector _detector;
        private long _now = Start;

        public Visit() => _detector = new Detector(Requests.Catalog, _windows);

        public uint DurationMs { get; init; }

        public Behaviour Look(string address, long laterMs = 0) => _windows.Look(Requests.Address(address), _now + laterMs);

        public Verdict Repeat(int times, int gapMs, Func<int, string> path, ushort status = 200)
        {
            Verdict verdict = default;
            for (int i = 0; i < times; i++)
                verdict = Ask(path(i), Address, advanceMs: gapMs, status: status);
            return verdict;
        }

        /// <summary>Other people, so that the site is known to have parts.</summary>
        public void Readers(int count)
        {
            for (int i = 0; i < count; i++)
            {
                Ask("/", $"198.51.100.{i}", advanceMs: 10);
                Ask("/logo.png", $"198.51.100.{i}", advanceMs: 10, referrer: "https://shop.example/");
            }
        }

        public Verdict Ask(string path, string address, string userAgent = Requests.Chrome, int advanceMs = 1000, string referrer = "", ushort status = 200)
        {
            _now += advanceMs;
            var client = address.Length == 0 ? default : Requests.Address(address);
            var verdict = _detector.Classify(new RequestFacts
            {
                TimeMs = _now,
                ClientAddress = client,
                Path = path,
                Host = "shop.example",
                UserAgent = userAgent,
                Referrer = referrer,
            });
            _detector.Complete(new RequestOutcome
            {
                TimeMs = _now,
                ClientAddress = client,
                Path = path,
                Host = "shop.example",
                Status = status,
                HasReferrer = referrer.Length > 0,
                DurationMs = DurationMs,
            });
            return verdict;
        }
    }
}
