using Microsoft.Extensions.Time.Testing;
using Weir.Scheduling.Results;

namespace Weir.Scheduling.Tests.Results;

public sealed class KeptAnswersTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly KeptAnswers<string, int> _answers;
    private TimeSpan _takes = TimeSpan.FromSeconds(2);
    private int _made;

    public KeptAnswersTests() => _answers = new KeptAnswers<string, int>(_time);

    [Fact]
    public async Task What_takes_a_moment_is_made_for_each_who_asks()
    {
        _takes = TimeSpan.FromMilliseconds(20);
        Assert.Equal((1, 2, 3), (await AskAsync(), await AskAsync(), await AskAsync()));
    }

    [Fact]
    public async Task What_takes_long_is_given_as_it_was_and_made_anew_beside_that_once_it_is_old()
    {
        Assert.Equal((1, 1), (await AskAsync(), await AskAsync()));
        Assert.Equal(2, await AskAsync(isFresh: true));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, await AskAsync()); // nobody waits, and it is made
        int next = await AskUntilAsync(3);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(await AskAsync() > next); // too old to be looked at
    }

    [Fact]
    public async Task A_failure_is_told_to_who_asked_and_not_kept()
    {
        await Assert.ThrowsAsync<IOException>(() => _answers.GetAsync("a", false, () => throw new IOException("away"), default));
        Assert.Equal(1, await AskAsync());
    }

    private async Task<int> AskAsync(bool isFresh = false) => (await _answers.GetAsync("a", isFresh, () =>
    {
        _time.Advance(_takes);
        return Task.FromResult(Interlocked.Increment(ref _made));
    }, default)).Answer;

    private async Task<int> AskUntilAsync(int wanted)
    {
        int got;
        while ((got = await AskAsync()) < wanted)
            await Task.Yield();
        return got;
    }
}
