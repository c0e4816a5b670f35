using Weir.Detection.Claims;

namespace Weir.Tests.Claims;

public class UserAgentCacheTests
{
    [Fact]
    public void A_reading_is_found_again_and_another_text_is_not()
    {
        var cache = new UserAgentCache(64, seed: 1);
        var reading = new UserAgentReading(17, default(Weir.Detection.ReasonSet).With(Weir.Detection.Reason.CrawlerToken), browser: new Browser(0xBEEF));

        cache.Set(cache.KeyOf("GPTBot/1.2"), reading);

        Assert.True(cache.TryGet(cache.KeyOf("GPTBot/1.2"), out var found));
        Assert.Equal(reading, found);
        Assert.Equal((17, new Browser(0xBEEF)), (found.Crawler, found.Browser));
        Assert.False(cache.TryGet(cache.KeyOf("GPTBot/1.3"), out _));
        Assert.Equal((1, 1), (cache.Hits, cache.Misses));
    }

    [Fact]
    public async Task Threads_that_overwrite_each_other_never_read_a_mixed_entry()
    {
        // 16 entries for 400 texts: every set is fought over. A reading carries its text's number, so a wrong one shows.
        var cache = new UserAgentCache(16, seed: 1);
        var texts = Enumerable.Range(0, 400).Select(i => $"Reader/{i}").ToArray();
        int found = 0;
        var work = Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            var random = new Random(t);
            for (int i = 0; i < 100_000; i++)
            {
                int n = random.Next(texts.Length);
                var key = cache.KeyOf(texts[n]);
                if (cache.TryGet(key, out var reading))
                {
                    Assert.Equal(n, reading.Crawler);
                    Interlocked.Increment(ref found);
                }
                else
                {
                    cache.Set(key, new UserAgentReading(n, default, browser: new Browser((ushort)n)));
                }
            }
        }));
        await Task.WhenAll(work);

        Assert.True(found > 0);
    }
}
