using System.Globalization;
using System.Text.Json.Nodes;
using Weir.Control;
using Weir.Control.Postgres;
using Weir.Reporting;
using Weir.Scheduling;
using Weir.TestKit;

namespace Weir.Scans.Fleet;

/// <summary><c>bench/run fleet</c>.</summary>
internal static class FleetReport
{
    public static async Task<int> RunAsync(string[] args)
    {
        bool isQuick = args.Contains("--quick");
        int targets = ValueOf(args, "--targets") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : isQuick ? 20_000 : 500_000;
        string only = ValueOf(args, "--only") ?? "";
        if (targets < FleetFile.QueriesPerBrand || only is not ("" or "sqlite" or "postgres"))
        {
            Console.Error.WriteLine($"bench/run fleet: --targets takes {FleetFile.QueriesPerBrand} or more, and --only sqlite or postgres.");
            return 2;
        }
        List<FleetFigure> all = [];
        if (only != "postgres")
        {
            using var folder = new TemporaryFolder();
            await using var store = await ControlDatabase.OpenAsync(folder.Path, [SchedulingMigrations.Set], TimeProvider.System);
            all.AddRange(await new FleetRun("SQLite", store, targets).RunAsync());
        }
        if (only != "sqlite")
        {
            await using var server = await PostgresServer.StartAsync();
            var options = new PostgresOptions { Host = "127.0.0.1", Port = server.Port, Database = await server.CreateDatabaseAsync(), User = PostgresServer.User, Password = PostgresServer.Password };
            await using var store = await PostgresStore.OpenAsync(options, [SchedulingMigrations.Set]);
            all.AddRange(await new FleetRun("PostgreSQL", store, targets).RunAsync());
        }
        Write(all, targets, isQuick || only.Length > 0, string.Join(' ', args));
        return 0;
    }

    private static string? ValueOf(string[] args, string flag) => Array.IndexOf(args, flag) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static void Write(List<FleetFigure> all, int targets, bool isPart, string command)
    {
        string[] stores = [.. all.Select(f => f.Store).Distinct()];
        var table = new MarkdownTable(["what", "must", .. stores]);
        var figures = new JsonArray();
        foreach (var figure in all.GroupBy(f => f.What))
        {
            table.Add([figure.Key, figure.First().Must, .. stores.Select(s => figure.FirstOrDefault(f => f.Store == s)?.Text ?? "")]);
            figures.Add(new JsonObject([new("what", figure.Key), .. figure.Select(f => KeyValuePair.Create(f.Store, (JsonNode?)Math.Round(f.Value, 4)))]));
        }
        var facts = RunFacts.Of($"bench/run {command}", []);
        string text = $"# Half a million targets\n\n{facts.Markdown}\n{targets:N0} targets of one organisation: {targets / FleetFile.QueriesPerBrand:N0} brands with {FleetFile.QueriesPerBrand} queries each, on 5 engines and 20 sites, "
            + "with two results and a trigger each. API, import, planner and store share the machine; PostgreSQL (fsync off) runs beside them. Medians; in brackets the longest of all, which is the first where the store's pages have to be read. "
            + $"\"A tick over budget\" has every target waiting for its first scan: the most that can want a scan at a time.\n\n{table}";
        ReportFiles.Write("fleet", isPart, text, new JsonObject { ["facts"] = facts.Json(), ["targets"] = targets, ["figures"] = figures });
    }
}
