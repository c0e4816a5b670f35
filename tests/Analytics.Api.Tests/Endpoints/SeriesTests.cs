using System.Text.Json;
using CsCheck;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Lines of every kind, buckets of every length, and the span before.</summary>
[Collection(AnalyticsCollection.Name)]
public class SeriesTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private async Task<string> SiteAsync()
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            hit with { Path = "/", Country = "DE" },
            hit with { Path = "/blog", Country = "DE", Time = Noon.AddMinutes(7) },
            hit with { Path = "/blog/2026/a", Country = "FR", Time = Noon.AddMinutes(20) },
            (hit with { Path = "/blog/2026/b", Status = 404, Time = Noon.AddMinutes(61) }).GptBot(),
            (hit with { Path = "/docs/", Status = 0, Time = Noon.AddHours(5) }).GptBot("pending"),
            hit with { Path = "/before", Status = 500, Time = Noon.AddDays(-1) });
        return site;
    }

    [Theory]
    [InlineData("by=status", "200=3;0=1;404=1")]
    [InlineData("by=status-class", "2xx=3;3xx=0;4xx=1;5xx=0;none=1")]
    [InlineData("by=country", "DE=2;unknown=2;FR=1")]
    [InlineData("by=path", "/blog=3;/=1;/docs=1")]
    [InlineData("by=path&depth=2", "/blog/2026=2;/=1;/blog=1;/docs/=1")]
    public async Task Lines_add_up_by_what_was_answered_where(string by, string totals)
    {
        var series = await api.Api.JsonAsync($"/v1/sites/{await SiteAsync()}/series?from=2026-03-10&to=2026-03-11&interval=hour&{by}");

        Assert.Equal(totals, string.Join(';', Lines(series).Select(l => $"{l.Text("key")}={l.Long("total")}")));
        Assert.All(Lines(series), l => Assert.Equal(l.Long("total"), l.GetProperty("hits").EnumerateArray().Sum(h => h.GetInt64())));
    }

    [Theory]
    [InlineData("5m", "UTC", 24, "2026-03-10T12:00:00+00:00")]
    [InlineData("15m", "Asia/Kathmandu", 8, "2026-03-10T12:00:00+00:00")]
    [InlineData("6h", "UTC", 1, "2026-03-10T12:00:00+00:00")]
    [InlineData("6h", "Europe/Berlin", 1, "2026-03-10T11:00:00+00:00")]
    [InlineData("2d", "UTC", 1, null)]
    [InlineData("1w", "UTC", 1, "2026-03-09T00:00:00+00:00")]
    [InlineData("4w", "America/St_Johns", 1, null)]
    [InlineData("month", "Europe/Berlin", 1, "2026-02-28T23:00:00+00:00")]
    public async Task Buckets_of_any_length_keep_the_sum(string interval, string zone, int buckets, string? first)
    {
        var series = await api.Api.JsonAsync(
            $"/v1/sites/{await SiteAsync()}/series?from=2026-03-10T12:00:00Z&to=2026-03-10T14:00:00Z&interval={interval}&tz={zone}");

        Assert.Equal(buckets, series.GetProperty("buckets").GetArrayLength());
        Assert.Equal(4, Lines(series).Sum(l => l.Long("total")));
        if (first is not null)
            Assert.Equal(first, series.GetProperty("buckets")[0].GetString());
    }

    [Theory]
    [InlineData("7m")]
    [InlineData("60m")]
    [InlineData("5h")]
    [InlineData("91d")]
    [InlineData("0h")]
    [InlineData("-5m")]
    [InlineData("5M")]
    [InlineData("month2")]
    [InlineData("15m\n")]
    public async Task Intervals_that_would_not_meet_hours_or_days_are_refused(string interval)
    {
        var (status, problem) = await api.Api.RefusalAsync($"/v1/sites/{await SiteAsync()}/series?interval={Uri.EscapeDataString(interval)}");

        Assert.Equal((400, "interval"), (status, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name));
    }

    [Fact]
    public async Task Many_buckets_over_changes_of_the_clock_hold_every_hit_once()
    {
        string site = await api.NewSiteAsync();
        var begin = new DateTimeOffset(2026, 3, 27, 0, 0, 0, TimeSpan.Zero);
        await api.StoreAsync(Enumerable.Range(0, 500).Select(i => new TestHit(site, begin.AddMinutes(i * 11)) { Path = $"/p{i % 20}/x", Country = i % 2 == 0 ? "" : "DE" }));

        await Gen.Select(AnyOf("5m", "30m", "hour", "2h", "8h", "12h", "day", "3d", "week", "2w", "month"),
            AnyOf("UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"),
            AnyOf("kind", "status", "country", "path"), Gen.Int[0, 2000]).SampleAsync(async (interval, zone, by, offset) =>
            {
                string from = begin.AddMinutes(offset).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
                var series = await api.Api.JsonAsync($"/v1/sites/{site}/series?from={from}&to=2026-04-01&interval={interval}&tz={zone}&by={by}");
                long rest = series.GetProperty("rest") is { ValueKind: JsonValueKind.Array } r ? r.EnumerateArray().Sum(h => h.GetInt64()) : 0;
                int expected = Enumerable.Range(0, 500).Count(i => i * 11 >= offset);
                Assert.Equal(expected, Lines(series).Sum(l => l.Long("total")) + rest);
            }, iter: 40, threads: 1);
    }

    [Fact]
    public async Task Paths_beyond_the_first_twelve_are_counted_together()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(Enumerable.Range(0, 15).SelectMany(i => Enumerable.Range(0, 15 - i).Select(_ => new TestHit(site, Noon) { Path = $"/p{i:00}/x" })));

        var series = await api.Api.JsonAsync($"/v1/sites/{site}/series?from=2026-03-10&to=2026-03-11&interval=day&by=path");

        Assert.Equal(12, Lines(series).Count);
        Assert.Equal([3 + 2 + 1], series.GetProperty("rest").EnumerateArray().Select(h => h.GetInt64()));
    }

    [Fact]
    public async Task The_span_before_comes_beside_when_asked_for()
    {
        string site = await SiteAsync();

        var summary = await api.Api.JsonAsync($"/v1/sites/{site}/summary?from=2026-03-10&to=2026-03-11&compare=previous");
        var series = await api.Api.JsonAsync($"/v1/sites/{site}/series?from=2026-03-10&to=2026-03-11&interval=hour&by=status&compare=previous");
        var plain = await api.Api.JsonAsync($"/v1/sites/{site}/summary?from=2026-03-10&to=2026-03-11");

        Assert.Equal((5, 1), (summary.Long("hits"), summary.Long("previous", "hits")));
        Assert.Equal(new DateTimeOffset(2026, 3, 9, 0, 0, 0, TimeSpan.Zero), summary.GetProperty("previous").GetProperty("from").GetDateTimeOffset());
        Assert.Equal(["500"], Lines(series.GetProperty("previous")).Select(l => l.Text("key")));
        Assert.Equal(series.GetProperty("buckets").GetArrayLength(), series.GetProperty("previous").GetProperty("buckets").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, plain.GetProperty("previous").ValueKind);
    }

    [Theory]
    [InlineData("summary?compare=next", "compare")]
    [InlineData("summary?from=1970-01-02&to=1970-03-01&compare=previous", "compare")]
    [InlineData("series?by=path&depth=6", "depth")]
    public async Task What_cannot_be_compared_is_named(string report, string name)
    {
        var (status, problem) = await api.Api.RefusalAsync($"/v1/sites/{await api.NewSiteAsync()}/{report}");

        Assert.Equal((400, name), (status, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name));
    }

    [Theory]
    [InlineData("series?by=country&from=2026-01-01&to=2026-06-01&interval=day", "92 days")]
    [InlineData("pages?from=2020-01-01&to=2026-01-01", "400 days")]
    [InlineData("identity?from=2020-01-01&to=2026-01-01", "400 days")]
    [InlineData("referrals?from=2020-01-01&to=2026-01-01", "400 days")]
    [InlineData("crawlers/gptbot?from=2020-01-01&to=2026-01-01", "400 days")]
    [InlineData("robots/compliance?from=2020-01-01&to=2026-01-01", "400 days")]
    [InlineData("anomalies?from=2026-01-01&to=2026-06-01", "31 days")]
    public async Task Spans_that_would_cost_too_much_are_refused_before_they_are_asked(string report, string bound)
    {
        var (status, problem) = await api.Api.RefusalAsync($"/v1/sites/{await api.NewSiteAsync()}/{report}");

        Assert.Equal((422, "urn:weir:problem:too-costly"), (status, problem.Text("type")));
        Assert.Contains(bound, problem.Text("next"), StringComparison.Ordinal);
    }

    private static Gen<string> AnyOf(params string[] all) => Gen.Int[0, all.Length - 1].Select(i => all[i]);

    private static List<JsonElement> Lines(JsonElement series) => [.. series.GetProperty("lines").EnumerateArray()];
}
