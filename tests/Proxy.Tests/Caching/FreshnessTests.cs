using Microsoft.Extensions.Primitives;
using Weir.Proxy.Caching;

namespace Weir.Proxy.Tests.Caching;

/// <summary>The arithmetic against a plain model written from RFC 9111 §4.2, with dates instead of numbers.</summary>
public class FreshnessTests
{
    [Fact]
    public void Ages_and_lifetimes_equal_the_plain_model()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var epoch = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (int i = 0; i < 20_000; i++)
        {
            var date = epoch.AddSeconds(random.Next(-5000, 5000));
            var request = epoch.AddMilliseconds(random.Next(-5_000_000, 5_000_000));
            var response = request.AddMilliseconds(random.Next(0, 30_000));
            int age = random.Next(3) == 0 ? random.Next(0, 5000) : 0;
            DateTimeOffset? expires = random.Next(3) == 0 ? null : date.AddSeconds(random.Next(-100, 5000));
            DateTimeOffset? modified = random.Next(2) == 0 ? null : date.AddSeconds(-random.Next(-100, 2_000_000));
            bool hasExpires = random.Next(2) == 0;
            string text = string.Join(", ", new[] { ("max-age", random.Next(4000)), ("s-maxage", random.Next(4000)) }.Where(_ => random.Next(3) == 0).Select(d => $"{d.Item1}={d.Item2}"));
            var control = CacheControl.Read(text);

            // §4.2.3, word by word; the response's second, because Date has no finer one.
            var second = DateTimeOffset.FromUnixTimeSeconds(response.ToUnixTimeSeconds());
            var apparentAge = second > date ? second - date : TimeSpan.Zero;
            var correctedAge = TimeSpan.FromSeconds(age) + (response - request);
            var initial = apparentAge > correctedAge ? apparentAge : correctedAge;
            // §4.2.1
            var directives = text.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(d => d.Split('=')).ToDictionary(d => d[0], d => int.Parse(d[1]));
            TimeSpan lifetime;
            if (directives.TryGetValue("s-maxage", out int shared))
                lifetime = TimeSpan.FromSeconds(shared);
            else if (directives.TryGetValue("max-age", out int own))
                lifetime = TimeSpan.FromSeconds(own);
            else if (hasExpires)
                lifetime = expires is null || expires < date ? TimeSpan.Zero : expires.Value - date;
            else if (modified is null || modified > date)
                lifetime = TimeSpan.Zero;
            else
                lifetime = new[] { (date - modified.Value) / 10, TimeSpan.FromDays(1) }.Min();

            Assert.True((long)initial.TotalMilliseconds == Freshness.InitialAge(date.ToUnixTimeMilliseconds(), age, request.ToUnixTimeMilliseconds(), response.ToUnixTimeMilliseconds()),
                $"seed {seed}, case {i}: age");
            Assert.True((long)lifetime.TotalMilliseconds == Freshness.Lifetime(control, hasExpires, expires?.ToUnixTimeMilliseconds(), date.ToUnixTimeMilliseconds(), modified?.ToUnixTimeMilliseconds()),
                $"seed {seed}, case {i}: lifetime");
        }
    }

    [Theory]
    [InlineData("max-age=60", 59, "", Standing.Fresh)]
    [InlineData("max-age=60", 60, "", Standing.Stale)]
    [InlineData("max-age=60, no-cache", 0, "", Standing.Stale)]
    [InlineData("max-age=60", 10, "no-cache", Standing.Stale)]
    [InlineData("max-age=60", 10, "max-age=10", Standing.Fresh)]
    [InlineData("max-age=60", 11, "max-age=10", Standing.Stale)]
    [InlineData("max-age=60", 50, "min-fresh=10", Standing.Fresh)]
    [InlineData("max-age=60", 51, "min-fresh=10", Standing.Stale)]
    [InlineData("max-age=60", 70, "max-stale", Standing.StaleAccepted)]
    [InlineData("max-age=60", 70, "max-stale=10", Standing.StaleAccepted)]
    [InlineData("max-age=60", 71, "max-stale=10", Standing.Stale)]
    [InlineData("max-age=60, must-revalidate", 61, "max-stale", Standing.Stale)]
    [InlineData("max-age=60, proxy-revalidate", 61, "max-stale", Standing.Stale)]
    [InlineData("s-maxage=60", 61, "max-stale", Standing.Stale)]
    [InlineData("max-age=60, stale-while-revalidate=30", 90, "", Standing.StaleWhileRevalidate)]
    [InlineData("max-age=60, stale-while-revalidate=30", 91, "", Standing.Stale)]
    [InlineData("s-maxage=60, stale-while-revalidate=30", 70, "", Standing.StaleWhileRevalidate)]
    [InlineData("max-age=60, stale-while-revalidate=30, must-revalidate", 70, "", Standing.Stale)]
    [InlineData("max-age=60, stale-while-revalidate=30", 70, "no-cache", Standing.Stale)]
    public void Directives_of_answer_and_request_decide_together(string answer, int ageSeconds, string request, object expected)
    {
        var control = CacheControl.Read(answer);
        long lifetime = Freshness.Lifetime(control, false, null, 0, null);

        Assert.Equal(expected, Freshness.Judge(control, lifetime, ageSeconds * 1000L, CacheControl.Read(request)));
    }

    [Fact]
    public void A_site_may_give_crawlers_older_answers_than_the_origin_says()
    {
        var control = CacheControl.Read("no-cache");

        Assert.Equal(Standing.Fresh, Freshness.Judge(control, 0, 599_000, default, 600));
        Assert.Equal(Standing.Stale, Freshness.Judge(control, 0, 600_000, default, 600));
        Assert.Equal(Standing.Stale, Freshness.Judge(control, 0, 1000, CacheControl.Read("no-cache"), 600));
    }

    [Theory]
    [InlineData("max-age=60, stale-if-error=30", 90, 0, true)]
    [InlineData("max-age=60, stale-if-error=30", 91, 0, false)]
    [InlineData("max-age=60, stale-if-error=0", 61, 3600, false)]
    [InlineData("max-age=60", 61, 3600, true)]
    [InlineData("max-age=60, must-revalidate", 61, 3600, false)]
    [InlineData("max-age=60, no-cache", 1, 3600, false)]
    [InlineData("max-age=60", 61, 0, false)]
    public void A_failing_origin_lets_old_answers_be_given_as_long_as_it_or_the_site_says(string answer, int ageSeconds, int siteSeconds, bool expected)
    {
        Assert.Equal(expected, Freshness.MayServeOnError(CacheControl.Read(answer), 60_000, ageSeconds * 1000L, default, siteSeconds));
    }

    [Fact]
    public void Lines_of_random_bytes_are_read_and_several_lines_as_one()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        string alphabet = "max-age=s\"\\, \t0123456789-storeprivate;\u00ff";
        for (int i = 0; i < 20_000; i++)
        {
            string line = new([.. Enumerable.Range(0, random.Next(60)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            var read = CacheControl.Read(line);
            Assert.True(read.MaxAge is null or >= 0 && read.MinFresh >= 0, $"seed {seed}: {line}");
            if (line.Count(c => c == '"') % 2 == 0 && !line.Contains('\\'))
                Assert.Equal(CacheControl.Read(line + ",no-store,max-age=7"), CacheControl.Read(new StringValues([line, "no-store", "max-age=7"])));
        }
    }
}
