using Weir.Analytics.Api.Reports;
using Weir.Analytics.Api.Tests.Support;
using Weir.Detection;
using Microsoft.Extensions.DependencyInjection;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>"Complete until" and "lost": from what writers report.</summary>
[Collection(AnalyticsCollection.Name)]
public class CompletenessTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task The_slowest_live_writer_decides_and_stopped_or_silent_ones_do_not()
    {
        await ReportAsync(("slow", -10, -90, false), ("fast", -5, -6, false), ("stopped", -3, -500, true), ("dead", -4000, -4100, false));
        Assert.Equal(Seconds(-90), await UntilAsync());

        await ReportAsync(("slow", -2, -90, true), ("fast", -1, -6, false));
        Assert.Equal(Seconds(-6), await UntilAsync());

        await ReportAsync(("fast", 0, -6, true));
        Assert.True(await UntilAsync() >= Now.AddSeconds(-1), "Every writer stopped in order, so nothing can be missing.");
        await api.Store.ExecuteNonQueryAsync("TRUNCATE TABLE weir.writers", null, null, default);
    }

    [Fact]
    public async Task Losses_of_the_site_and_of_no_known_site_count_in_their_span()
    {
        string site = await api.NewSiteAsync();
        await LoseAsync(("2024-03-10 12:00:00", site, 5), ("2024-03-10 13:00:00", site, 7), ("2024-03-10 12:30:00", "another", 11), ("2024-03-10 12:30:00", "", 2));

        var summary = await api.Api.JsonAsync($"/v1/sites/{site}/summary?from=2024-03-10T12:00:00Z&to=2024-03-10T13:00:00Z");

        Assert.Equal(7, summary.Long("lost"));
    }

    private async Task<DateTimeOffset> UntilAsync()
    {
        var report = api.Services.GetRequiredService<CompletenessReport>();
        return (await report.ReadAsync(SiteId.Parse("any"), new TimeRange(Now.AddDays(-1), Now), default)).Until;
    }

    private static DateTimeOffset Seconds(int seconds) => DateTimeOffset.FromUnixTimeMilliseconds(Now.AddSeconds(seconds).ToUnixTimeMilliseconds());

    private Task ReportAsync(params (string Edge, int Reported, int Until, bool IsStopped)[] writers) => api.Store.InsertBinaryAsync(
        "weir.writers", ["edge", "reported_at", "complete_until", "is_stopped", "hits_waiting", "lost"],
        writers.Select(w => new object[] { w.Edge, Now.AddSeconds(w.Reported).UtcDateTime, Now.AddSeconds(w.Until).UtcDateTime, w.IsStopped, 0UL, 0UL }));

    private Task LoseAsync(params (string Time, string Site, ulong Count)[] losses) => api.Store.InsertBinaryAsync(
        "weir.losses", ["time", "edge", "site", "reason", "count"],
        losses.Select(l => new object[] { DateTime.SpecifyKind(DateTime.Parse(l.Time), DateTimeKind.Utc), "edge", l.Site, "channel-full", l.Count }));
}
