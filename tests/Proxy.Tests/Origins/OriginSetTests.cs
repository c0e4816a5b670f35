using Microsoft.Extensions.Time.Testing;
using Weir.Control;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Tests.Origins;

public class OriginSetTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly OriginBook _book;
    private readonly OriginSet _set;

    public OriginSetTests()
    {
        _book = new OriginBook(_time, new EdgeOptions());
        _set = SetOf(("http://a:1", 1), ("http://b:2", 1), ("http://c:3", 1));
    }

    [Fact]
    public void Origins_are_taken_in_turn() =>
        Assert.Equal(3, Enumerable.Range(0, 3).Select(_ => _set.Next().Url.Host).Distinct().Count());

    [Fact]
    public void An_origin_that_failed_is_left_out_until_its_pause_is_over()
    {
        var failed = _set.Next();
        Assert.True(failed.Failed());
        Assert.False(failed.Failed());

        Assert.DoesNotContain(failed, Enumerable.Range(0, 9).Select(_ => _set.Next()));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains(failed, Enumerable.Range(0, 9).Select(_ => _set.Next()));
    }

    [Fact]
    public void An_origin_that_answers_is_whole_again()
    {
        var origin = _set.Next();
        origin.Failed();

        Assert.True(origin.Succeeded());
        Assert.False(origin.Succeeded());
        Assert.True(origin.IsHealthy);
    }

    [Fact]
    public void Bad_answers_in_a_row_count_as_one_failure_and_a_good_one_ends_the_row()
    {
        var origin = _set.Next();

        Assert.False(origin.Stumbled(3));
        Assert.False(origin.Stumbled(3));
        origin.Succeeded();
        Assert.False(origin.Stumbled(3));
        Assert.False(origin.Stumbled(3));
        Assert.True(origin.IsHealthy);
        Assert.True(origin.Stumbled(3));
        Assert.False(origin.IsHealthy);
    }

    [Fact]
    public void The_pause_grows_to_half_a_minute_and_no_further()
    {
        var origin = _set.Next();
        for (int i = 0; i < 40; i++)
            origin.Failed();

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(origin.IsHealthy);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(origin.IsHealthy);
    }

    [Fact]
    public void When_all_failed_they_are_tried_all_the_same()
    {
        foreach (var origin in Enumerable.Range(0, 3).Select(_ => _set.Next()).ToList())
            origin.Failed();

        Assert.Equal(3, Enumerable.Range(0, 3).Select(_ => _set.Next()).Distinct().Count());
    }

    [Fact]
    public void A_request_is_given_every_origin_once_before_any_again()
    {
        _set.Next().Failed();
        ulong tried = 0;

        Assert.Equal(3, Enumerable.Range(0, 3).Select(_ => _set.Next(ref tried)).Distinct().Count());
        Assert.NotNull(_set.Next(ref tried));
    }

    [Fact]
    public void Health_survives_a_change_of_sites()
    {
        var origin = SetOf(("http://a:1", 1)).Next();
        origin.Failed();

        Assert.Same(origin, SetOf(("http://A:1/", 5)).Next());
    }

    [Fact]
    public void What_no_site_uses_is_forgotten()
    {
        var check = new OriginCheck { Path = "/" };
        var kept = SetOf(("http://a:1", 1));
        _book.SetOf(SiteOf(("http://d:4", 1)) with { Health = new OriginHealth { Check = check } });
        Assert.Single(_book.Probes);

        _book.Keep([kept]);

        Assert.Equal(["a"], _book.Origins.Select(o => o.Url.Host));
        Assert.Empty(_book.Probes);
    }

    [Fact]
    public void Sites_that_ask_the_same_share_a_check_and_others_have_their_own()
    {
        var site = SiteOf(("http://a:1", 1));
        foreach (string path in (string[])["/up", "/up", "/ok"])
            _book.SetOf(site with { Health = new OriginHealth { Check = new OriginCheck { Path = path } } });

        Assert.Equal(["/ok", "/up"], _book.Probes.Select(p => p.Check.Path).Order());
    }

    [Fact]
    public void A_site_that_may_not_use_private_addresses_shares_nothing_with_one_that_may()
    {
        var site = SiteOf(("http://name.example:1", 1));

        Assert.NotSame(_book.SetOf(site).Next(), _book.SetOf(site with { AllowsPrivateOrigins = true }).Next());
        Assert.Same(SetOf(("http://10.0.0.1:1", 1)).Next(), _book.SetOf(SiteOf(("http://10.0.0.1:1", 1)) with { AllowsPrivateOrigins = true }).Next());
    }

    // Against the plain meaning of weights: over one whole order each origin is taken as often as its weight, and never falls behind its
    // share by more than a whole turn, whichever origins are ill.
    [Fact]
    public void Each_healthy_origin_gets_its_weight_spread_evenly()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int run = 0; run < 200; run++)
        {
            var weights = Enumerable.Range(0, random.Next(2, 9)).Select(i => i == 0 ? random.Next(1, 20) : random.Next(0, 20)).ToArray();
            var set = SetOf([.. weights.Select((w, i) => ($"http://run{run}-{i}:1", w))]);
            var ill = Enumerable.Range(1, weights.Length - 1).Where(_ => random.Next(4) == 0).ToHashSet();
            foreach (int i in ill)
                set.Members[i].Origin.Failed();
            int total = weights.Where((_, i) => !ill.Contains(i)).Sum();
            int[] taken = new int[weights.Length];
            for (int turn = 1; turn <= 3 * total; turn++)
            {
                taken[set.IndexOf(set.Next())]++;
                for (int i = 0; i < weights.Length; i++)
                {
                    double share = ill.Contains(i) ? 0 : (double)turn * weights[i] / total;
                    Assert.True(Math.Abs(taken[i] - share) < weights.Length, $"seed {seed}, run {run}, turn {turn}: origin {i} was taken {taken[i]} times instead of {share}");
                }
            }
            Assert.Equal(weights.Select((w, i) => ill.Contains(i) ? 0 : 3 * w), taken);
        }
    }

    [Fact]
    public void Choosing_allocates_nothing()
    {
        var set = SetOf(("http://a:1", 3), ("http://b:2", 2), ("http://c:3", 1));
        Assert.Equal(0, Allocations.Of(() => set.Next()));
    }

    [Fact]
    public void A_session_stays_at_its_origin_and_moves_when_that_is_ill()
    {
        var set = _book.SetOf(SiteOf(("http://a:1", 1), ("http://b:2", 1), ("http://c:3", 0)) with { IsSticky = true });
        var sessions = set.Sessions!;
        string cookie = sessions.CookieOf(2, isSecure: true);
        var token = StickySessions.TokenIn(new[] { "x=1; weir-origins=no; weir-origin-old=no", $"a=b;{cookie.Split(';')[0]} ; c=d" }).ToString();

        ulong tried = 0;
        Assert.Equal("c", set.OfSession(token, ref tried)?.Url.Host);
        Assert.Null(set.OfSession(token, ref tried));
        set.Members[2].Origin.Failed();
        tried = 0;
        Assert.Null(set.OfSession(token, ref tried));
        Assert.Null(set.OfSession("", ref tried));
        Assert.Equal(0UL, tried);
        Assert.EndsWith("; Path=/; HttpOnly; SameSite=Lax; Secure", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("Secure", sessions.CookieOf(2, isSecure: false), StringComparison.Ordinal);
        Assert.Equal(16, token.Length);
    }

    [Fact]
    public void A_token_is_the_sites_and_the_edges_own()
    {
        string TokenOf(EdgeOptions options, string id) => new OriginBook(_time, options)
            .SetOf(SiteOf(("http://a:1", 1), ("http://b:2", 1)) with { IsSticky = true, Id = Detection.SiteId.Parse(id) }).Sessions!.CookieOf(0, false);
        var options = new EdgeOptions();

        Assert.Equal(TokenOf(options, "x"), TokenOf(options, "x"));
        Assert.NotEqual(TokenOf(options, "x"), TokenOf(options, "y"));
        Assert.NotEqual(TokenOf(options, "x"), TokenOf(new EdgeOptions(), "x"));
    }

    private OriginSet SetOf(params (string Url, int Weight)[] origins) => _book.SetOf(SiteOf(origins));

    private static Site SiteOf(params (string Url, int Weight)[] origins) =>
        Edge.SiteOf("www.example.com") with { Origins = [.. origins.Select(o => new SiteOrigin(new Uri(o.Url), o.Weight))] };
}
