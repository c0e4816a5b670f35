using CsCheck;
using Weir.Proxy.Policies;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Policies;

public class LocalRequestLimitsTests
{
    private const long Noon = 1_767_614_400_000;

    [Fact]
    public void No_two_windows_side_by_side_let_more_than_their_share_pass()
    {
        var limits = new LocalRequestLimits(64);

        // All of a window at its end, and as much again at once in the next: what fixed windows let through.
        int last = Enumerable.Range(0, 100).Count(i => Take(limits, 1, 100, 60, Noon + 59_000 + i));
        int next = Enumerable.Range(0, 100).Count(i => Take(limits, 1, 100, 60, Noon + 60_000 + i));

        Assert.Equal(100, last);
        Assert.InRange(next, 0, 1);
        Assert.True(Take(limits, 1, 100, 60, Noon + 90_000));
    }

    [Fact]
    public void After_the_time_it_says_a_request_passes() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 300], Gen.Long[0, 600_000].Array[1, 200]).Sample((requests, seconds, times) =>
        {
            var limits = new LocalRequestLimits(64);
            foreach (long at in times.Order())
            {
                if (limits.TryTake(new LimitKey(7, 1), requests, seconds, Noon + at, out int wait))
                    continue;
                Assert.InRange(wait, 1, 2 * seconds);
                var later = new LocalRequestLimits(64);
                foreach (long before in times.Order().TakeWhile(t => t <= at))
                    Take(later, 1, requests, seconds, Noon + before);
                Assert.True(Take(later, 1, requests, seconds, Noon + at + (wait * 1000L)));
                return;
            }
        }, iter: 500);

    [Fact]
    public void Clients_and_rules_are_counted_apart()
    {
        var limits = new LocalRequestLimits(1024);
        Assert.True(limits.TryTake(new LimitKey(1, 1), 1, 60, Noon, out _));
        Assert.True(limits.TryTake(new LimitKey(2, 1), 1, 60, Noon, out _));
        Assert.True(limits.TryTake(new LimitKey(1, 2), 1, 60, Noon, out _));
        Assert.False(limits.TryTake(new LimitKey(1, 1), 1, 60, Noon, out _));
    }

    [Fact]
    public void A_million_clients_take_no_more_memory_and_none_is_refused_for_another()
    {
        var limits = new LocalRequestLimits(1024);
        int client = 0, refused = 0;
        AllocationBudget.Bytes(0, () =>
        {
            for (int i = 0; i < 1_000; i++)
                refused += Take(limits, client++, 1, 60, Noon) ? 0 : 1;
        });

        Assert.Equal(0, refused);
        Assert.InRange(client, 1_000_000, int.MaxValue);
    }

    [Fact]
    public async Task Threads_together_get_what_one_would()
    {
        var limits = new LocalRequestLimits(1024);
        using var start = new Barrier(4);
        // Each round a new key, met by all at once: they must agree on its place.
        for (int round = 1; round <= 200; round++)
        {
            int client = round;
            var passed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                return Enumerable.Range(0, 100).Count(i => Take(limits, client, 50, 60, Noon + i));
            }, TaskCreationOptions.LongRunning)));

            Assert.Equal(50, passed.Sum());
        }
    }

    [Fact]
    public void Every_answer_is_that_of_a_plain_count_of_two_windows() =>
        Traffic.Sample((requests, seconds, times) =>
        {
            var limits = new LocalRequestLimits(64);
            var passed = new List<long>();
            foreach (long at in times.Order().Select(t => Noon + t))
            {
                long start = at - (at % (seconds * 1000L));
                double over = (at - start) / (seconds * 1000.0);
                int before = passed.Count(p => p >= start - (seconds * 1000L) && p < start);
                bool mayPass = (before * (1 - over)) + passed.Count(p => p >= start) + 1 <= requests;

                Assert.Equal(mayPass, Take(limits, 1, requests, seconds, at));
                if (mayPass)
                    passed.Add(at);
            }
        }, iter: 2000);

    [Fact]
    public void No_window_of_its_length_holds_twice_the_limit_and_none_from_a_multiple_more_than_it() =>
        Traffic.Sample((requests, seconds, times) =>
        {
            var limits = new LocalRequestLimits(64);
            long length = seconds * 1000L;
            var passed = times.Order().Select(t => Noon + t).Where(at => Take(limits, 1, requests, seconds, at)).ToList();

            // The exact window: every one that ends with a request that passed.
            Assert.All(passed, at => Assert.InRange(passed.Count(p => p > at - length && p <= at), 1, (2 * requests) - 1));
            Assert.All(passed.GroupBy(p => p / length), window => Assert.InRange(window.Count(), 1, requests));
        }, iter: 2000);

    [Fact]
    public void What_other_edges_let_pass_counts_like_the_own_and_fades_with_its_window()
    {
        var limits = new LocalRequestLimits(64);
        uint start = (uint)(Noon / 1000);
        Assert.True(Take(limits, 1, 100, 60, Noon));
        limits.SetOthers(new LimitKey(7, 1), start, 90, 0);
        limits.SetOthers(new LimitKey(7, 2), start, 90, 0);

        Assert.Equal(9, Enumerable.Range(0, 50).Count(_ => Take(limits, 1, 100, 60, Noon)));
        Assert.Equal(100, Enumerable.Range(0, 200).Count(_ => Take(limits, 2, 100, 60, Noon)));
        // Half of the hundred is left of them half a window later, and nothing two windows later.
        Assert.Equal(50, Enumerable.Range(0, 200).Count(_ => Take(limits, 1, 100, 60, Noon + 90_000)));
        Assert.Equal(100, Enumerable.Range(0, 200).Count(_ => Take(limits, 1, 100, 60, Noon + 240_000)));
    }

    private static Gen<(int Requests, int Seconds, long[] Times)> Traffic =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 20], Gen.OneOf(Gen.Long[0, 60_000], Gen.Long[19_000, 21_000]).Array[1, 120]);

    private static bool Take(LocalRequestLimits limits, int client, int requests, int seconds, long timeMs) =>
        limits.TryTake(new LimitKey(7, (UInt128)client), requests, seconds, timeMs, out _);
}
