using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using Weir.Control;
using Weir.Control.Postgres;
using Weir.Queue;
using Weir.Reporting;
using Weir.Scheduling;
using Weir.TestKit;

// bench/run starts this in the repository's root, with PostgreSQL installed.
bool isQuick = args.Contains("--quick");
int scans = isQuick ? 100_000 : 1_000_000;
int seconds = NumberOf("--seconds", isQuick ? 3 : 10);
string only = Array.IndexOf(args, "--only") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : "";
if (seconds <= 0 || only is not ("" or "sqlite" or "postgres"))
{
    Console.Error.WriteLine("bench/run queue: --seconds takes how long each way is measured, and --only sqlite or postgres.");
    return 2;
}
try
{
    List<Measured> all = [];
    if (only != "postgres")
        all.AddRange(await SqliteAsync());
    if (only != "sqlite")
        all.AddRange(await PostgresAsync());
    Report(all);
    return 0;
}
catch (BenchException error)
{
    Console.Error.WriteLine($"bench/run queue: {error.Message}");
    return 1;
}

async Task<IReadOnlyList<Measured>> SqliteAsync()
{
    using var folder = new TemporaryFolder();
    await using var store = await ControlDatabase.OpenAsync(folder.Path, [SchedulingMigrations.Set], TimeProvider.System);
    using var bench = new QueueBench("SQLite", store, scans, seconds);
    return await bench.RunAsync();
}

async Task<IReadOnlyList<Measured>> PostgresAsync()
{
    await using var server = await PostgresServer.StartAsync();
    string database = await server.CreateDatabaseAsync();
    var options = new PostgresOptions { Host = "127.0.0.1", Port = server.Port, Database = database, User = PostgresServer.User, Password = PostgresServer.Password };
    await using var store = await PostgresStore.OpenAsync(options, [SchedulingMigrations.Set]);
    using var bench = new QueueBench("PostgreSQL", store, scans, seconds);
    List<Measured> all = [.. await bench.RunAsync()];
    await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
    {
        Host = options.Host,
        Port = options.Port,
        Database = database,
        Username = options.User,
        Password = options.Password,
    });
    var plain = new PlainQueue(source);
    await plain.MakeAsync(scans);
    long end = TimeProvider.System.GetTimestamp() + (seconds * TimeProvider.System.TimestampFrequency);
    all.Add(await Measured.OfAsync("PostgreSQL", "peer: a plain SKIP LOCKED table, 8 workers, batches of 100", async () =>
        (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => plain.WorkAsync(100, () => TimeProvider.System.GetTimestamp() >= end))))).Sum()));
    return all;
}

int NumberOf(string flag, int usual) => Array.IndexOf(args, flag) is not (>= 0 and var at) ? usual
    : at + 1 < args.Length && int.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

void Report(List<Measured> all)
{
    var table = new MarkdownTable("work", "store", "scans", "seconds", "scans/s", "processor µs a scan, without the server");
    var figures = new JsonArray();
    foreach (var m in all)
    {
        table.Add(m.What, m.Store, $"{m.Scans:N0}", $"{m.Took.TotalSeconds:N1}", $"{m.PerSecond:N0}", $"{m.Cpu.TotalMicroseconds / m.Scans:N0}");
        figures.Add(new JsonObject
        {
            ["work"] = m.What,
            ["store"] = m.Store,
            ["scans"] = m.Scans,
            ["seconds"] = Math.Round(m.Took.TotalSeconds, 2),
            ["scansASecond"] = Math.Round(m.PerSecond),
            ["cpuMicrosecondsAScan"] = Math.Round(m.Cpu.TotalMicroseconds / m.Scans, 1),
        });
    }
    var facts = RunFacts.Of($"bench/run queue{(isQuick ? " --quick" : "")}{(only.Length > 0 ? $" --only {only}" : "")} --seconds {seconds}", []);
    string text = $"# The scan queue\n\n{facts.Markdown}\n{scans:N0} scans of 10 tenants on 5 engines are queued, all due, in calls as the planner makes them; then workers lease and complete them, each scan with a "
        + "result and its evidence kept, so each is two writes, a result and its target. Workers are tasks of one process with queues of their own; PostgreSQL (fsync off) runs beside them on the same cores and has its tables analysed, as autovacuum does within a minute; SQLite runs in the "
        + "process. The peer is the queue that textbooks show, without tenants, ceilings, fencing, results and why. Must: 5,000 scans/s leased and completed on SQLite, 3,000 on PostgreSQL; a million queued "
        + $"in 60 s.\n\n{table}";
    ReportFiles.Write("queue", isQuick, text, new JsonObject { ["facts"] = facts.Json(), ["queued"] = scans, ["runs"] = figures });
}
