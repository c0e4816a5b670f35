using Weir.Ingest.Buffering;
using Weir.TestKit;

namespace Weir.Ingest.Tests.Buffering;

public class HitChannelTests
{
    [Fact]
    public void A_full_channel_loses_the_hit_that_comes_and_counts_it()
    {
        var losses = new LossCounters();
        var channel = new HitChannel(10, losses);
        int taken = Enumerable.Range(0, 25).Count(i => channel.TryWrite(Hits.Number(i)));
        Assert.Equal(16, taken);
        Assert.Equal(new Loss(LossReason.ChannelFull, Hits.Site, 9), Assert.Single(losses.All()));
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

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(4096)]
    public async Task Each_hit_of_several_writers_is_read_once_and_in_its_writer_s_order(int capacity)
    {
        const int Writers = 4, HitsOfWriter = 50_000;
        var losses = new LossCounters();
        var channel = new HitChannel(capacity, losses);
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (int i = 1; i <= HitsOfWriter; i++)
                channel.TryWrite(Hits.Number(1) with { HitId = (ulong)i, Asn = (uint)writer, BytesSent = (ulong)((writer * 1_000_000) + i) });
        })).ToArray();
        var closing = Task.WhenAll(writing).ContinueWith(_ => channel.Close(), TaskScheduler.Default);
        var last = new ulong[Writers];
        long read = 0;
        while (await channel.Reader.WaitToReadAsync(TestContext.Current.CancellationToken))
        {
            while (channel.Reader.TryRead(out var hit))
            {
                Assert.True(hit.HitId > last[hit.Asn], $"writer {hit.Asn}: {hit.HitId} behind {last[hit.Asn]}");
                Assert.Equal((hit.Asn * 1_000_000) + hit.HitId, hit.BytesSent);
                last[hit.Asn] = hit.HitId;
                read++;
            }
        }
        await closing;

        Assert.Equal(Writers * HitsOfWriter, read + losses.Total);
        Assert.True(read > 0);
    }

    [Fact]
    public async Task A_reader_that_sleeps_is_woken_by_each_hit_and_by_the_end()
    {
        var channel = new HitChannel(16, new LossCounters());
        for (int i = 0; i < 2_000; i++)
        {
            var waiting = channel.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask();
            Assert.True(channel.TryWrite(Hits.Number(i)));
            Assert.True(await waiting);
            Assert.True(channel.Reader.TryRead(out var hit));
            Assert.Equal((ulong)i + 1, hit.HitId);
        }
        var last = channel.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask();
        channel.Close();
        Assert.False(await last);
    }

    [Fact]
    public void Writing_and_losing_hits_allocates_nothing()
    {
        var channel = new HitChannel(1_024, new LossCounters());
        var hit = Hits.Number(1);
        void FillAndDrain()
        {
            for (int i = 0; i < 1_500; i++)
                channel.TryWrite(hit);
            while (channel.Reader.TryRead(out _))
            {
            }
        }

        AllocationBudget.Bytes(0, FillAndDrain);
    }
}
