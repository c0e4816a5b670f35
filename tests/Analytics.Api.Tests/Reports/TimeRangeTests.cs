using Weir.Analytics.Api.Reports;

namespace Weir.Analytics.Api.Tests.Reports;

public class TimeRangeTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 3, 10, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 24, false)]
    [InlineData(0.5, 24, true)]
    [InlineData(0, 23.5, true)]
    [InlineData(0.25, 0.5, true)]
    public void A_span_has_edges_where_it_reaches_beyond_its_whole_hours(double from, double to, bool hasEdges) =>
        Assert.Equal(hasEdges, new TimeRange(Midnight.AddHours(from), Midnight.AddHours(to)).HasEdges);

    [Fact]
    public void The_span_before_is_as_long()
    {
        var before = new TimeRange(Midnight, Midnight.AddDays(1)).Previous(Midnight.AddDays(30))!.Value;

        Assert.Equal((Midnight.AddDays(-1), Midnight), (before.From, before.To));
    }

    [Fact]
    public void Of_a_span_that_is_not_over_as_much_is_compared_as_has_passed()
    {
        var before = new TimeRange(Midnight, Midnight.AddDays(1)).Previous(Midnight.AddHours(23.4))!.Value;

        Assert.Equal((Midnight.AddDays(-1), Midnight.AddHours(-0.6)), (before.From, before.To));
    }

    [Fact]
    public void Of_a_span_to_come_the_one_before_is_whole()
    {
        var before = new TimeRange(Midnight, Midnight.AddDays(1)).Previous(Midnight.AddDays(-3))!.Value;

        Assert.Equal((Midnight.AddDays(-1), Midnight), (before.From, before.To));
    }

    [Fact]
    public void Before_1970_there_is_none() =>
        Assert.Null(new TimeRange(DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.UnixEpoch.AddDays(3)).Previous(Midnight));
}
