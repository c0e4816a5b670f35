using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
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

    private readonly CrawlerCatalog _catalog = CrawlerCatalog.Load();
    private readonly ConcurrentQueue<Answer> _answers = new();
    private readonly ConcurrentDictionary<string, long> _from = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = TimeProvider.System;
    private volatile bool _counts;
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
        var sites = new TrafficSource(_catalog, 1, options.Seed).SiteModels;
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
        using var stop = new CancellationTokenSource();
        long began = _time.GetTimestamp();
        long NowMs() => TrafficSource.EndMs - LeadMs + (long)_time.GetElapsedTime(began).TotalMilliseconds;
        var work = Enumerable.Range(0, options.Users)
            .Select(i => new DashboardUser(http, sites, options.Seed + i, NowMs, Note).LookAsync(stop.Token))
            .Append(StoreAsync(store, NowMs, stop.Token)).ToList();
        await Task.Delay(WarmUp, _time);
        _counts = true;
        Progress.Say("warm; measuring");
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds), _time);
        _counts = false;
        await stop.CancelAsync();
        await Task.WhenAll(work);
        await app.StopAsync();
    }

    private void Note(Answer answer)
    {
        if (_counts)
            _answers.Enqueue(answer);
    }

    private void CountAnswer(long count, string from)
    {
        if (_counts)
            _from.AddOrUpdate(from, count, (_, n) => n + count);
    }

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
                if (_counts)
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
        var answers = _answers.ToList();
        int failed = answers.Count(a => a.Status != HttpStatusCode.OK);
        var all = answers.Select(a => a.Milliseconds).Order().ToArray();
        long total = _from.Values.Sum();
        double Kept() => total == 0 ? 0 : 1 - ((double)_from.GetValueOrDefault("made") / total);
        var asked = new MarkdownTable("what is asked", "must", "measured");
        asked.Add("p95 of all answers", "< 100 ms", Ms(all, 0.95));
        asked.Add("p99 of all answers", "< 250 ms", Ms(all, 0.99));
        asked.Add("answers that were kept or made for another", "> 80 %", $"{Kept():P0}");
        asked.Add("answers other than 200", "0", $"{failed:N0}");
        var each = new MarkdownTable("report", "answers", "p50 ms", "p95 ms", "p99 ms");
        foreach (var report in answers.GroupBy(a => a.Report).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var times = report.Select(a => a.Milliseconds).Order().ToArray();
            each.Add(report.Key, $"{times.Length:N0}", Ms(times, 0.5), Ms(times, 0.95), Ms(times, 0.99));
        }
        var text = new StringBuilder("# The API under people who look at dashboards\n\nMade by bench/run; not edited by hand. How to read it: [bench/README.md](../README.md).\n\n")
            .Append(facts.Markdown)
            .Append(CultureInfo.InvariantCulture, $"\n{options.Users} users for {options.Seconds} s at a store of {hits:N0} hits of {TrafficSource.Sites:N0} sites, while {(double)_stored / options.Seconds:N0} hits a second were stored. Users, API, writer and the embedded ClickHouse share this machine. {all.Length:N0} answers, {(double)all.Length / options.Seconds:0.0} a second.\n\n")
            .Append(asked).Append("\n## Each report\n\n").Append(each);
        var json = new JsonObject
        {
            ["run"] = facts.Json(),
            ["hits"] = hits,
            ["answers"] = all.Length,
            ["failed"] = failed,
            ["p50"] = At(all, 0.5),
            ["p95"] = At(all, 0.95),
            ["p99"] = At(all, 0.99),
            ["kept"] = Math.Round(Kept(), 3),
            ["ingested"] = _stored,
        };
        ReportFiles.Write("api", !options.IsWhole, text.ToString(), json);
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : Math.Round(sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))], 1);

    private static string Ms(double[] sorted, double share) => At(sorted, share).ToString("0.0", CultureInfo.InvariantCulture);
}
