using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Policies;
using Weir.Proxy.SharedLimits;
using Weir.TestKit;

namespace Weir.Proxy.Tests.SharedLimits;

/// <summary>Edges that share limits through a real redis-server. Time is real: what Redis and the network do has no other.</summary>
public class SharedLimitsTests
{
    [Fact]
    public async Task Two_edges_let_a_shared_limit_pass_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await SharedEdge.StartAsync(redis.EndPoint);
        await using var two = await SharedEdge.StartAsync(redis.EndPoint);

        Assert.Equal(1, two.Take(1));
        Assert.Equal(60, one.Take(60));
        await KnowEachOtherAsync(one, two);
        Assert.Equal(39, two.Take(200));
        await KnowEachOtherAsync(one, two);

        Assert.Equal((0, 0), (one.Take(200), two.Take(200)));
        Assert.Equal(100, two.Take(200, client: 2));
    }

    [Fact]
    public async Task At_worst_every_other_edge_lets_the_limit_pass_once_more_before_it_knows()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await SharedEdge.StartAsync(redis.EndPoint);
        await using var two = await SharedEdge.StartAsync(redis.EndPoint);

        // All at once on both, in less time than any word between them takes.
        int passed = one.Take(1000) + two.Take(1000);
        await KnowEachOtherAsync(one, two);

        Assert.InRange(passed, 100, 200);
        Assert.Equal((0, 0), (one.Take(1000), two.Take(1000)));
    }

    [Fact]
    public async Task Requests_go_on_while_Redis_is_stopped_and_edges_agree_again_when_it_is_back()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await SharedEdge.StartAsync(redis.EndPoint);
        await using var two = await SharedEdge.StartAsync(redis.EndPoint);
        Assert.Equal((10, 10), (one.Take(10), two.Take(10)));
        await KnowEachOtherAsync(one, two);

        await redis.StopAsync();
        await one.NextAsync("unreachable");
        // Each by itself, with what it knew: 80 are left to each.
        Assert.Equal((30, 30), (one.Take(30), two.Take(30)));
        await two.NextAsync("unreachable");
        await redis.StartAgainAsync();
        await KnowEachOtherAsync(one, two);

        Assert.Equal(20, one.Take(200));
        await KnowEachOtherAsync(one, two);
        Assert.Equal(0, two.Take(200));
        Assert.Equal(["4090", "4091", "4090"], one.Log.Select(l => l[..4]));
        Assert.Contains("unreachable", one.Log.ElementAt(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_that_lost_everything_has_it_again_with_the_next_batch()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await SharedEdge.StartAsync(redis.EndPoint);
        await using var two = await SharedEdge.StartAsync(redis.EndPoint);
        Assert.Equal((50, 10), (one.Take(50), two.Take(10)));
        await KnowEachOtherAsync(one, two);

        await redis.CommandAsync("FLUSHALL");
        await KnowEachOtherAsync(one, two);

        Assert.Equal(40, two.Take(200));
        await KnowEachOtherAsync(one, two);
        Assert.Equal(0, one.Take(200));
    }

    [Fact]
    public async Task A_request_never_waits_for_a_Redis_that_hangs()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        var rule = new PolicyRule { Name = "all", Action = PolicyAction.Limit, IsEnforced = true, Limit = new RequestLimit(20, SharedEdge.Seconds) };
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url) with { Policy = [rule] }],
            o => o with { SharedLimits = new SharedLimitOptions { Servers = [redis.EndPoint] } });
        using var batches = edge.Count("weir.edge.limits.redis");
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(edge)).StatusCode);
        await Facts.UntilAsync(() => batches.Sum > 0);

        redis.Freeze();
        try
        {
            // Redis answers nothing from here on, so that any of these that waited for it would never end.
            for (int i = 1; i < 20; i++)
                Assert.Equal(HttpStatusCode.OK, (await GetAsync(edge)).StatusCode);
            var refused = await GetAsync(edge);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }
        finally
        {
            redis.Thaw();
        }
    }

    [Fact]
    public async Task A_hang_is_counted_and_told_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await SharedEdge.StartAsync(redis.EndPoint);
        one.Take(1);
        await one.NextAsync("ok");
        redis.Freeze();
        await one.NextAsync("timeout");
        Assert.Equal(99, one.Take(200));
        redis.Thaw();
        await one.NextAsync("ok");

        Assert.Equal(["4090", "4091", "4090"], one.Log.Select(l => l[..4]));
        Assert.Equal("100", await redis.CommandAsync("EVAL", "return redis.call('HVALS', redis.call('KEYS', '*')[1])[1]", "0"));
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_the_right_one_never_shown()
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "correct-horse");
        await using var wrong = await SharedEdge.StartAsync(redis.EndPoint, "battery-staple");
        await using var right = await SharedEdge.StartAsync(redis.EndPoint, "correct-horse");
        Assert.Equal((100, 5), (wrong.Take(200), right.Take(5)));
        await right.NextAsync("ok");
        await Facts.UntilAsync(() => !wrong.Log.IsEmpty); // it is counted first, and then told

        Assert.True(wrong.Count("unreachable") + wrong.Count("refused") > 0);
        Assert.Equal("4091", wrong.Log.First()[..4]);
        Assert.DoesNotContain(wrong.Log.Concat(right.Log), l => l.Contains("correct-horse", StringComparison.Ordinal) || l.Contains("battery-staple", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Redis_that_takes_no_writes_leaves_limits_local_and_says_read_only()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await SharedEdge.StartAsync(redis.EndPoint);
        one.Take(1);
        await one.NextAsync("ok");

        await redis.CommandAsync("CONFIG", "SET", "min-replicas-to-write", "1");
        await one.NextAsync("read-only");
        Assert.Equal(99, one.Take(200));
        await redis.CommandAsync("CONFIG", "SET", "min-replicas-to-write", "0");
        await one.NextAsync("ok");
    }

    [Fact]
    public async Task Keys_expire_and_more_counts_than_there_is_room_for_stay_local()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await SharedEdge.StartAsync(redis.EndPoint, countsMax: 300);
        for (int client = 0; client < 500; client++)
            Assert.Equal(1, one.Take(5, limit: 1, client, seconds: 1) > 0 ? 1 : 0);
        await Facts.UntilAsync(() => one.Count("too-many-counts") > 0);
        await one.NextAsync("ok");
        Assert.Matches("^[1-9]", await redis.CommandAsync("DBSIZE"));

        string left = "";
        while (left != "0")
            left = await redis.CommandAsync("DBSIZE");
    }

    [Fact]
    public async Task What_the_queue_cannot_hold_is_counted_here_and_told_as_shed()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await SharedEdge.StartAsync(redis.EndPoint, queueMax: 10);

        Assert.Equal(1000, one.Take(5000, limit: 1000));
        Assert.InRange(one.Count("queue-full"), 1, 990);
    }

    [Fact]
    public async Task A_cluster_gets_each_slot_in_a_call_of_its_own()
    {
        await using var redis = await RedisServer.StartAsync("--cluster-enabled", "yes");
        await redis.CommandAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        while (!(await redis.CommandAsync("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal))
            await Task.Yield();
        await using var one = await SharedEdge.StartAsync(redis.EndPoint);
        await using var two = await SharedEdge.StartAsync(redis.EndPoint);
        for (int client = 0; client < 100; client++)
            Assert.Equal((6, 4), (one.Take(6, 10, client), two.Take(4, 10, client)));
        await KnowEachOtherAsync(one, two);

        Assert.Equal(0, Enumerable.Range(0, 100).Sum(client => one.Take(1, 10, client) + two.Take(1, 10, client)));
        Assert.DoesNotContain(one.Log, l => l.StartsWith("4091", StringComparison.Ordinal));
    }

    [Fact]
    public void Deciding_by_the_local_view_allocates_nothing()
    {
        var options = new SharedLimitOptions { Servers = [], QueueMax = 64 };
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new SharedLimitMetrics(services.GetRequiredService<IMeterFactory>());
        var limits = new SharedRequestLimits(new LocalRequestLimits(1024), options, metrics);
        long time = 1_767_614_400_000;

        // The queue empties at the pace of a reconciler, and is full in between.
        Assert.Equal(0, Allocations.Of(() =>
        {
            limits.TryTake(new LimitKey(7, 1), 50_000, 60, time += 10, out int _);
            if (time % 1000 == 0)
            {
                while (limits.Taken.TryRead(out _))
                {
                }
            }
        }));
    }

    // Twice: a batch of the first that the second's look then sees.
    private static async Task KnowEachOtherAsync(SharedEdge one, SharedEdge two)
    {
        for (int i = 0; i < 2; i++)
            await Task.WhenAll(one.NextAsync("ok"), two.NextAsync("ok"));
    }

    private static Task<HttpResponseMessage> GetAsync(Edge edge) =>
        edge.Client.GetAsync(new Uri("http://www.example.com/page"), TestContext.Current.CancellationToken);
}
