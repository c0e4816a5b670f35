using System.Text.Json.Nodes;
using Weir.Reporting;
using Weir.Scans;

// bench/run starts this in the repository's root.
bool isQuick = args.Contains("--quick");
if (args is ["fleet", ..])
    return await Weir.Scans.Fleet.FleetReport.RunAsync(args);
(string Name, int Scans, int Engines, TimeSpan Takes, int EngineMax)[] rounds =
[
    ("answers in 3 s", isQuick ? 200 : 1000, 1, TimeSpan.FromSeconds(3), int.MaxValue),
    ("five, each answers in 3 s", isQuick ? 500 : 2000, 5, TimeSpan.FromSeconds(3), int.MaxValue),
    ("answers in 3 s, 10 questions at a time, more are 429", isQuick ? 120 : 250, 1, TimeSpan.FromSeconds(3), 10),
    ("answers at once", isQuick ? 1000 : 5000, 1, TimeSpan.Zero, int.MaxValue),
];
try
{
    var table = new MarkdownTable("the engine", "scans", "an hour", "lease to result p50", "p95", "p99", "questions", "of them refused");
    var figures = new JsonArray();
    foreach (var (name, scans, engines, takes, engineMax) in rounds)
    {
        var round = await ScanRound.RunAsync(scans, engines, takes, engineMax);
        Console.WriteLine($"{name}: {round.AnHour:N0} scans an hour, p95 {round.Latency(0.95):N2} s");
        table.Add(name, $"{round.Scans:N0}", $"{round.AnHour:N0}", $"{round.Latency(0.5):N2} s", $"{round.Latency(0.95):N2} s", $"{round.Latency(0.99):N2} s", $"{round.Asked:N0}", $"{round.Refused:N0}");
        figures.Add(new JsonObject
        {
            ["engine"] = name,
            ["scans"] = round.Scans,
            ["anHour"] = Math.Round(round.AnHour),
            ["p50"] = Math.Round(round.Latency(0.5), 3),
            ["p95"] = Math.Round(round.Latency(0.95), 3),
            ["p99"] = Math.Round(round.Latency(0.99), 3),
            ["asked"] = round.Asked,
            ["refused"] = round.Refused,
        });
    }
    var facts = RunFacts.Of("bench/run worker", []);
    string text = $"# Scans through the worker\n\n{facts.Markdown}\nOne worker with its default settings (8 questions at a time to begin with, 64 at most), the real API over a SQLite store, and a stand-in "
        + "engine, all in one process on the same cores. A scan is leased over HTTP, asked, searched for the brand, and its result posted over HTTP. The first rows begin with the worker's start, so they hold the "
        + $"time in which it finds out how much the engine takes. How many questions an organisation may have under way at an engine goes by how many scans wait there (5, from 100 on 20, from 1,000 on 50), and the last hundred of each engine go by five.\n\n{table}";
    ReportFiles.Write("worker", isQuick, text, new JsonObject { ["facts"] = facts.Json(), ["rounds"] = figures });
    return 0;
}
catch (BenchException error)
{
    Console.Error.WriteLine($"bench/run worker: {error.Message}");
    return 1;
}
