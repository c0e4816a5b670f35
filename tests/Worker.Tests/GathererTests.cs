using Microsoft.Extensions.Time.Testing;
using Weir.Worker.Citations;
using Weir.Worker.Scans;

namespace Weir.Worker.Tests;

/// <summary>Scans that are told of together.</summary>
public sealed class GathererTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<int> _calls = [];

    [Fact]
    public async Task What_comes_within_a_moment_is_one_call_of_at_most_a_hundred_and_each_has_its_answer()
    {
        var gatherer = new Gatherer<int>(TellAsync, _time);
        var told = Enumerable.Range(0, 250).Select(gatherer.TellAsync).ToList();
        Assert.Equal([100, 100], _calls);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        var outcomes = await Task.WhenAll(told);
        Assert.Equal([100, 100, 50], _calls);
        Assert.All(outcomes.Index(), o => Assert.Equal(o.Index % 3 == 0 ? TellOutcome.NotHeld : TellOutcome.Told, o.Item));

        var last = gatherer.TellAsync(1);
        Assert.False(last.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(TellOutcome.Told, await last);
    }

    [Fact]
    public async Task Each_scan_of_a_call_without_an_answer_hears_so()
    {
        var gatherer = new Gatherer<int>(_ => throw new ApiAwayException("Nobody is there."), _time);
        Task<TellOutcome>[] told = [gatherer.TellAsync(1), gatherer.TellAsync(2)];
        _time.Advance(TimeSpan.FromMilliseconds(50));
        foreach (var one in told)
            Assert.Equal("Nobody is there.", (await Assert.ThrowsAsync<ApiAwayException>(() => one)).Message);
    }

    [Fact]
    public async Task One_scan_that_the_API_refuses_or_another_holds_keeps_no_other_from_being_told()
    {
        await using var world = await ScanWorld.NewAsync();
        await world.AddScansAsync(5);
        using var api = new ScanApi(world.Options());
        var scans = await api.LeaseAsync("chatgpt", 5, CancellationToken.None);
        Assert.Equal(5, scans.Count);
        var late = scans[1] with { FencingToken = 99 };
        FailedScan[] failed = [.. new[] { scans[0], late, scans[2], scans[3], scans[4] }.Select((s, i) => new FailedScan(s, "no", i == 3 ? "nonsense" : "error", null))];
        Assert.Equal([TellOutcome.Told, TellOutcome.NotHeld, TellOutcome.Told, TellOutcome.Refused, TellOutcome.Told], await api.FailAsync(failed));
        Assert.Equal([TellOutcome.NotHeld, TellOutcome.Told], await api.HeartbeatAsync([scans[0], scans[3]], CancellationToken.None));
        Assert.Equal([TellOutcome.Told], await api.CompleteAsync([new FoundScan(scans[3], CitationFinder.Find("Yes.", [], "query", new BrandMarks(["Acme"], []), null))]));
    }

    private Task<IReadOnlyList<TellOutcome>> TellAsync(IReadOnlyList<int> some)
    {
        _calls.Add(some.Count);
        return Task.FromResult<IReadOnlyList<TellOutcome>>([.. some.Select(i => i % 3 == 0 ? TellOutcome.NotHeld : TellOutcome.Told)]);
    }
}
