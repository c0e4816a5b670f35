using System.Globalization;
using System.Text.RegularExpressions;

namespace Weir.Ingest.Schema;

/// <summary>The shape of a cluster.</summary>
/// <param name="Name">Its name in the servers' <c>remote_servers</c>.</param>
/// <param name="Shards">Parts that the sites are spread over, 1 to 1000.</param>
/// <param name="Replicas">Servers that hold each part, 1 to 100.</param>
/// <param name="Database">Database that is read; the shards' own tables stand in <see cref="ShardDatabase"/>.</param>
public sealed partial record ClusterShape(string Name, int Shards, int Replicas, string Database = "weir")
{
    /// <summary>Database of each shard's own tables.</summary>
    public string ShardDatabase => ShardDatabaseOf(Database);

    /// <summary>What is wrong with it, as one line for people; null when nothing is.</summary>
    public string? Problem =>
        !ClusterName().IsMatch(Name) ? $"'{Name}' is no name of a cluster. Use letters, digits, dashes and underscores, starting with a letter."
        : !SchemaMigrator.IsDatabaseName(Database) || !SchemaMigrator.IsDatabaseName(ShardDatabase)
            ? $"'{Database}' is no name for Weir's ClickHouse database. Use up to 58 letters, digits and underscores that do not start with a digit."
        : Shards is < 1 or > 1000 ? $"{Shards} shards cannot be planned. Write a number from 1 to 1000."
        : Replicas is < 1 or > 100 ? $"{Replicas} replicas cannot be planned. Write a number from 1 to 100."
        : null;

    /// <summary>The database of the shards' own tables beside one that is read.</summary>
    public static string ShardDatabaseOf(string database) => database + "_shard";

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex ClusterName();
}

/// <summary>Writes the schema for a cluster, from the same migrations that make it on one server.</summary>
/// <remarks>
/// Each shard holds the hits of its sites, in replicated tables and with views of their own, in the shards' database. The database that is read
/// has a distributed table over each, so that reports say the same on one server and on many. What is small and read beside every site is
/// held whole by every server, in one replicated table. ClickHouse keeps no schema that changes by itself: whoever runs the cluster runs the statements.
/// </remarks>
public static partial class ClusterSchema
{
    /// <summary>How a site's shard is chosen: the writer routes by the same function (<see cref="ClickHouse.ShardOf"/>).</summary>
    public const string ShardingKey = "xxHash64(site)";

    // Tables that every server holds whole: of writers, of addresses, and of the schema itself. All others have a column site to be spread by.
    private static readonly HashSet<string> Everywhere = new(StringComparer.Ordinal) { "losses", "writers", "verifications", "reclassify_runs", "schema_migrations" };

    private const string MigrationsTable =
        """
        CREATE TABLE IF NOT EXISTS {db}.schema_migrations
        (
            number     UInt32,
            name       String,
            checksum   String,
            applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
        )
        ENGINE = MergeTree
        ORDER BY number
        """;

    /// <summary>Every statement, in the order to run them in; each may be run again.</summary>
    /// <param name="shape">A shape without a <see cref="ClusterShape.Problem"/>.</param>
    /// <param name="from">The newest migration that the cluster has; 0 for a new one.</param>
    /// <exception cref="ArgumentException">The shape has a problem.</exception>
    public static IReadOnlyList<string> Statements(ClusterShape shape, int from = 0) => Statements(shape, Migration.All, from);

