using Weir.Control;
using Weir.Detection;

namespace Weir.Tests.Settings;

public class RobotsSettingsTests
{
    [Fact]
    public void Robots_txt_means_what_it_says()
    {
        var site = Site("""
            "robots": { "mode": "merged", "rules": [{ "purposes": ["ai-training"], "crawlers": "google-extended", "disallow": "/" }, { "disallow": ["/private/", "/*.pdf$"] }],
              "contentSignals": "ai-train = no", "sitemaps": "https://www.example.com/s.xml", "tail": ["# note", "User-agent: Foo", "Disallow: /"], "refreshMinutes": 5 },
            "trap": "/trap-a/"
            """);

        var (robots, plan) = (site.Robots, site.Robots.Plan);
        Assert.Equal((RobotsMode.Merged, TimeSpan.FromMinutes(5), "/trap-a/"), (robots.Mode, robots.Refresh, site.TrapPath));
        Assert.Equal((Purpose.AiTraining, "google-extended", true), (plan.Rules[0].Purposes.Single(), plan.Rules[0].Crawlers.Single(), plan.Rules[0].DisallowsAll));
        Assert.Equal(["/private/", "/*.pdf$"], plan.Everyone!.Disallow);
        Assert.Equal(("ai-train=no", "/trap-a/", 3), (plan.Signals!.Single(), plan.TrapPath, plan.Tail.Count));
    }

    [Fact]
    public void A_trap_of_the_edges_making_is_the_same_each_time_and_differs_from_site_to_site()
    {
        string first = Site("\"trap\": true").TrapPath!;

        Assert.Equal(first, Site("\"trap\": true").TrapPath);
        Assert.Matches("^/trap-[0-9a-f]{12}/$", first);
        Assert.NotEqual(first, SitePaths.TrapOf(SiteId.Parse("b")));
        Assert.Null(Site("\"trap\": false").TrapPath);
        Assert.Equal(first, SettingsText.Read(With(""), ("WEIR__SITES__0__TRAP", "true")).Sites[0].TrapPath);
    }

    [Fact]
    public void A_beacon_is_off_and_without_cookies_until_it_is_asked_for()
    {
        Assert.Equal(new SiteBeacon(), Site("").Beacon);
        Assert.Equal((BeaconMode.Inject, true), (Site("\"beacon\": { \"mode\": \"inject\", \"cookies\": true }").Beacon.Mode, Site("\"beacon\": { \"mode\": \"tag\", \"cookies\": true }").Beacon.UsesCookies));
    }

    [Theory]
    [InlineData("\"robots\": {}", "robots.mode: Who writes robots.txt is not said. Write \"mode\": \"merged\" to add to the origin's file, managed to replace it, or pass.")]
    [InlineData("\"robots\": { \"mode\": \"mixed\" }", "robots.mode: 'mixed' is no mode of robots.txt. Write pass (the origin's file), managed (by the rules here) or merged (both).")]
    [InlineData("\"robots\": { \"mode\": \"pass\", \"tail\": \"# a\" }", "robots.tail: With the mode pass the origin's file is served as it is.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"rules\": [{ \"purposes\": \"search\" }] }", "robots.rules[0]: This rule neither allows nor disallows anything.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"rules\": [{ \"allow\": \"/\", \"disallow\": \"/\" }] }", "robots.rules[0]: This rule allows and disallows the whole site.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"rules\": [{ \"allow\": \"/a\" }, { \"allow\": \"/b\" }] }", "robots.rules[1]: A second rule is for everyone.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"rules\": [{ \"purposes\": \"train\", \"allow\": \"/\" }] }", "robots.rules[0].purposes: 'train' is none of purposes.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"rules\": [{ \"crawlers\": \"gptbott\", \"allow\": \"/\" }] }", "robots.rules[0].crawlers: 'gptbott' is no crawler of the catalog. Did you mean 'gptbot'?")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"rules\": [{ \"disallow\": \"private\" }] }", "robots.rules[0].disallow: 'private' is no path of robots.txt.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"contentSignals\": \"train=no\" }", "robots.contentSignals: 'train=no' is no content signal.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"contentSignals\": [\"search=yes\", \"search=no\"] }", "robots.contentSignals[1]: 'search' is declared twice.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"sitemaps\": \"/sitemap.xml\" }", "robots.sitemaps: '/sitemap.xml' is no address of a sitemap.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"tail\": [\"Disallow: /x\"] }", "robots.tail: 'Disallow: /x' stands before any user agent.")]
    [InlineData("\"robots\": { \"mode\": \"managed\", \"tail\": [\"a\\nb\"] }", "robots.tail[0]: This is no line.")]
    [InlineData("\"trap\": \"/.well-known/x/\"", "trap: '/.well-known/x/' is where programs are invited.")]
    [InlineData("\"trap\": \"/.weir/x/\"", "trap: '/.weir/x/' is no path for a trap.")]
    [InlineData("\"trap\": \"trap\"", "trap: 'trap' is no path for a trap. Write true, or a path that nothing else uses")]
    [InlineData("\"beacon\": { \"mode\": \"on\" }", "beacon.mode: 'on' is no mode of the beacon. Write off, tag (you write the script tag into your pages) or inject (the edge does).")]
    [InlineData("\"trap\": 5", "trap: This is a number. Write true, false, or a text in double quotes.")]
    public void A_wrong_value_is_named_with_its_mend(string setting, string error) =>
        Assert.Contains(error, Assert.Single(SettingsText.Errors(With(setting))), StringComparison.Ordinal);

    private static Site Site(string settings) => SettingsText.Read(With(settings)).Sites[0];

    private static string With(string settings) => $$"""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000"{{(settings.Length > 0 ? ", " : "")}}{{settings}} }] }""";
}
