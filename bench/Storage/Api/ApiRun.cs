using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Analytics.Api;
using Weir.Analytics.Api.Hosting;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection.Catalog;
using Weir.Ingest;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;
using Weir.Ingest.Schema;
using Weir.Reporting;
using Weir.Storage.Measuring;
using Weir.Storage.Traffic;

namespace Weir.Storage.Api;

/// <summary>Many people at the dashboard of a large store, while hits come in.</summary>
internal sealed class ApiRun(ApiOptions options)
{
    // The days of the store's traffic are over; people look at its last hours as if they were now.
    private const long LeadMs = 7_200_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);

    // Those of one agency, say: its people look at the same.
    private const int FewSites = 10;

    private readonly CrawlerCatalog _catalog = CrawlerCatalog.Load();
    private readonly List<CrowdFigures> _crowds = [];
    private readonly TimeProvider _time = TimeProvider.System;
    private volatile CrowdFigures? _counted;
    private PageFigures _page = new([], [], [], 0);
    private long _stored;

    /// <summary>Does it all.</summary>
    public async Task GoAsync()
    {
        bool isThere = Directory.Exists(Path.Combine(options.Folder, "clickhouse"));
        await using var server = await EmbeddedClickHouse.StartAsync(
            new EmbeddedClickHouseOptions { Folder = options.Folder }, TimeProvider.System, NullLogger<EmbeddedClickHouse>.Instance);
        using var connections = new ClickHouseConnections(server.Endpoint);
        await SchemaMigrator.ApplyAsync(connections, Migration.All, _time, CancellationToken.None);
        if (!isThere)
        {
            Progress.Say($"storing {options.Hits:N0} hits; the folder stays: {options.Folder}");
            await Loading.LoadAsync(server.Endpoint, _catalog, Candidate.All[^1], options.Hits, options.Seed, 100_000);
        }
        long hits = Convert.ToInt64(await connections.Client.ExecuteScalarAsync("SELECT count() FROM hits"), CultureInfo.InvariantCulture);
        Progress.Say($"{hits:N0} hits are stored");
        using (var store = new StoreClient(server.Endpoint))
            await store.WaitForMergesAsync(); // those of a store that was loaded in minutes, not of one that grew in months
        string control = Directory.CreateTempSubdirectory("weir-bench-").FullName;
        try
        {
            await LookAsync(server.Endpoint, control);
        }
        finally
        {
            Directory.Delete(control, recursive: true);
        }
        Write(hits, (string)(await connections.Client.ExecuteScalarAsync("SELECT version()"))!);
    }

    private async Task LookAsync(ClickHouseEndpoint store, string folder)
    {
        IReadOnlyList<SiteModel> sites = new TrafficSource(_catalog, 1, options.Seed).SiteModels;
        await using var control = await ControlDatabase.OpenAsync(folder, [], _time);
        var known = new SqlSites(control, _time);
        foreach (var site in sites)
            await known.EnsureAsync(site.Id);
        var keys = new SqlApiKeys(control, _time, NullLogger<SqlApiKeys>.Instance);
        string key = (await keys.CreateAsync(new NewApiKey([Scopes.AnalyticsRead]))).Text;
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ReportCache.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((_, count, tags, _) => CountAnswer(count, (string)tags[0].Value!));
        meters.Start();
        await using var app = AnalyticsHost.Create(
            new AnalyticsOptions { Listen = new Uri("http://127.0.0.1:0") }, store, keys, known, _catalog, b =>
            {
                b.Services.AddControl(control);
                b.Logging.SetMinimumLevel(LogLevel.Warning);
            });
        await app.StartAsync();
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 6 * options.Users, UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(app.Urls.First()) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        long began = _time.GetTimestamp();
        long NowMs() => TrafficSource.EndMs - LeadMs + (long)_time.GetElapsedTime(began).TotalMilliseconds;
        using var stop = new CancellationTokenSource();
        var storing = StoreAsync(store, NowMs, stop.Token);
        foreach (int crowd in new[] { sites.Count, FewSites })
            await CrowdAsync(http, [.. sites.Take(crowd)], NowMs);
        Progress.Say("opening the dashboard in a browser");
        _page = await PageRun.GoAsync(http.BaseAddress, key, [sites[0].Id.Value, sites[9].Id.Value, sites[99].Id.Value], options.Pages);
        await stop.CancelAsync();
        await storing;
        await app.StopAsync();
    }

    private async Task CrowdAsync(HttpClient http, IReadOnlyList<SiteModel> sites, Func<long> nowMs)
    {
        var figures = new CrowdFigures(sites.Count);
        _crowds.Add(figures);
        using var stop = new CancellationTokenSource();
        var work = Enumerable.Range(0, options.Users)
            .Select(i => new DashboardUser(http, sites, options.Seed + i, nowMs, a => _counted?.Answers.Enqueue(a)).LookAsync(stop.Token)).ToList();
        await Task.Delay(WarmUp, _time);
        _counted = figures;
        Progress.Say($"{options.Users} people at {sites.Count:N0} sites are warm; measuring");
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds), _time);
        _counted = null;
        await stop.CancelAsync();
        await Task.WhenAll(work);
    }

    private void CountAnswer(long count, string from) => _counted?.From.AddOrUpdate(from, count, (_, n) => n + count);

    // Hits of now, in small batches as an edge flushes them.
    private async Task StoreAsync(ClickHouseEndpoint endpoint, Func<long> nowMs, CancellationToken stop)
    {
        var traffic = new TrafficSource(_catalog, long.MaxValue / 4, options.Seed + 1);
        await using var services = new ServiceCollection().AddLogging()
            .AddIngest(endpoint, new IngestOptions { Edge = "bench", AppliesSchema = false }).BuildServiceProvider();
        var writers = services.GetServices<IHostedService>().ToList();
        foreach (var writer in writers)
            await writer.StartAsync(CancellationToken.None);
        var sink = services.GetRequiredService<IHitSink>();
        long began = _time.GetTimestamp();
        long made = 0;
        while (!stop.IsCancellationRequested)
        {
            long due = (long)(_time.GetElapsedTime(began).TotalSeconds * options.Rate);
            for (; made < due; made++)
            {
                traffic.Next(out var hit);
                sink.TryWrite(hit with { TimeMs = nowMs() });
                if (_counted is not null)
                    _stored++;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, CancellationToken.None);
        }
        foreach (var writer in writers)
            await writer.StopAsync(CancellationToken.None);
    }

    private void Write(long hits, string version)
    {
        var facts = RunFacts.Of(options.Command, [("ClickHouse", version)]);
        var asked = new MarkdownTable(["what is asked", "must", .. _crowds.Select(c => $"{c.Sites:N0} sites")]);
        asked.Add(["p95 of all answers, ms", "< 100", .. _crowds.Select(c => $"{c.At(0.95):0.0}")]);
        asked.Add(["p99 of all answers, ms", "< 250", .. _crowds.Select(c => $"{c.At(0.99):0.0}")]);
        asked.Add(["answers that were kept or made for another", "> 80 %", .. _crowds.Select(c => $"{c.Kept:P0}")]);
        asked.Add(["answers other than 200", "0", .. _crowds.Select(c => $"{c.Failed:N0}")]);
        asked.Add(["answers a second", "", .. _crowds.Select(c => $"{(double)c.Answers.Count / options.Seconds:0.0}")]);
        var text = new StringBuilder("# The API under people who look at dashboards\n\nMade by bench/run; not edited by hand. How to read it: [bench/README.md](../README.md).\n\n")
            .Append(facts.Markdown)
            .Append(CultureInfo.InvariantCulture, $"\n{options.Users} users for {options.Seconds} s at each crowd of sites of a store of {hits:N0} hits of {TrafficSource.Sites:N0} sites, while {(double)_stored / options.Seconds / _crowds.Count:N0} hits a second were stored. Users, API, writer and the embedded ClickHouse share this machine.\n\n")
            .Append(asked);
        foreach (var crowd in _crowds)
            text.Append(CultureInfo.InvariantCulture, $"\n## Each report, {crowd.Sites:N0} sites\n\n").Append(crowd.Table());
        text.Append("\n## The first view in a browser with an empty cache\n\n").Append(_page.Table());
        var json = new JsonObject { ["run"] = facts.Json(), ["hits"] = hits, ["ingested"] = _stored, ["page"] = _page.Json() };
        foreach (var crowd in _crowds)
            json[$"sites{crowd.Sites}"] = crowd.Json();
        ReportFiles.Write("api", !options.IsWhole, text.ToString(), json);
    }
}
