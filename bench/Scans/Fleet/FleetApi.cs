using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Analytics.Api;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection.Catalog;
using Weir.Ingest.ClickHouse;
using Weir.Reporting;
using Weir.Scheduling;

namespace Weir.Scans.Fleet;

/// <summary>The real API over a store, and a client with a key for all of it.</summary>
internal sealed class FleetApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private FleetApi(WebApplication app, HttpClient http) => (_app, _http) = (app, http);

    public static async Task<FleetApi> StartAsync(IControlStore store)
    {
        var keys = new SqlApiKeys(store, TimeProvider.System, NullLogger<SqlApiKeys>.Instance);
        var sites = new SqlSites(store, TimeProvider.System);
        foreach (var site in FleetFile.Sites)
            await sites.EnsureAsync(site);
        // Nothing is asked of a store of hits, so there is none.
        var app = AnalyticsHost.Create(
            new AnalyticsOptions { Listen = new Uri("http://127.0.0.1:0") }, new ClickHouseEndpoint(new Uri("http://127.0.0.1:9")), keys, sites, CrawlerCatalog.Load(), web =>
            {
                web.Logging.ClearProviders();
                web.Services.AddControl(store);
                web.Services.AddScheduling();
            });
        await app.StartAsync();
        var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(5) };
        string key = (await keys.CreateAsync(new NewApiKey([Scopes.TargetsRead, Scopes.TargetsWrite, Scopes.ScansRead, Scopes.TriggersRead, Scopes.TriggersWrite], Tenant.Default))).Text;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return new FleetApi(app, http);
    }

    /// <summary>Uploads a file and waits until it is imported.</summary>
    /// <returns>Targets that were made.</returns>
    public async Task<long> ImportAsync(byte[] file)
    {
        using var body = new ByteArrayContent(file);
        var job = await JsonAsync(await _http.PostAsync("/v1/targets/import", body));
        if (!job.TryGetProperty("id", out var number))
            return job.GetProperty("created").GetInt64();
        string url = $"/v1/targets/imports/{number.GetInt64()}";
        for (job = await JsonAsync(await _http.GetAsync(url)); job.GetProperty("state").GetString() is "waiting" or "running"; job = await JsonAsync(await _http.GetAsync(url)))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        return job.GetProperty("state").GetString() == "done" && job.GetProperty("rejected").GetInt64() == 0 ? job.GetProperty("created").GetInt64()
            : throw new BenchException($"the import ended as {job}");
    }

    /// <summary>Downloads something; returns its bytes.</summary>
    public async Task<long> DownloadAsync(string path)
    {
        await using var body = await (await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        byte[] piece = new byte[1 << 16];
        long all = 0;
        while (await body.ReadAsync(piece) is var read and > 0)
            all += read;
        return all;
    }

    public async Task<JsonElement> GetAsync(string path) => await JsonAsync(await _http.GetAsync(path));

    public async Task<JsonElement> PostAsync(string path, string json)
    {
        using var body = new StringContent(json, MediaTypeHeaderValue.Parse("application/json"));
        return await JsonAsync(await _http.PostAsync(path, body));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public IServiceProvider Services => _app.Services;

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using var message = answer;
        string text = await message.Content.ReadAsStringAsync();
        return message.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new BenchException($"{message.RequestMessage!.RequestUri!.PathAndQuery}: {(int)message.StatusCode} {text}");
    }
}
