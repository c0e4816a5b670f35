using System.Globalization;
using System.Text.Json.Nodes;
using Weir.Import;
using Weir.Reporting;

// bench/run starts this in the repository's root, with ./weir built.
bool isQuick = args.Contains("--quick");
long mib = NumberOf("--mib", isQuick ? 128 : 1024);
long rounds = NumberOf("--rounds", isQuick ? 1 : 3);
if (mib <= 0 || rounds <= 0)
{
    Console.Error.WriteLine("bench/run import: --mib takes the size of the log in MiB and --rounds how often it is imported, such as --mib 1024 --rounds 3.");
    return 2;
}
string folder = Directory.CreateTempSubdirectory("weir-import-bench").FullName;
try
{
    string log = Path.Combine(folder, "access.log");
    long lines = LogFile.Write(log, mib << 20, seed: 1);
    Console.WriteLine($"{lines:N0} lines, {mib} MiB");
    List<(string Name, ImportRun Run)> runs = [];
    for (int round = 0; round < rounds; round++)
    {
        string data = Path.Combine(folder, $"data-{round}");
        runs.Add(("all lines are new", Checked(ImportRun.Of(log, data), r => r.Stored == lines)));
        runs.Add(("all lines are stored already", Checked(ImportRun.Of(log, data), r => r.Stored == 0 && r.Lines == lines)));
        Directory.Delete(data, recursive: true);
    }
    string stopped = Path.Combine(folder, "data-stopped");
    long half = TimeProvider.System.GetTimestamp();
    var whole = runs.Where(r => r.Name == "all lines are new").Select(r => r.Run.Seconds).Min();
    ImportRun.Of(log, stopped, () => TimeProvider.System.GetElapsedTime(half).TotalSeconds > whole / 2);
    runs.Add(("again after kill -9 at half of the time", Checked(ImportRun.Of(log, stopped), r => r.Summary!["continued"]!.AsObject().Count == 1)));
    Report(runs, lines);
    return 0;
}
catch (BenchException error)
{
    Console.Error.WriteLine($"bench/run import: {error.Message}");
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

long NumberOf(string flag, long usual) => Array.IndexOf(args, flag) is not (>= 0 and var at) ? usual
    : at + 1 < args.Length && long.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;

static ImportRun Checked(ImportRun run, Func<ImportRun, bool> isRight) =>
    isRight(run) ? run : throw new BenchException($"the import did not do what it must: {run.Summary}");

void Report(List<(string Name, ImportRun Run)> runs, long lines)
{
    var table = new MarkdownTable("import", "lines read", "lines/s", "seconds, start included", "processor µs a line, both", "most memory, importer", "most memory, its ClickHouse");
    var figures = new JsonArray();
    foreach (var (name, run) in runs)
    {
        table.Add(name, $"{run.Lines:N0}", $"{run.LinesASecond:N0}", $"{run.Seconds:N1}", $"{run.CpuSeconds / run.Lines * 1e6:N1}", $"{run.ImporterBytes >> 20:N0} MiB", $"{run.ServerBytes >> 20:N0} MiB");
        figures.Add(new JsonObject
        {
            ["import"] = name,
            ["lines"] = run.Lines,
            ["linesASecond"] = Math.Round(run.LinesASecond),
            ["seconds"] = Math.Round(run.Seconds, 2),
            ["cpuSeconds"] = Math.Round(run.CpuSeconds, 2),
            ["importerBytes"] = run.ImporterBytes,
            ["serverBytes"] = run.ServerBytes,
        });
    }
    var facts = RunFacts.Of($"bench/run import --mib {mib} --rounds {rounds}", []);
    string text = $"# Importing an access log\n\n{facts.Markdown}\nA combined log of {lines:N0} lines and {mib} MiB, made for this, imported by `./weir import` into a new data folder; the embedded "
        + "ClickHouse runs beside it on the same cores. Lines a second are by the command's own clock: reading, classifying, looking up and storing, without the "
        + $"start; a machine that does other things too makes them fewer, and the processor's time tells more. Memory is what the kernel says each process had resident at most.\n\n{table}";
    ReportFiles.Write("import", isQuick, text, new JsonObject { ["facts"] = facts.Json(), ["lines"] = lines, ["mib"] = mib, ["runs"] = figures });
}
