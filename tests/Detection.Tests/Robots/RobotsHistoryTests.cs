using System.Text;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Robots;

namespace Weir.Tests.Robots;

public sealed class RobotsHistoryTests
{
    private static readonly DateTimeOffset Monday = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Crawler GptBot = Crawler("gptbot", "GPTBot", Purpose.AiTraining);
    private static readonly Crawler ChatGptUser = Crawler("chatgpt-user", "ChatGPT-User", Purpose.AiUser);
    private readonly RobotsHistory _history = new();

    [Fact]
    public void FIELD_c12_a_later_edit_judges_no_earlier_fetch()
    {
        Serve(Monday, "User-agent: *\nAllow: /\n");
        var before = _history.Judge(GptBot, "/private", Monday.AddDays(2));
        Serve(Monday.AddDays(3), "User-agent: *\nDisallow: /private\n");

        Assert.Equal(RobotsOutcome.Allowed, before.Outcome);
        Assert.Equal(before, _history.Judge(GptBot, "/private", Monday.AddDays(2)));
        Assert.Equal(RobotsOutcome.Disallowed, _history.Judge(GptBot, "/private", Monday.AddDays(5)).Outcome);
    }

    [Fact]
    public void FIELD_c13_a_persons_fetcher_is_reported_apart_and_breaks_nothing()
    {
        Serve(Monday, "User-agent: *\nDisallow: /\n");

        var judgement = _history.Judge(ChatGptUser, "/", Monday.AddDays(2));

        Assert.Equal((RobotsOutcome.NotJudged, RobotsNotJudged.UserTriggered), (judgement.Outcome, judgement.Why));
        Assert.False(judgement.Answer!.Value.IsAllowed);
    }

    [Fact]
    public void A_new_rule_binds_a_crawler_from_its_own_next_look_at_the_file()
    {
        Serve(Monday, "User-agent: *\nAllow: /\n");
        Serve(Monday.AddDays(2), "User-agent: *\nDisallow: /private\n");
        _history.NoteFetch(GptBot, Monday.AddDays(1), 200);
        _history.NoteFetch(GptBot, Monday.AddDays(2).AddHours(1), 304);

        Assert.Equal(RobotsOutcome.Allowed, _history.Judge(GptBot, "/private", Monday.AddDays(2).AddMinutes(30)).Outcome);
        var after = _history.Judge(GptBot, "/private", Monday.AddDays(2).AddHours(2));
        Assert.Equal(RobotsOutcome.Disallowed, after.Outcome);
        Assert.Equal((2, "Disallow: /private"), (after.Answer!.Value.Rule!.Line.Number, after.Answer.Value.Rule.Line.ToString()));
        Assert.Equal("Line 2 decides: Disallow: /private. Version of 2026-06-03 00:00:00Z, which the crawler last asked for at 2026-06-03 01:00:00Z.",
            after.Sentence);
    }

    [Fact]
    public void A_crawler_that_was_not_seen_to_look_has_24_hours_to_do_so()
    {
        Serve(Monday, "User-agent: *\nAllow: /\n");
        Serve(Monday.AddDays(2), "User-agent: *\nDisallow: /\n");

        Assert.Equal(RobotsNotJudged.NoVersionKnown, _history.Judge(GptBot, "/", Monday.AddHours(23)).Why);
        Assert.Equal(RobotsOutcome.Allowed, _history.Judge(GptBot, "/", Monday.AddDays(3).AddSeconds(-1)).Outcome);
        Assert.Equal(RobotsOutcome.Disallowed, _history.Judge(GptBot, "/", Monday.AddDays(3)).Outcome);
    }

    [Fact]
    public void Another_crawlers_look_at_the_file_binds_nobody_else()
    {
        Serve(Monday, "User-agent: *\nDisallow: /\n");
        _history.NoteFetch(ChatGptUser, Monday.AddHours(1), 200);

        Assert.Equal(RobotsNotJudged.NoVersionKnown, _history.Judge(GptBot, "/", Monday.AddHours(2)).Why);
    }

