using Microsoft.Extensions.Time.Testing;
using Weir.Analytics.Api.Reports;

namespace Weir.Analytics.Api.Tests.Reports;

public class ShortLivedTests
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private int _looks;

    [Fact]
    public async Task A_finding_counts_for_its_life()
    {
        var finding = New(Life, () => Task.FromResult(++_looks));

        Assert.Equal(1, await finding.ReadAsync(default));
        _time.Advance(Life - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await finding.ReadAsync(default));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, await finding.ReadAsync(default));
    }

    [Fact]
    public async Task All_who_ask_at_a_time_wait_for_one_look()
    {
        var gate = new TaskCompletionSource<int>();
        var finding = New(Life, () => { Interlocked.Increment(ref _looks); return gate.Task; });

        var all = Enumerable.Range(0, 50).Select(_ => Task.Run(() => finding.ReadAsync(default))).ToList();
        gate.SetResult(7);

        Assert.All(await Task.WhenAll(all), n => Assert.Equal(7, n));
        Assert.Equal(1, _looks);
    }

    [Fact]
    public async Task Who_leaves_takes_nobody_along()
    {
        var gate = new TaskCompletionSource<int>();
        var finding = New(Life, () => gate.Task);
        using var leaving = new CancellationTokenSource();

        var first = finding.ReadAsync(leaving.Token);
        var second = finding.ReadAsync(default);
        await leaving.CancelAsync();
        gate.SetResult(7);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(7, await second);
    }

    [Fact]
    public async Task A_look_that_failed_is_made_again()
    {
        var finding = New(Life, () => ++_looks == 1 ? Task.FromException<int>(new InvalidOperationException("away")) : Task.FromResult(_looks));

        await Assert.ThrowsAsync<InvalidOperationException>(() => finding.ReadAsync(default));
        Assert.Equal(2, await finding.ReadAsync(default));
    }

    [Fact]
    public async Task Without_a_life_each_looks_for_itself()
    {
        var finding = New(TimeSpan.Zero, () => Task.FromResult(++_looks));

        Assert.Equal(1, await finding.ReadAsync(default));
        Assert.Equal(2, await finding.ReadAsync(default));
    }

    private ShortLived<int> New(TimeSpan life, Func<Task<int>> find) => new(life, _time, find);
}
