using System.Text.Json;
using Weir.TestKit;

namespace Weir.Worker.Tests;

/// <summary>Scans leased from a real API, asked of an engine that is good or bad, and completed.</summary>
public sealed class WorkerTests : IAsyncLifetime
{
    private ScanWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ScanWorld.NewAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_citation_is_found_proven_and_then_lost()
    {
        var targets = await _world.AddScansAsync(1);
        _world.Engine.Answer = (http, _) => StandInEngine.SayAsync(http, "Cheap ones: https://shop.acme.example/widgets and others.", links: ["https://rival.example/"]);
        await _world.StartAsync(_world.Options() with { AnswerLife = TimeSpan.Zero });
        await _world.DoneAsync(1);
        var result = await _world.ResultAsync(targets[0]);
        Assert.Equal("cited", result.GetProperty("result").GetString());
        var evidence = result.GetProperty("evidence");
        Assert.Equal("https://shop.acme.example/widgets", evidence.GetProperty("urls")[0].GetString());
        Assert.Equal((1, 2), (evidence.GetProperty("position").GetInt32(), evidence.GetProperty("sources").GetInt32()));
        Assert.Equal("stand-in", evidence.GetProperty("model").GetString());

        _world.Engine.Answer = (http, _) => StandInEngine.SayAsync(http, "Only https://rival.example/.");
        await _world.DueAsync(targets);
        await _world.DoneAsync(2);
        Assert.Equal("lost_citation", (await _world.ResultAsync(targets[0])).GetProperty("result").GetString());
    }

    [Fact]
    public async Task Many_scans_are_each_asked_and_completed_once_by_several_workers()
    {
        var targets = await _world.AddScansAsync(300);
        for (int i = 0; i < 3; i++)
            await _world.StartAsync(_world.Options() with { Name = $"worker-{i}" });
        await _world.DoneAsync(300);
        Assert.Equal(300, _world.Engine.Asked.Select(a => a.Question).Distinct().Count());
        foreach (long target in targets.Where((_, i) => i % 30 == 0))
            Assert.Single(await _world.ResultsAsync(target));
    }

    [Fact]
    public async Task The_same_query_is_asked_once_and_a_fresh_trigger_asks_anew()
    {
        var targets = await _world.AddScansAsync(1);
        await _world.StartAsync(_world.Options());
        await _world.DoneAsync(1);
        await _world.DueAsync(targets);
        await _world.DoneAsync(2);
        Assert.Single(_world.Engine.Asked);
        Assert.True((await _world.ResultAsync(targets[0])).GetProperty("evidence").GetProperty("isShared").GetBoolean());
    }

    [Fact]
    public async Task An_engine_that_fails_for_a_while_costs_no_scan_and_no_false_result()
    {
        var targets = await _world.AddScansAsync(1);
        _world.Engine.Answer = (http, _) => StandInEngine.SayAsync(http, "https://acme.example/");
        var log = new WorkerLog();
        await _world.StartAsync(_world.Options() with { AnswerLife = TimeSpan.Zero }, log);
        await _world.DoneAsync(1);

        _world.Engine.Answer = (http, _) => StandInEngine.SendAsync(http, "<html>busy</html>");
        await _world.DueAsync(targets);
        var more = await _world.AddScansAsync(20);
        await ScanWorld.UntilAsync(() => Task.FromResult(log.Lines.Any(l => l.Contains("Degraded: last known is 'cited', 0.0 h old.", StringComparison.Ordinal))), "a degraded answer");
        await ScanWorld.UntilAsync(() => Task.FromResult(_world.Engine.Asked.Count >= 7), "a breaker that opened");
        Assert.Single(await _world.ResultsAsync(targets[0]));
        Assert.DoesNotContain(log.Lines, l => l.Contains("busy", StringComparison.Ordinal) || l.Contains(_world.Key, StringComparison.Ordinal));

        _world.Engine.Answer = (http, _) => StandInEngine.SayAsync(http, "https://acme.example/");
        await _world.DoneAsync(22);
        foreach (long target in more)
            Assert.Single(await _world.ResultsAsync(target));
    }

    [Fact]
    public async Task An_engine_that_is_slow_is_waited_for_under_the_same_lease()
    {
        await _world.AddScansAsync(1);
        var release = new TaskCompletionSource();
        _world.Engine.Answer = async (http, _) =>
        {
            await release.Task;
            await StandInEngine.SayAsync(http, "Done.");
        };
        await _world.StartAsync(_world.Options() with { Lease = TimeSpan.FromSeconds(6) });
        await ScanWorld.UntilAsync(async () => (await _world.ScansAsync("leased")).Count == 1, "a leased scan");
        var first = LeasedUntil((await _world.ScansAsync("leased"))[0]);
        // Longer than the lease it began with.
        await ScanWorld.UntilAsync(async () => LeasedUntil((await _world.ScansAsync("leased"))[0]) > first.AddSeconds(7), "heartbeats");
        release.SetResult();
        await _world.DoneAsync(1);
        Assert.Single(_world.Engine.Asked);
        Assert.Equal(1, (await _world.ScansAsync("done"))[0].GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task An_engine_that_names_its_limit_is_not_asked_more_at_a_time()
    {
        await _world.AddScansAsync(200);
        int now = 0, refused = 0;
        _world.Engine.Answer = async (http, _) =>
        {
            try
            {
                if (Interlocked.Increment(ref now) > 4)
                {
                    Interlocked.Increment(ref refused);
                    await StandInEngine.SendAsync(http, "", status: 429);
                    return;
                }
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
                await StandInEngine.SayAsync(http, "Yes.");
            }
            finally
            {
                Interlocked.Decrement(ref now);
            }
        };
        var options = _world.Options();
        await _world.StartAsync(options with { Engines = [options.Engines[0] with { ConcurrencyStart = 64 }] });
        await _world.DoneAsync(200);
        Assert.True(refused < 200, $"{refused} of {_world.Engine.Asked.Count} questions were refused");
    }

    [Fact]
    public async Task A_worker_that_stops_gives_its_leases_back_and_loses_nothing()
    {
        await _world.AddScansAsync(5);
        _world.Engine.Answer = (http, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        var log = new WorkerLog();
        var worker = await _world.StartAsync(_world.Options() with { DrainTimeout = TimeSpan.FromMilliseconds(100), Lease = TimeSpan.FromHours(1) }, log);
        await ScanWorld.UntilAsync(async () => (await _world.ScansAsync("leased")).Count == 5, "five leases");
        await worker.StopAsync(CancellationToken.None);
        Assert.True(log.Lines.Count(l => l.Contains("The worker was stopped", StringComparison.Ordinal)) == 5, string.Join('\n', log.Lines));
        Assert.Empty(await _world.ScansAsync("leased"));

        _world.Engine.Answer = (http, _) => StandInEngine.SayAsync(http, "Yes.");
        await _world.StartAsync(_world.Options());
        await _world.DoneAsync(5);
    }

    [Fact]
    public async Task Another_engine_goes_on_while_one_is_away()
    {
        await using var away = await StandInEngine.StartAsync();
        away.Answer = (http, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        await _world.AddScansAsync(30, "perplexity");
        await _world.AddScansAsync(30);
        await _world.StartAsync(_world.Options(("perplexity", away.Url), ("chatgpt", _world.Engine.Url)) with { DrainTimeout = TimeSpan.Zero });
        await _world.DoneAsync(30);
    }

    private static DateTimeOffset LeasedUntil(JsonElement scan) => scan.GetProperty("leasedUntil").GetDateTimeOffset();
}