    internal static IReadOnlyList<string> Statements(ClusterShape shape, IReadOnlyList<Migration> migrations, int from)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Problem is { } problem)
            throw new ArgumentException(problem, nameof(shape));
        List<string> statements =
        [
            $"CREATE DATABASE IF NOT EXISTS {shape.Database} ON CLUSTER '{shape.Name}'",
            $"CREATE DATABASE IF NOT EXISTS {shape.ShardDatabase} ON CLUSTER '{shape.Name}'",
            Convert(MigrationsTable, shape),
        ];
        // Those that stand from one migration on and not before it need a distributed table; those that change need a new one.
        SortedSet<string> touched = new(StringComparer.Ordinal);
        List<string> fills = [];
        foreach (var migration in migrations)
        {
            foreach (string statement in migration.Statements)
            {
                if (migration.Number <= from)
                    continue;
                if (Fill(statement, shape) is { } fill)
                {
                    fills.Add(fill);
                    continue;
                }
                statements.Add(Convert(statement, shape));
                if (NamesIn(statement) is [var name, ..] && !Everywhere.Contains(name))
                    touched.Add(name);
            }
        }
        foreach (string table in StandingTables(migrations).Where(touched.Contains))
        {
            // It holds nothing, so making it anew costs nothing, and brings it the columns of its shards' tables.
            statements.Add($"CREATE OR REPLACE TABLE {shape.Database}.{table} ON CLUSTER '{shape.Name}' AS {shape.ShardDatabase}.{table} "
                + $"ENGINE = Distributed('{shape.Name}', '{shape.ShardDatabase}', '{table}', {ShardingKey})");
        }
        statements.AddRange(fills);
        foreach (var migration in migrations.Where(m => m.Number > from))
        {
            statements.Add(string.Create(CultureInfo.InvariantCulture,
                $"INSERT INTO {shape.Database}.schema_migrations (number, name, checksum) SELECT {migration.Number}, '{migration.Name}', '{migration.Checksum}'"));
        }
        return statements;
    }

    /// <summary>One statement of a migration in its form for a cluster.</summary>
    /// <exception cref="SchemaException">Its form is not known here.</exception>
    internal static string Convert(string statement, ClusterShape shape)
    {
        string plain = Comment().Replace(statement, "").Trim();
        var begin = Begin().Match(plain);
        if (!begin.Success)
            throw new SchemaException($"A migration has a statement whose form for a cluster is not known: {Head(plain)} Teach ClusterSchema its form.");
        string table = begin.Groups["name"].Value;
        bool isEverywhere = Everywhere.Contains(table);
        if (!isEverywhere && MakesTable().IsMatch(plain) && !SiteColumn().IsMatch(plain))
            throw new SchemaException($"Table {table} has no column site to be spread by. Give it one, or list it in ClusterSchema as held by every server.");
        string placed = $"{begin.Value} ON CLUSTER '{shape.Name}'{plain[begin.Length..]}";
        return Names().Replace(Replicated(placed, isEverywhere), m => $"{(Everywhere.Contains(m.Groups["name"].Value) ? shape.Database : shape.ShardDatabase)}.{m.Groups["name"].Value}");
    }

    // Rows made of stored rows: from all shards to all shards, so once the distributed tables stand. Null for other statements.
    private static string? Fill(string statement, ClusterShape shape)
    {
        string plain = Comment().Replace(statement, "").Trim();
        return plain.StartsWith("INSERT INTO {db}.", StringComparison.Ordinal) ? plain.Replace("{db}", shape.Database, StringComparison.Ordinal) : null;
    }

    // The server fills in the macros of its settings. A table's path has its uuid, so that a table made anew does not meet the old one's traces.
    private static string Replicated(string sql, bool isEverywhere)
    {
        string place = isEverywhere ? "'/clickhouse/tables/{uuid}/all', '{shard}-{replica}'" : "'/clickhouse/tables/{uuid}/{shard}', '{replica}'";
        sql = Engine().Replace(sql, m => m.Groups["arguments"].Value is { Length: > 0 } arguments
            ? $"ENGINE = Replicated{m.Groups["engine"].Value}({place}, {arguments})" : $"ENGINE = Replicated{m.Groups["engine"].Value}({place})");
        return sql.Replace("non_replicated_deduplication_window", "replicated_deduplication_window", StringComparison.Ordinal);
    }

    // Tables with rows of their own that no later migration takes away.
    private static List<string> StandingTables(IReadOnlyList<Migration> migrations)
    {
        List<string> standing = [];
        foreach (string statement in migrations.SelectMany(m => m.Statements))
        {
            string plain = Comment().Replace(statement, "").Trim();
            if (NamesIn(plain) is not [var name, ..] || Everywhere.Contains(name))
                continue;
            if (MakesTable().IsMatch(plain) && !standing.Contains(name))
                standing.Add(name);
            else if (plain.StartsWith("DROP ", StringComparison.OrdinalIgnoreCase))
                standing.Remove(name);
        }
        return standing;
    }

    private static List<string> NamesIn(string statement) => [.. Names().Matches(Comment().Replace(statement, "")).Select(m => m.Groups["name"].Value)];

    private static string Head(string statement)
    {
        string line = statement.ReplaceLineEndings(" ");
        return line.Length <= 80 ? line : line[..80] + "…";
    }

    [GeneratedRegex(@"--[^\n]*(\n|$)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\{db\}\.(?<name>\w+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Names();

    [GeneratedRegex(@"^(CREATE TABLE IF NOT EXISTS|CREATE MATERIALIZED VIEW IF NOT EXISTS|ALTER TABLE|DROP TABLE IF EXISTS|DROP VIEW IF EXISTS)\s+\{db\}\.(?<name>\w+)",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Begin();

    [GeneratedRegex(@"^CREATE TABLE .*\bENGINE = \w*MergeTree", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex MakesTable();

    [GeneratedRegex(@"^\s+site\s", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.Multiline)]
    private static partial Regex SiteColumn();

    [GeneratedRegex(@"ENGINE = (?<engine>\w*MergeTree)(\((?<arguments>[^)]*)\))?", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Engine();
}
