using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weir.Analytics.Api.Reports;
using Weir.Analytics.Api.Tests.Support;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Tests.Reports;

/// <summary>What a view sums from one question is what each of its reports would ask for.</summary>
[Collection(AnalyticsCollection.Name)]
public class CountsReportTests(AnalyticsFixture api)
{
    private const int Hours = 24 * 9;
    private static readonly DateTimeOffset Begin = new(2026, 3, 24, 0, 0, 0, TimeSpan.Zero); // the clock changes in Europe within
    private static readonly string[] Verdicts = [VerdictSql.Reclassified, VerdictSql.Settled, VerdictSql.Original];
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Tokyo"];
    private static readonly string[] Keys = [.. SeriesReport.KeysBy.Keys.Where(SeriesSql.DependsOnVerdict)];
    private static readonly Interval[] Intervals = [Interval.One("hour"), new("hour", 6), Interval.One("day"), Interval.One("week")];

    [Fact]
    public async Task Figures_lines_and_crawlers_are_those_of_their_own_questions()
    {
        const int Seed = 20261127;
        var random = new Random(Seed);
        var site = SiteId.Parse(await api.NewSiteAsync());
        await api.StoreAsync(Enumerable.Range(0, 4_000).Select(_ => RandomHit(random, site)));
        await KnowAsync(random);
        using var connections = new ClickHouseConnections(api.Endpoint);
        using var work = new Reclassifier(connections, new Detector(CrawlerCatalog.Load()), TimeProvider.System);
        // The first run names programs, and the second takes hits from one crawler for another.
        foreach (var (from, to) in new (int, int)[] { (60, 90), (0, 24) })
        {
            await CompareAsync(site, random, $"seed {Seed}");
            _ = await work.ApplyAsync(new ReclassifyRequest(site, Begin.AddHours(from), Begin.AddHours(to)), default);
        }
        await CompareAsync(site, random, $"seed {Seed}");
        Assert.NotEqual(await VerifiedAsync(site, VerdictSql.Original), await VerifiedAsync(site, VerdictSql.Reclassified));
    }

    [Fact]
    public async Task Spans_of_more_than_a_month_are_left_to_each_reports_own_question()
    {
        var site = SiteId.Parse(await api.NewSiteAsync());

        Assert.NotNull(await Counts.ReadAsync(site, Range(0, 31 * 24 * 60), VerdictSql.Reclassified, default));
        Assert.Null(await Counts.ReadAsync(site, Range(0, 32 * 24 * 60), VerdictSql.Reclassified, default));
    }

    [Fact]
    public async Task A_site_that_is_flooded_with_sorts_of_hits_is_answered_all_the_same()
    {
        var site = SiteId.Parse(await api.NewSiteAsync());
        await api.Store.ExecuteNonQueryAsync(
            $"""
            INSERT INTO hits_hourly (site, hour, kind, crawler, operator, purpose, identity, status, referral_class, hits)
            SELECT '{site.Value}', toDateTime('2026-03-24 00:00:00', 'UTC') + toIntervalHour(number % 640), 'crawler', concat('made-up-', toString(intDiv(number, 640))), '', 'other', 'spoofed', 200, 'none', 1
            FROM numbers(320000)
            """);
        var range = Range(0, 640 * 60);

        Assert.Null(await Counts.ReadAsync(site, range, VerdictSql.Original, default));
        var summary = await api.Services.GetRequiredService<SummaryReport>().ReadAsync(site, range, null, VerdictSql.Original, default);
        Assert.Equal(320_000, summary.Identities["spoofed"]);
    }

    private async Task<long> VerifiedAsync(SiteId site, string verdict) =>
        (await Counts.ReadAsync(site, Range(0, Hours * 60), verdict, default))!.Sorts.Where(s => s.Sort.Identity == "verified").Sum(s => s.Hits);

    private CountsReport Counts => api.Services.GetRequiredService<CountsReport>();

