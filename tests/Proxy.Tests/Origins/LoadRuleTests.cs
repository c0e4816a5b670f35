using Microsoft.Extensions.Time.Testing;
using Weir.Proxy.Origins;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Tests.Origins;

public class LoadRuleTests
{
    private static readonly LoadFacts Calm = new(UnderWay: 10, Waiting: 10, RequestsMax: 1000, RecentMs: 40, UsualMs: 40);

    [Fact]
    public void Nobody_is_sent_away_from_a_calm_origin() =>
        Assert.All(Enum.GetValues<Caller>(), c => Assert.Equal(EdgeError.None, LoadRule.Refuses(Calm, c)));

    [Theory]
    [InlineData(1600, EdgeError.OriginSlow, EdgeError.None)]
    [InlineData(3200, EdgeError.OriginSlow, EdgeError.OriginSlow)]
    [InlineData(1400, EdgeError.None, EdgeError.None)]
    public void From_a_slow_origin_programs_go_first_and_verified_crawlers_next(double recentMs, EdgeError program, EdgeError verified)
    {
        var facts = Calm with { RecentMs = recentMs, UsualMs = 500 };

        Assert.Equal((program, verified, EdgeError.None),
            (LoadRule.Refuses(facts, Caller.Program), LoadRule.Refuses(facts, Caller.VerifiedCrawler), LoadRule.Refuses(facts, Caller.Person)));
    }

    [Theory]
    [InlineData(499, EdgeError.None, EdgeError.None, EdgeError.None)]
    [InlineData(500, EdgeError.OriginBusy, EdgeError.None, EdgeError.None)]
    [InlineData(750, EdgeError.OriginBusy, EdgeError.OriginBusy, EdgeError.None)]
    [InlineData(1000, EdgeError.OriginFull, EdgeError.OriginFull, EdgeError.OriginFull)]
    public void By_the_number_of_requests_people_go_last(int underWay, EdgeError program, EdgeError verified, EdgeError person)
    {
        var facts = Calm with { UnderWay = underWay };

        Assert.Equal((program, verified, person),
            (LoadRule.Refuses(facts, Caller.Program), LoadRule.Refuses(facts, Caller.VerifiedCrawler), LoadRule.Refuses(facts, Caller.Person)));
    }

    [Theory]
    [InlineData(7, 5000, 40)] // hardly anybody waits
    [InlineData(50, 400, 40)] // slower than usual, and still fast
    [InlineData(50, 5000, 0)] // what is usual is not known yet
    [InlineData(50, 5000, 4000)] // always so
    public void Slow_answers_alone_are_no_pressure(int waiting, double recentMs, double usualMs) =>
        Assert.Equal(Pressure.None, LoadRule.Of(new LoadFacts(waiting, waiting, 4096, recentMs, usualMs)));

    [Fact]
    public void More_load_never_lets_anybody_in_and_people_are_never_sent_away_before_programs()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int run = 0; run < 100_000; run++)
        {
            int max = random.Next(1, 2000);
            int waiting = random.Next(0, 100);
            var facts = new LoadFacts(waiting + random.Next(0, 2000), waiting, max, random.NextDouble() * 10_000, random.NextDouble() * 2000);
            var more = facts with { UnderWay = facts.UnderWay + random.Next(0, 100), Waiting = waiting + random.Next(0, 10), RecentMs = facts.RecentMs * (1 + random.NextDouble()) };

            Assert.True(LoadRule.Of(more) >= LoadRule.Of(facts), $"seed {seed}: {facts} presses more than {more}");
            bool program = IsRefused(facts, Caller.Program), verified = IsRefused(facts, Caller.VerifiedCrawler), person = IsRefused(facts, Caller.Person);
            Assert.True((!person || verified) && (!verified || program), $"seed {seed}: {facts} sends away in a wrong order");
            Assert.Equal(facts.UnderWay >= max, person);
        }
        static bool IsRefused(in LoadFacts f, Caller c) => LoadRule.Refuses(f, c) != EdgeError.None;
    }

    [Fact]
    public void What_is_usual_is_learnt_follows_slowly_upwards_and_one_slow_answer_moves_little()
    {
        var time = new FakeTimeProvider();
        var load = new OriginLoad(time);
        Learn(31, 40);
        Assert.Equal(0, load.Facts(100).UsualMs);
        Learn(100, 40);
        Assert.InRange(load.Facts(100).UsualMs, 39.9, 40.1);

        Learn(1, 4000);
        Assert.InRange(load.Facts(100).RecentMs, 40, 60);
        Learn(100, 40);
        Learn(100, 2000);
        Assert.InRange(load.Facts(100).RecentMs, 1900, 2001);
        Assert.InRange(load.Facts(100).UsualMs, 40, 60);

        Learn(10_000, 2000);
        Assert.InRange(load.Facts(100).UsualMs, 800, 2001);
        Learn(1000, 40);
        Assert.InRange(load.Facts(100).UsualMs, 39, 60);

        void Learn(int answers, double ms)
        {
            for (int i = 0; i < answers; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                load.Learn(TimeSpan.FromMilliseconds(ms), time.GetTimestamp());
            }
        }
    }
}