    [Theory]
    [InlineData(404, RobotsOutcome.Allowed, RobotsBasis.Unavailable)]
    [InlineData(503, RobotsOutcome.Disallowed, RobotsBasis.Unreachable)]
    public void A_failed_look_means_what_the_RFC_says(int status, RobotsOutcome outcome, RobotsBasis basis)
    {
        Serve(Monday, outcome == RobotsOutcome.Allowed ? "User-agent: *\nDisallow: /" : "User-agent: *\nAllow: /");
        _history.NoteFetch(GptBot, Monday.AddDays(5), status);

        var judgement = _history.Judge(GptBot, "/", Monday.AddDays(5).AddMinutes(1));

        Assert.Equal((outcome, basis), (judgement.Outcome, judgement.Answer!.Value.Basis));
        _history.Add(RobotsVersion.Without(Monday.AddDays(6), status));
        Assert.Equal(basis, _history.Judge(Crawler("ccbot", "CCBot", Purpose.AiTraining), "/", Monday.AddDays(7)).Answer!.Value.Basis);
    }

    [Fact]
    public void A_look_that_got_no_answer_says_nothing()
    {
        Serve(Monday, "User-agent: *\nDisallow: /\n");
        foreach (int status in new[] { 301, 499, 0 })
            _history.NoteFetch(GptBot, Monday.AddHours(1), status);

        Assert.Equal(RobotsNotJudged.NoVersionKnown, _history.Judge(GptBot, "/", Monday.AddHours(2)).Why);
    }

    [Fact]
    public void Asking_for_robots_txt_is_never_judged()
    {
        Serve(Monday, "User-agent: *\nDisallow: /\n");

        Assert.Equal(RobotsNotJudged.RobotsFileItself, _history.Judge(GptBot, "/robots.txt", Monday.AddDays(2)).Why);
    }

    [Fact]
    public void The_same_file_again_is_no_new_version_and_hashes_are_of_its_bytes()
    {
        Serve(Monday, "User-agent: *\nDisallow: /\n");

        Assert.False(_history.Add(RobotsVersion.Served(Monday.AddDays(1), "User-agent: *\nDisallow: /\n"u8)));
        Assert.Equal("331ea9090db0c9f6f597bd9840fd5b171830f6e0b3ba1cb24dfa91f0c95aedc1", Assert.Single(_history.Versions).Hash);
    }

    [Fact]
    public void Many_looks_at_one_version_are_judged_as_each_alone()
    {
        Serve(Monday, "User-agent: *\nAllow: /\n");
        for (int hour = 1; hour <= 100; hour++)
            _history.NoteFetch(GptBot, Monday.AddHours(hour), 200);

        Assert.All([2, 50, 99, 101], hour => Assert.Equal(RobotsOutcome.Allowed, _history.Judge(GptBot, "/", Monday.AddHours(hour)).Outcome));
        Assert.Equal(Monday.AddHours(100), _history.Judge(GptBot, "/", Monday.AddHours(101)).FetchedAt);
    }

    [Fact]
    public void Documented_habits_of_crawlers_are_no_violations()
    {
        Serve(Monday, "User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nAllow: /\n");

        Assert.Equal(RobotsOutcome.Allowed, _history.Judge(Crawler("googlebot-image", "Googlebot-Image", Purpose.Search), "/a.png", Monday.AddDays(2)).Outcome);
        Assert.Equal(RobotsOutcome.Allowed, _history.Judge(Crawler("adsbot-google", "AdsBot-Google", Purpose.Advertising), "/", Monday.AddDays(2)).Outcome);
        Assert.Equal(RobotsOutcome.Disallowed, _history.Judge(GptBot, "/", Monday.AddDays(2)).Outcome);
    }

    private void Serve(DateTimeOffset at, string text) => Assert.True(_history.Add(RobotsVersion.Served(at, Encoding.UTF8.GetBytes(text))));

    private static Crawler Crawler(string id, string token, Purpose purpose) =>
        new() { Id = id, Name = token, Operator = "somebody", Purpose = purpose, Tokens = [token] };
}
