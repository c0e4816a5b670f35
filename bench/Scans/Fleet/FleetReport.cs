using System.Globalization;
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
        int targets = Array.IndexOf(args, "--targets") is >= 0 and var at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : isQuick ? 20_000 : 500_000;
        string only = Array.IndexOf(args, "--only") is >= 0 and var place ? args[place + 1] : "";
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
        return all.Count > 0 ? 0 : 1;
    }
}
