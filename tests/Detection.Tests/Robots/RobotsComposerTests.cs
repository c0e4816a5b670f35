using System.Text;
using CsCheck;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Robots;

namespace Weir.Tests.Robots;

public sealed class RobotsComposerTests
{
    private static readonly IReadOnlyList<Crawler> Crawlers = CrawlerCatalog.Load().Crawlers;

    private static readonly RobotsPlan NoTraining = new() { Rules = [new() { Purposes = [Purpose.AiTraining], Disallow = ["/"] }] };

    [Fact]
    public void A_managed_file_closes_the_site_to_training_by_every_name_also_those_that_never_visit()
    {
        var file = Parse(RobotsComposer.Compose(NoTraining, Crawlers));

        Assert.All(["GPTBot", "CCBot", "Google-Extended", "Applebot-Extended"], name => Assert.False(Allows(file, name, "/")));
        Assert.True(Allows(file, "Googlebot", "/"));
        Assert.True(Allows(file, "Anybody", "/"));
        Assert.All(Crawlers.Where(c => c.Purpose == Purpose.AiTraining && RobotsComposer.NamesOf(c).Any()),
            c => Assert.False(file.RulesFor(RobotsAgent.Of(c)).Decide("/a").IsAllowed));
    }

    [Fact]
    public void A_plan_is_written_as_its_owner_would()
    {
        var plan = new RobotsPlan
        {
            Rules =
            [
                new() { Crawlers = ["gptbot"], Disallow = ["/"] },
                new() { Crawlers = ["ccbot"], Allow = ["/"] },
                new() { Disallow = ["/private/"], Allow = ["/private/press/"] },
            ],
            Signals = ["search=yes", "ai-train=no"],
            Sitemaps = ["https://www.example.com/sitemap.xml"],
            Tail = ["# by hand", "User-agent: Other", "Disallow: /x"],
            TrapPath = "/trap-1/",
        };

        Assert.Equal("""
            User-agent: GPTBot
            Content-Signal: search=yes, ai-train=no
            Disallow: /
            Disallow: /trap-1/

            User-agent: CCBot
            Content-Signal: search=yes, ai-train=no
            Allow: /
            Allow: /private/press/
            Disallow: /private/
            Disallow: /trap-1/

            User-agent: *
            Content-Signal: search=yes, ai-train=no
            Allow: /private/press/
            Disallow: /private/
            Disallow: /trap-1/

            Sitemap: https://www.example.com/sitemap.xml
            # by hand
            User-agent: Other
            Disallow: /x

            """.ReplaceLineEndings("\n"), Text(RobotsComposer.Compose(plan, Crawlers)));
    }

    [Fact]
    public void Content_signals_follow_from_rules_about_the_whole_site()
    {
        var plan = new RobotsPlan
        {
            Rules =
            [
                new() { Purposes = [Purpose.AiTraining], Disallow = ["/"] },
                new() { Purposes = [Purpose.Search, Purpose.AiSearch], Allow = ["/"] },
            ],
        };

        Assert.Equal(["search=yes", "ai-input=yes", "ai-train=no"], plan.SignalsDeclared);
        Assert.Empty((plan with { Rules = [new() { Purposes = [Purpose.AiTraining], Disallow = ["/a"] }] }).SignalsDeclared);
        Assert.Empty((plan with { Signals = [] }).SignalsDeclared);
    }

    [Fact]
    public void Merged_the_plan_wins_for_its_crawlers_and_the_rest_of_the_origins_file_stays()
    {
        string origin = """
            # our file
            User-agent: GPTBot
            Allow: /
            User-agent: Bingbot
            User-agent: CCBot
            Disallow: /bing/
            Crawl-delay: 5
            User-agent: *
            Disallow: /admin/
            Sitemap: https://www.example.com/a.xml
            """.ReplaceLineEndings("\n");
        var file = Parse(RobotsComposer.Merge(NoTraining with { TrapPath = "/trap-1/", Sitemaps = ["https://www.example.com/a.xml"] }, Crawlers, Utf8(origin)));

        Assert.False(Allows(file, "GPTBot", "/"));
        Assert.False(Allows(file, "CCBot", "/"));
        Assert.Equal((false, true), (Allows(file, "Bingbot", "/bing/a"), Allows(file, "Bingbot", "/admin/")));
        Assert.Equal((false, true), (Allows(file, "Anybody", "/admin/"), Allows(file, "Anybody", "/")));
        Assert.All(["GPTBot", "Bingbot", "Anybody"], name => Assert.False(Allows(file, name, "/trap-1/x")));
        Assert.Single(file.Other, l => l.Name == "Sitemap");
        Assert.Single(file.Other, l => l.Name == "Crawl-delay");
    }

