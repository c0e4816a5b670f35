using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weir.Analytics.Api.Hosting;

namespace Weir.Analytics.Api.Tests.Hosting;

public sealed class ReportCacheTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ReportCache _cache;
    private int _made;

    public ReportCacheTests() => _cache = new ReportCache(
        new AnalyticsOptions { ReportCacheBytes = 100_000 }, TimeProvider.System, _services.GetRequiredService<IMeterFactory>());

    public void Dispose()
    {
        _cache.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Equal_questions_at_a_time_are_one_and_its_answer_is_kept()
    {
        var gate = new TaskCompletionSource();
        var asked = Enumerable.Range(0, 20).Select(_ => _cache.GetAsync("a", Minute, false, () => MakeAsync(gate.Task), default)).ToList();
        gate.SetResult();
        var answers = await Task.WhenAll(asked);

        Assert.Equal(1, _made);
        Assert.Single(answers.Distinct());
        Assert.Same(answers[0], await _cache.GetAsync("a", Minute, false, () => MakeAsync(), default));
        Assert.NotSame(answers[0], await _cache.GetAsync("b", Minute, false, () => MakeAsync(), default));
    }

    [Fact]
    public async Task Who_wants_none_that_is_kept_gets_a_new_one_and_it_is_kept()
    {
        var old = await _cache.GetAsync("a", Minute, false, () => MakeAsync(), default);
        var fresh = await _cache.GetAsync("a", Minute, true, () => MakeAsync(), default);

        Assert.NotSame(old, fresh);
        Assert.Same(fresh, await _cache.GetAsync("a", Minute, false, () => MakeAsync(), default));
    }

    [Fact]
    public async Task A_failure_is_everybodys_and_is_not_kept()
    {
        var gate = new TaskCompletionSource();
        var asked = Enumerable.Range(0, 3).Select(_ => _cache.GetAsync("a", Minute, false, () => MakeAsync(gate.Task), default)).ToList();
        gate.SetException(new InvalidOperationException("away"));

        foreach (var one in asked)
            await Assert.ThrowsAsync<InvalidOperationException>(() => one);
        await _cache.GetAsync("a", Minute, false, () => MakeAsync(), default);
        Assert.Equal(2, _made);
    }

    [Fact]
    public async Task Who_asked_first_and_left_takes_nobody_along()
    {
        var gate = new TaskCompletionSource();
        var first = _cache.GetAsync("a", Minute, false, () => MakeAsync(gate.Task), default);
        var second = _cache.GetAsync("a", Minute, false, () => MakeAsync(), default);
        gate.SetCanceled(TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.NotNull(await second);
    }

    [Fact]
    public async Task Who_waits_for_another_may_leave()
    {
        var gate = new TaskCompletionSource();
        var first = _cache.GetAsync("a", Minute, false, () => MakeAsync(gate.Task), default);
        using var leave = new CancellationTokenSource();
        var second = _cache.GetAsync("a", Minute, false, () => MakeAsync(), leave.Token);
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.SetResult();
        Assert.NotNull(await first);
        Assert.Equal(1, _made);
    }

    [Fact]
    public async Task Answers_take_no_more_memory_than_allowed()
    {
        for (int i = 0; i < 100; i++)
            await _cache.GetAsync($"{i}", Minute, false, () => MakeAsync(bytes: 10_000), default);
        _made = 0;
        for (int i = 0; i < 100; i++)
            await _cache.GetAsync($"{i}", Minute, false, () => MakeAsync(bytes: 10_000), default);

        Assert.InRange(_made, 90, 100);
    }

    private async Task<KeptAnswer> MakeAsync(Task? wait = null, int bytes = 10)
    {
        Interlocked.Increment(ref _made);
        await (wait ?? Task.CompletedTask);
        return new KeptAnswer(Results.Ok(), bytes);
    }
}
