using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Detection.Catalog;
using Weir.Ingest;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;
using Weir.Reporting;
using Weir.Storage.Traffic;

namespace Weir.Storage.Outage;

/// <summary>ClickHouse is killed and away for minutes while hits go on coming: what is lost, doubled, kept on disk, and how long until all is stored?</summary>
internal sealed class OutageRun(double minutes, int rate, int seed)
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10), GiveUp = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly CrawlerCatalog _catalog = CrawlerCatalog.Load();
    private long _made;

    private sealed record Outcome(long Made, long Stored, long Distinct, long Lost, long Unequal, long SpoolMost, double CatchUpSeconds, double RateAfter);

    /// <summary>Reads the command line and does it all.</summary>
    public static Task GoAsync(IReadOnlyList<string> args)
    {
        double Number(string name, double otherwise, double most)
        {
            int at = args.ToList().IndexOf(name);
            return at < 0 ? otherwise
                : at + 1 < args.Count && double.TryParse(args[at + 1], CultureInfo.InvariantCulture, out double value) && value > 0 && value <= most ? value
                : throw new BenchException($"'{name}' needs a number up to {most}. bench/run outage [--minutes N] [--rate N] [--seed N]");
        }
        return new OutageRun(Number("--minutes", 10, 120), (int)Number("--rate", 20_000, 200_000), (int)Number("--seed", 1, int.MaxValue)).GoAsync();
    }

    private async Task GoAsync()
    {
        string folder = Path.Combine(ReportFiles.OutFolder, "outage");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        await using var server = await EmbeddedClickHouse.StartAsync(
            new EmbeddedClickHouseOptions { Folder = folder, RestartWait = TimeSpan.FromMinutes(minutes), RestartWaitMax = TimeSpan.FromMinutes(minutes) },
            _time, NullLogger<EmbeddedClickHouse>.Instance);
        var outcome = await WatchAsync(server, folder);
        Write(outcome);
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        if (outcome.Made != outcome.Stored || outcome.Stored != outcome.Distinct || outcome.Lost + outcome.Unequal > 0)
            throw new BenchException("not every hit is stored once; the report says how many.");
    }

    private async Task<Outcome> WatchAsync(EmbeddedClickHouse server, string folder)
    {
        var options = new IngestOptions { Edge = "bench", SpoolFolder = Path.Combine(folder, "spool"), SpoolBytesMax = 8L << 30, DrainTimeout = TimeSpan.FromMinutes(2) };
        await using var services = new ServiceCollection().AddLogging().AddIngest(server.Endpoint, options).BuildServiceProvider();
        var writers = services.GetServices<IHostedService>().ToList();
        foreach (var writer in writers)
            await writer.StartAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var traffic = SendAsync(services.GetRequiredService<IHitSink>(), stop.Token);
        await Task.Delay(Before, _time);
        using (var child = System.Diagnostics.Process.GetProcessById(server.ProcessId))
            child.Kill();
        Progress.Say("ClickHouse is killed");
        long spoolMost = 0;
        while (server.Restarts == 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _time);
            spoolMost = Math.Max(spoolMost, BytesOf(options.SpoolFolder!));
        }
        using var connections = new ClickHouseConnections(server.Endpoint);
        long returned = _time.GetTimestamp();
        long madeThen = Interlocked.Read(ref _made);
        Progress.Say($"ClickHouse is back; {madeThen:N0} hits were made, {spoolMost / 1e6:N0} MB are on disk");
        double caughtUp = double.NaN;
        while (double.IsNaN(caughtUp) && _time.GetElapsedTime(returned) < GiveUp)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), _time);
            long behind = Interlocked.Read(ref _made) - await CountAsync(connections, "SELECT count() FROM hits");
            // Two seconds of hits are always under way.
            if (behind <= 2L * rate)
                caughtUp = _time.GetElapsedTime(returned).TotalSeconds;
        }
        long after = Interlocked.Read(ref _made) - madeThen;
        Progress.Say($"caught up after {caughtUp:0.0} s, while {after:N0} more hits came");
        await Task.Delay(TimeSpan.FromSeconds(5), _time);
        await stop.CancelAsync();
        await traffic;
        foreach (var writer in writers)
            await writer.StopAsync(CancellationToken.None);
        return new Outcome(
            _made,
            await CountAsync(connections, "SELECT count() FROM hits"),
            await CountAsync(connections, "SELECT uniqExact(site, time, hit_id) FROM hits"),
            services.GetRequiredService<LossCounters>().Total,
            await CountAsync(connections, """
                SELECT count() FROM (SELECT site, toStartOfHour(time) AS at, count() AS n FROM hits GROUP BY site, at) AS t
                FULL JOIN (SELECT site, hour AS at, sum(hits) AS n FROM hits_hourly GROUP BY site, at) AS v ON t.site = v.site AND t.at = v.at
                WHERE t.n != v.n
                """),
            spoolMost, caughtUp, after / caughtUp);
    }

    private async Task SendAsync(IHitSink sink, CancellationToken stop)
    {
        var traffic = new TrafficSource(_catalog, long.MaxValue / 4, seed);
        long began = _time.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            long due = (long)(_time.GetElapsedTime(began).TotalSeconds * rate);
            for (; _made < due; Interlocked.Increment(ref _made))
            {
                traffic.Next(out var hit);
                sink.TryWrite(hit with { TimeMs = _time.GetUtcNow().ToUnixTimeMilliseconds() });
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, CancellationToken.None);
        }
    }

    private static async Task<long> CountAsync(ClickHouseConnections connections, string sql) =>
        Convert.ToInt64(await connections.Client.ExecuteScalarAsync(sql), CultureInfo.InvariantCulture);

    private static long BytesOf(string folder) => new DirectoryInfo(folder) is { Exists: true } there ? there.EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length) : 0;

    private void Write(Outcome outcome)
    {
        var facts = RunFacts.Of(string.Create(CultureInfo.InvariantCulture, $"bench/run outage --minutes {minutes} --rate {rate} --seed {seed}"), []);
        var table = new MarkdownTable("what is asked", "must", "measured");
        table.Add("hits lost", "0", $"{outcome.Made - outcome.Distinct:N0}");
        table.Add("hits doubled", "0", $"{outcome.Stored - outcome.Distinct:N0}");
        table.Add("hours of a site that differ between table and hourly view", "0", $"{outcome.Unequal:N0}");
        table.Add("caught up after its return", "≤ 120 s", string.Create(CultureInfo.InvariantCulture, $"{outcome.CatchUpSeconds:0} s"));
        var text = new StringBuilder("# ClickHouse away\n\nMade by bench/run; not edited by hand. How to read it: [bench/README.md](../README.md).\n\n")
            .Append(facts.Markdown)
            .Append(CultureInfo.InvariantCulture, $"\nThe embedded ClickHouse was killed (SIGKILL) and away for {minutes} minutes while {rate:N0} hits a second went on coming, {outcome.Made:N0} in all. ")
            .Append(CultureInfo.InvariantCulture, $"They waited on disk in at most {outcome.SpoolMost / 1e6:N0} MB, {(double)outcome.SpoolMost / (rate * minutes * 60):0} bytes a hit. Caught up is: no more than two seconds of hits are missing in the table, while they go on coming.\n\n")
            .Append(table);
        var json = new JsonObject
        {
            ["run"] = facts.Json(),
            ["made"] = outcome.Made,
            ["stored"] = outcome.Stored,
            ["distinct"] = outcome.Distinct,
            ["lost"] = outcome.Lost,
            ["unequalHours"] = outcome.Unequal,
            ["spoolBytes"] = outcome.SpoolMost,
            ["catchUpSeconds"] = Math.Round(outcome.CatchUpSeconds, 1),
        };
        ReportFiles.Write("outage", minutes < 10 || rate < 20_000, text.ToString(), json);
    }
}
