using CsCheck;
using Weir.Analytics.Api.Alerts;

namespace Weir.Analytics.Api.Tests.Alerts;

public class AlertTransitionTests
{
    private const long Minute = 60_000;
    private static readonly DateTimeOffset Then = DateTimeOffset.UnixEpoch;

    [Fact]
    public void It_is_told_once_while_it_fires_and_once_when_it_is_over()
    {
        var alert = NewAlert();
        var (first, news) = Next(alert, null, true, 10 * Minute);
        Assert.Equal(AlertNews.Firing, news);
        var (second, quiet) = Next(alert, first, true, 11 * Minute);
        Assert.Equal((first, AlertNews.None), (second, quiet));
        var (third, over) = Next(alert, second, false, 12 * Minute);
        Assert.Equal((false, AlertNews.Resolved), (third!.IsFiring, over));
        Assert.Equal((third, AlertNews.None), Next(alert, third, false, 13 * Minute));
    }

    [Fact]
    public void What_fires_again_within_the_cooldown_is_told_after_it_if_it_still_fires()
    {
        var alert = NewAlert();
        var (state, _) = Next(alert, null, true, 0 * Minute + 1);
        (state, _) = Next(alert, state, false, 5 * Minute);
        (state, var news) = Next(alert, state, true, 10 * Minute);
        Assert.Equal((AlertNews.None, true), (news, state!.IsFiring));
        (var ended, news) = Next(alert, state, false, 20 * Minute);
        Assert.Equal((AlertNews.None, false), (news, ended!.IsFiring));
        (state, news) = Next(alert, state, true, 61 * Minute);
        Assert.Equal((AlertNews.Firing, 10 * Minute), (news, state!.SinceMs));
    }

    [Fact]
    public void Who_wants_no_word_that_it_is_over_gets_none()
    {
        var alert = NewAlert(sendResolved: false);
        var (state, _) = Next(alert, null, true, Minute);
        Assert.Equal(AlertNews.None, Next(alert, state, false, 2 * Minute).News);
    }

    [Fact]
    public void A_new_crawler_is_told_once_and_never_over()
    {
        var alert = NewAlert(AlertKinds.NewCrawler, cooldown: 0);
        var (state, news) = Next(alert, null, true, Minute);
        Assert.Equal((AlertNews.Firing, false), (news, state!.IsFiring));
        Assert.Equal((state, AlertNews.None), Next(alert, state, false, 2 * Minute));
        Assert.Equal((state, AlertNews.None), Next(alert, state, true, 3 * Minute));
    }

    [Fact]
    public void Whatever_happens_firing_and_resolved_take_turns_and_the_cooldown_is_kept() => Gen.Bool.Array[0, 60].Sample(looks =>
    {
        var alert = NewAlert(cooldown: 7);
        AlertState? state = null;
        List<(AlertNews News, long At)> told = [];
        for (int i = 0; i < looks.Length; i++)
        {
            (state, var news) = Next(alert, state, looks[i], (i + 1) * Minute);
            if (news != AlertNews.None)
                told.Add((news, i + 1));
            Assert.Equal(looks[i], state?.IsFiring == true);
        }
        for (int i = 0; i < told.Count; i++)
            Assert.Equal(i % 2 == 0 ? AlertNews.Firing : AlertNews.Resolved, told[i].News);
        var firing = told.Where(t => t.News == AlertNews.Firing).Select(t => t.At).ToList();
        Assert.All(firing.Zip(firing.Skip(1)), p => Assert.True(p.Second - p.First >= 7));
    });

    private static (AlertState? State, AlertNews News) Next(Alert alert, AlertState? before, bool fires, long nowMs) => AlertTransition.Next(
        alert, "", before, fires ? new Finding(alert, "", "It is so.", new Dictionary<string, double>()) : null, nowMs);

    private static Alert NewAlert(string kind = AlertKinds.Robots, int cooldown = 60, bool sendResolved = true) =>
        new("alr_1", "demo", "Demo", new AlertRule { Kind = kind }, new AlertManner(cooldown, sendResolved), true, Then, Then);
}
