using System.CommandLine;
using System.Globalization;
using Weir.Ingest.Schema;

namespace Weir.Commands;

/// <summary><c>weir store</c>; its <c>plan</c> prints what makes Weir's tables on a ClickHouse cluster.</summary>
internal static class StoreCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var shards = new Option<int>("--shards") { Description = "Parts that the sites are spread over.", Required = true };
        var replicas = new Option<int>("--replicas") { Description = "Servers that hold each part.", Required = true };
        var cluster = new Option<string>("--cluster") { Description = "The cluster's name in the servers' remote_servers.", Required = true };
        var database = new Option<string>("--database") { Description = "Database of Weir's tables.", DefaultValueFactory = _ => "weir" };
        var from = new Option<int>("--from") { Description = "Print only what a cluster of this schema's number lacks; 0 is a new one." };
        var plan = new Command("plan", "Prints the SQL that makes Weir's tables on a ClickHouse cluster, and how to run it.") { shards, replicas, cluster, database, from };
        plan.SetAction(parsed => Plan(
            new ClusterShape(parsed.GetRequiredValue(cluster), parsed.GetRequiredValue(shards), parsed.GetRequiredValue(replicas), parsed.GetRequiredValue(database)),
            parsed.GetValue(from), parsed.InvocationConfiguration.Output));
        return new Command("store", "Looks after the store of hits.")
        {
            StoreDeleteCommand.Create(), StoreExportCommand.Create(), StoreBackupCommand.Create(), StoreRestoreCommand.Create(), plan,
        };
    }

    private static int Plan(ClusterShape shape, int from, TextWriter output)
    {
        if (shape.Problem is { } problem)
            throw new CommandException(problem);
        if (from < 0 || from > SchemaMigrator.LatestVersion)
            throw new CommandException($"--from {from}: this program knows schemas from 0 (a new cluster) to {SchemaMigrator.LatestVersion}.");
        WriteHowTo(shape, from, output);
        foreach (string statement in ClusterSchema.Statements(shape, from))
            output.WriteLine($"{statement};\n");
        return 0;
    }

    private static void WriteHowTo(ClusterShape shape, int from, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            -- Weir's tables on cluster '{shape.Name}': {shape.Shards} shards of {shape.Replicas} replicas, schema {(from == 0 ? "" : $"{from} to ")}{SchemaMigrator.LatestVersion}.
            --
            -- 1. Every server needs, in its settings, ClickHouse Keeper (or ZooKeeper), the cluster, and its own place in it:
            --      <remote_servers><{shape.Name}>
            """));
        for (int shard = 1; shard <= Math.Min(shape.Shards, 2); shard++)
        {
            output.WriteLine("--        <shard><internal_replication>true</internal_replication>");
            for (int replica = 1; replica <= Math.Min(shape.Replicas, 2); replica++)
                output.WriteLine($"--          <replica><host>shard{shard}-replica{replica}</host><port>9000</port></replica>");
            output.WriteLine(shape.Replicas > 2 ? "--          … (each replica)\n--        </shard>" : "--        </shard>");
        }
        if (shape.Shards > 2)
            output.WriteLine("--        … (each shard; all of equal weight)");
        output.WriteLine($"""
            --      </{shape.Name}></remote_servers>
            --      <macros><shard>1</shard><replica>shard1-replica1</replica></macros>    (its own, different on every server)
            -- 2. Run the statements below once, on any one server, in this order. All may be run again.
            -- 3. Name the servers in weir.json, shards in the order of remote_servers; hits are sent to the shard of their site's hash:
            --      "clickhouse": {"{"} "database": "{shape.Database}", "shards": [{"{"} "urls": ["http://shard1-replica1:8123", …] {"}"}, …] {"}"}
            -- 4. After an update of Weir run what `weir store plan --from N` prints, N being the number it names; edges keep hits on disk meanwhile.

            """);
    }
}
