using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Answers that are kept for some time: a busy site's may be a minute old, and nobody has to take an old one.</summary>
[Collection(AnalyticsCollection.Name)]
public class KeptAnswerTests(AnalyticsFixture api)
{
    private const string Span = "from=2026-03-10&to=2026-03-11";
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly AnalyticsOptions Keeping = new()
    {
        Listen = new Uri("http://127.0.0.1:0"),
        ReportLifePerCost = 0,
        ReportLifeMin = TimeSpan.Zero,
        SteadyHits = 20,
        SteadyLifeMax = TimeSpan.FromMinutes(1),
    };

    [Fact]
    public async Task A_busy_sites_answer_is_kept_and_a_new_one_is_to_be_had()
    {
        string site = await api.NewSiteAsync();
        await StoreAsync(site, 20);
        await using var app = await api.NewAppAsync(Keeping);
        using var client = ClientOf(app.Urls.First());

        Assert.Equal((20, true), await AskAsync(client, site, null));
        await StoreAsync(site, 5);
        Assert.Equal((20, true), await AskAsync(client, site, null));
        Assert.Equal((25, true), await AskAsync(client, site, "no-cache"));
        Assert.Equal((25, true), await AskAsync(client, site, null));
        await StoreAsync(site, 1);
        Assert.Equal((26, true), await AskAsync(client, site, "max-age=0"));
    }

    [Fact]
    public async Task A_quiet_sites_hit_shows_at_once()
    {
        string site = await api.NewSiteAsync();
        await StoreAsync(site, 1);
        await using var app = await api.NewAppAsync(Keeping);
        using var client = ClientOf(app.Urls.First());

        Assert.Equal((1, true), await AskAsync(client, site, null));
        await StoreAsync(site, 1);
        Assert.Equal((2, true), await AskAsync(client, site, null));
    }

    [Fact]
    public async Task A_views_reports_are_made_of_the_same_rows_which_are_read_once()
    {
        string site = await api.NewSiteAsync();
        await StoreAsync(site, 20);
        await using var app = await api.NewAppAsync(Keeping with { AmendmentsLife = TimeSpan.FromMinutes(1), CompletenessLife = TimeSpan.FromMinutes(1) });
        using var client = ClientOf(app.Urls.First());
        List<string> from = [];
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "weir.api.reports" && instrument.Meter.Scope == app.Services.GetRequiredService<IMeterFactory>())
                listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) => from.Add((string)tags[0].Value!));
        meters.Start();

        Assert.Equal((20, true), await AskAsync(client, site, null));
        await StoreAsync(site, 5);
        Assert.Equal((20, true), await AskAsync(client, site, null, "summary?compare=previous&"));
        Assert.Equal(20, (await client.JsonAsync($"/v1/sites/{site}/series?{Span}&by=identity&interval=hour")).GetProperty("lines")[4].Long("total"));
        Assert.Empty((await client.JsonAsync($"/v1/sites/{site}/crawlers?{Span}")).GetProperty("items").EnumerateArray());
        Assert.Equal("made", from[0]);
        Assert.Equal("kept", from[3]); // the series' buckets were asked for, and the summary asks for lost hits where a site, or nobody's, has any
        Assert.Equal((25, true), await AskAsync(client, site, "no-cache"));
        Assert.Equal(25, (await client.JsonAsync($"/v1/sites/{site}/series?{Span}&by=kind&interval=hour")).GetProperty("lines")[0].Long("total"));
        Assert.Equal(["made", "kept"], from[4..]);
    }

    private Task StoreAsync(string site, int hits) => api.StoreAsync([.. Enumerable.Range(0, hits).Select(_ => new TestHit(site, Noon))]);

    private HttpClient ClientOf(string url)
    {
        var client = new HttpClient { BaseAddress = new Uri(url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", api.AdminKey);
        return client;
    }

    private static async Task<(long Hits, bool SaysItsAge)> AskAsync(HttpClient client, string site, string? cacheControl, string report = "summary?")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v1/sites/{site}/{report}{Span}", UriKind.Relative));
        if (cacheControl is not null)
            request.Headers.CacheControl = CacheControlHeaderValue.Parse(cacheControl);
        using var answer = await client.SendAsync(request);
        string body = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(body);
        return (json.RootElement.GetProperty("hits").GetInt64(), answer.Headers.Age is { TotalSeconds: >= 0 and < 60 });
    }
}
