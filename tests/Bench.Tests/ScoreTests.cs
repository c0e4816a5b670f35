using Weir.Accuracy.Scores;

namespace Weir.Bench.Tests;

/// <summary>The arithmetic behind the accuracy report.</summary>
public class ScoreTests
{
    [Fact]
    public void Wilsons_interval_is_that_of_the_textbook()
    {
        // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20.
        Assert.Equal((0.2553, 0.3662), Rounded(new Share(81, 263).Interval));
        Assert.Equal((0.0624, 0.1605), Rounded(new Share(15, 148).Interval));
        Assert.Equal((0.0000, 0.1611), Rounded(new Share(0, 20).Interval));
    }

    [Fact]
    public void Rows_are_counted_on_the_right_side()
    {
        var score = Confusion.Of([(true, true), (true, true), (true, false), (false, true), (false, false), (false, false), (false, false)]);

        Assert.Equal(new Confusion(TruePositives: 2, FalsePositives: 1, FalseNegatives: 1, TrueNegatives: 3), score);
        Assert.Equal(new Share(2, 3), score.Precision);
        Assert.Equal(new Share(2, 3), score.Recall);
        Assert.Equal(new Share(1, 4), score.FalsePositiveRate);
        Assert.Equal(2.0 / 3, score.F1, 12);
        Assert.InRange(score.F1, score.F1Interval.Low, score.F1Interval.High);
    }

    private static (double Low, double High) Rounded((double Low, double High) interval) => (Math.Round(interval.Low, 4), Math.Round(interval.High, 4));
}
