using Weir.Ingest.Buffering;

namespace Weir.Ingest.Tests.Buffering;

public class HitChannelTests
{
    [Fact]
    public void A_full_channel_loses_the_hit_that_comes_and_counts_it()
    {
        var losses = new LossCounters();
        var channel = new HitChannel(10, losses);
        int taken = Enumerable.Range(0, 25).Count(i => channel.TryWrite(Hits.Number(i)));
        Assert.Equal(10, taken);
        Assert.Equal(new Loss(LossReason.ChannelFull, Hits.Site, 15), Assert.Single(losses.All()));
    }

    [Fact]
    public void A_closed_channel_counts_with_another_reason()
    {
        var losses = new LossCounters();
        var channel = new HitChannel(10, losses);
        channel.Close();
        Assert.False(channel.TryWrite(Hits.Number(1)));
        Assert.Equal(LossReason.ShutdownTimeout, Assert.Single(losses.All()).Reason);
    }

    [Fact]
    public void Writing_and_losing_hits_allocates_nothing()
    {
        var channel = new HitChannel(1_000, new LossCounters());
        var hit = Hits.Number(1);
        void FillAndDrain()
        {
            for (int i = 0; i < 1_500; i++)
                channel.TryWrite(hit);
            while (channel.Reader.TryRead(out _))
            {
            }
        }

        FillAndDrain();
        long before = GC.GetAllocatedBytesForCurrentThread();
        FillAndDrain();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