    [Fact]
    public void Whoever_is_let_in_by_name_still_keeps_out_of_what_the_origin_closes_to_everyone()
    {
        var plan = new RobotsPlan { Rules = [new() { Purposes = [Purpose.Search], Allow = ["/"] }] };

        var file = Parse(RobotsComposer.Merge(plan, Crawlers, "User-agent: *\nDisallow: /admin/\nDisallow: /\n"u8));

        Assert.Equal((true, false), (Allows(file, "Googlebot", "/"), Allows(file, "Googlebot", "/admin/")));
        Assert.False(Allows(file, "Anybody", "/"));
    }

    [Fact]
    public void Rules_before_any_user_agent_stay_nobodys_and_agents_without_rules_stay_free()
    {
        var file = Parse(RobotsComposer.Merge(NoTraining with { Tail = ["User-agent: Tail", "Disallow: /"] }, Crawlers, "Disallow: /x\nUser-agent: Free"u8));

        Assert.True(Allows(file, "Free", "/"));
        Assert.False(Allows(file, "Tail", "/"));
        Assert.True(Allows(file, "Free", "/x"));
    }

    [Fact]
    public void An_origins_group_for_everyone_gets_the_signals_and_gives_way_to_a_rule_for_everyone()
    {
        var signed = Text(RobotsComposer.Merge(NoTraining, Crawlers, "User-agent: *\nDisallow: /admin/\n"u8));
        var plan = NoTraining with { Rules = [.. NoTraining.Rules, new() { Disallow = ["/mine/"] }] };
        var ours = Parse(RobotsComposer.Merge(plan, Crawlers, "User-agent: *\nDisallow: /admin/\n"u8));

        Assert.EndsWith("User-agent: *\nContent-Signal: ai-train=no\nDisallow: /admin/\n\n", signed, StringComparison.Ordinal);
        Assert.Equal((true, false), (Allows(ours, "Anybody", "/admin/"), Allows(ours, "Anybody", "/mine/")));
    }

    [Fact]
    public void Whatever_the_origin_serves_the_plan_holds_for_its_crawlers_and_everyone_else_reads_what_the_origin_said()
    {
        var lines = Generators.Pick("User-agent: GPTBot", "User-agent: gptbot/2", "User-agent: ccbot", "User-agent: Foo", "User-agent: Bar", "User-agent: *", "user-agent *",
            "Disallow: /a", "Disallow:", "Disallow: /", "Allow: /a/b", "allow: /", "Sitemap: https://e.example/s", "Crawl-delay: 1", "# note", "", "nonsense here now",
            "Content-Signal: search=no");
        var path = Gen.Char["ab/"].Array[0, 6].Select(c => "/" + new string(c));
        var end = Generators.Pick("\n", "\r\n", "\r");
        Gen.Select(lines.Array[0, 16], end, path, Gen.Bool).Sample((parts, newline, asked, hasTrap) =>
        {
            byte[] origin = Utf8(string.Join(newline, parts));
            var before = RobotsFile.Parse(origin);
            var plan = hasTrap ? NoTraining with { TrapPath = "/trap/" } : NoTraining;
            var after = Parse(RobotsComposer.Merge(plan, Crawlers, origin));
            return !Allows(after, "GPTBot", asked) && !Allows(after, "CCBot", asked) && !Allows(after, "Google-Extended", asked)
                && Allows(after, "Foo", asked) == Allows(before, "Foo", asked) && Allows(after, "Bar", asked) == Allows(before, "Bar", asked)
                && Allows(after, "Nobody", asked) == Allows(before, "Nobody", asked)
                && (!hasTrap || !Allows(after, "Nobody", "/trap/x") || asked == "/robots.txt");
        }, iter: 3_000);
    }

    [Fact]
    public void Any_bytes_of_an_origin_are_merged()
    {
        Gen.Byte.Array[0, 300].Sample(origin => Parse(RobotsComposer.Merge(NoTraining, Crawlers, origin)) is var file && !Allows(file, "GPTBot", "/"), iter: 1_000);
    }

    private static bool Allows(RobotsFile file, string name, string path) => file.RulesFor(RobotsAgent.Named(name)).Decide(path).IsAllowed;

    private static RobotsFile Parse(byte[] text) => RobotsFile.Parse(text);

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
