using CsCheck;
using Weir.Detection.Signals.Clients;

namespace Weir.Tests.Signals;

public class SequentialTestTests
{
    private const double Step = 0.25;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Independent_evidence_is_called_wrongly_no_more_often_than_allowed(bool isProgram)
    {
        // Requests that are pages with no page before them in 0.7 of a program's and 0.3 of a person's: the ratio of each is ±ln(7/3).
        float ratio = (float)Math.Log(7.0 / 3);
        var test = new SequentialTest([ratio, -ratio, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        var random = new Random(7);
        int wrong = 0, open = 0;
        const int clients = 4000;
        for (int client = 0; client < clients; client++)
        {
            ulong word = 0;
            for (int i = 0; i < 100 && TestWord.CalledOf(word) == Called.Nothing; i++)
                word = test.Add(word, 5, PathClass.Page, 200, hasReferrer: random.NextDouble() > (isProgram ? 0.7 : 0.3), siteHasAssets: false);
            wrong += TestWord.CalledOf(word) == (isProgram ? Called.Person : Called.Program) ? 1 : 0;
            open += TestWord.CalledOf(word) == Called.Nothing ? 1 : 0;
        }

        Assert.InRange((double)wrong / clients, 0, isProgram ? SequentialTest.Miss : SequentialTest.FalseAlarm);
        Assert.True(open < clients / 100, $"{open} of {clients} were never called");
    }

    [Fact]
    public void Whatever_comes_the_state_stays_in_bounds_and_is_called_by_its_sum()
    {
        var step = Gen.Select(Gen.Int[0, 4], Gen.OneOf(Gen.Const(0), Gen.Const(200), Gen.Const(304), Gen.Const(404)), Gen.Bool, Gen.Bool, Gen.UInt[0, 70_000]);
        step.Array[1, 200].Sample(steps =>
        {
            ulong word = 0;
            foreach (var (path, status, hasReferrer, hasAssets, hour) in steps)
            {
                word = SequentialTest.Default.Add(word, hour, (PathClass)path, (ushort)status, hasReferrer, hasAssets);
                var called = TestWord.CalledOf(word);
                Assert.InRange(TestWord.Sum(word), -8, 8);
                Assert.True(TestWord.Sum(word) < SequentialTest.Upper + Step || called == Called.Program);
                Assert.True(TestWord.Sum(word) > SequentialTest.Lower - Step || called == Called.Person);
                Assert.True(called == Called.Nothing == (TestWord.CalledAfter(word) == 0));
            }
        });
    }

    [Fact]
    public void Twenty_pictures_of_one_page_count_once()
    {
        var test = SequentialTest.Default;
        ulong word = test.Add(0, 5, PathClass.Page, 200, false, true);
        ulong once = test.Add(word, 5, PathClass.Asset, 200, true, true), often = word;
        for (int i = 0; i < 20; i++)
            often = test.Add(often, 5, PathClass.Asset, 200, true, true);

        Assert.Equal(TestWord.Sum(once), TestWord.Sum(often));
    }

    [Theory]
    [InlineData("/", PathClass.Page)]
    [InlineData("/a/b.html", PathClass.Page)]
    [InlineData("/v1.2", PathClass.Page)]
    [InlineData("/user/j.doe", PathClass.Page)]
    [InlineData("/x.PNG", PathClass.Asset)]
    [InlineData("/app.js", PathClass.Asset)]
    [InlineData("/favicon.ico", PathClass.Icon)]
    [InlineData("/robots.txt", PathClass.RobotsTxt)]
    [InlineData("/deep/robots.txt", PathClass.Other)]
    [InlineData("/feed.xml", PathClass.Other)]
    [InlineData("", PathClass.Page)]
    public void A_path_says_what_is_asked_for(string path, object expected) => Assert.Equal(expected, PathClasses.Of(path));

    [Theory]
    [InlineData("/logo", "image/png", PathClass.Asset)]
    [InlineData("/x.php", "text/css; charset=utf-8", PathClass.Asset)]
    [InlineData("/api", "application/json", PathClass.Other)]
    [InlineData("/feed.xml", "text/html", PathClass.Page)]
    [InlineData("/robots.txt", "text/html", PathClass.RobotsTxt)]
    public void The_answer_says_it_better(string path, string contentType, object expected) => Assert.Equal(expected, PathClasses.Of(path, contentType));
}