    private async Task CompareAsync(SiteId site, Random random, string seed)
    {
        var (summary, series, crawlers) = (api.Services.GetRequiredService<SummaryReport>(), api.Services.GetRequiredService<SeriesReport>(), api.Services.GetRequiredService<CrawlersReport>());
        for (int i = 0; i < 9; i++)
        {
            int from = random.Next(Hours * 60), to = from + 1 + random.Next((Hours * 60) - from);
            var range = i % 3 == 0 ? Range(from / 60 * 60, ((to / 60) + 1) * 60) : Range(from, to);
            string verdict = Verdicts[i % Verdicts.Length];
            var before = range.Previous(TimeProvider.System.GetUtcNow())!.Value;

            var own = (await summary.AskAsync(site, range, verdict, default)) with { Previous = await summary.AskAsync(site, before, verdict, default) };
            Same(Still(own), Still(await summary.ReadAsync(site, range, before, verdict, default)), $"summary {range} {verdict} {seed}");

            var (by, zone, interval) = (new SeriesKey(Keys[random.Next(Keys.Length)]), Zones[random.Next(Zones.Length)], Intervals[random.Next(Intervals.Length)]);
            Same(await series.AskAsync(site, range, interval, by, zone, verdict, default), await series.ReadAsync(site, range, interval, by, zone, verdict, default),
                $"series {range} {interval} {by} {zone} {verdict} {seed}");

            int limit = 1 + random.Next(6);
            var page = await crawlers.AskAsync(site, range, verdict, "", null, limit, default);
            Same(page, await crawlers.ReadAsync(site, range, verdict, "", null, limit, default), $"crawlers {range} {verdict} {seed}");
            var after = page.Items.Count == 0 ? (CountPosition?)null : new CountPosition(page.Items[^1].Hits, page.Items[^1].Crawler, range.FromMs, range.ToMs);
            Same(await crawlers.AskAsync(site, range, verdict, "", after, 50, default), await crawlers.ReadAsync(site, range, verdict, "", after, 50, default),
                $"crawlers behind {after} {range} {verdict} {seed}");
        }
    }

    private static void Same<T>(T expected, T actual, string what) => Assert.True(
        JsonSerializer.Serialize(expected) == JsonSerializer.Serialize(actual),
        $"{what}\n{JsonSerializer.Serialize(expected)}\n{JsonSerializer.Serialize(actual)}");

    // Until when the store is complete moves on meanwhile.
    private static Summary Still(Summary summary) =>
        summary with { CompleteUntil = default, Previous = summary.Previous is { } previous ? previous with { CompleteUntil = default } : null };

    private static TimeRange Range(int fromMinute, int toMinute) => new(Begin.AddMinutes(fromMinute), Begin.AddMinutes(toMinute));

    private static TestHit RandomHit(Random random, SiteId site)
    {
        var hit = new TestHit(site.Value, Begin.AddMilliseconds(random.NextInt64(Hours * 3_600_000L)))
        {
            Address = $"203.0.113.{random.Next(40)}",
            Status = random.Next(2) == 0 ? 200 : 404,
        };
        return random.Next(8) switch
        {
            0 => hit.Googlebot("pending"),
            1 => hit.By("bingbot", "Microsoft", "search", random.Next(2) == 0 ? "pending" : "verified"),
            2 => hit.GptBot(random.Next(3) == 0 ? "spoofed" : "unverifiable"),
            3 => hit.Library() with { UserAgent = "GPTBot/1.2", Address = "20.171.206.7" },
            4 => hit.By("claudebot", "Anthropic", "ai-training", "unverifiable") with { UserAgent = random.Next(2) == 0 ? "GPTBot/1.2" : "ClaudeBot/1.0" },
            5 => hit.From("chatgpt", "ai"),
            6 => hit.From("google", "search") with { Kind = "unknown" },
            _ => hit,
        };
    }

    private Task KnowAsync(Random random) => api.Store.InsertBinaryAsync(
        "weir.verifications", ["as_of", "client_address", "crawler", "identity", "identity_method"],
        Enumerable.Range(0, 60).Select(_ => new object[]
        {
            Begin.AddMinutes(random.Next(Hours * 60)).UtcDateTime, System.Net.IPAddress.Parse($"203.0.113.{random.Next(40)}").MapToIPv6(),
            random.Next(2) == 0 ? "googlebot" : "bingbot", random.Next(2) == 0 ? "verified" : "spoofed", "reverse-dns",
        }), new ClickHouse.Driver.InsertOptions(), CancellationToken.None);
}
