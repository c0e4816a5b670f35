namespace Weir.Delivery.Tests;

public class RetryScheduleTests
{
    [Fact]
    public void Ten_attempts_span_three_days()
    {
        var waits = Enumerable.Range(1, 20).Select(n => RetrySchedule.WaitAfter(n, 0.5)).TakeWhile(w => w is not null).ToList();

        Assert.Equal(10, RetrySchedule.AttemptsMax);
        Assert.Equal(9, waits.Count);
        Assert.Equal(waits.Order(), waits);
        Assert.Equal(new TimeSpan(75, 35, 5), waits.Aggregate(TimeSpan.Zero, (a, w) => a + w!.Value));
    }

    [Fact]
    public void Jitter_moves_a_wait_by_a_tenth_at_most()
    {
        Assert.Equal(TimeSpan.FromHours(2) * 0.9, RetrySchedule.WaitAfter(4, 0));
        Assert.Equal(TimeSpan.FromHours(2) * 1.1, RetrySchedule.WaitAfter(4, 1));
    }

    [Fact]
    public void A_receiver_may_ask_for_more_time_up_to_a_day_and_not_for_less()
    {
        Assert.Equal(TimeSpan.FromHours(1), RetrySchedule.WaitAfter(1, 0.5, TimeSpan.FromHours(1)));
        Assert.Equal(TimeSpan.FromHours(24), RetrySchedule.WaitAfter(1, 0.5, TimeSpan.FromDays(400)));
        Assert.Equal(TimeSpan.FromSeconds(5), RetrySchedule.WaitAfter(1, 0.5, TimeSpan.FromSeconds(-7)));
        Assert.Null(RetrySchedule.WaitAfter(10, 0.5, TimeSpan.FromHours(1)));
    }
}
