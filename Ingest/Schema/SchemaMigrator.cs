using System.Text.RegularExpressions;
using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Schema;

/// <summary>Brings a ClickHouse database to this program's schema. Several programs may do so at once.</summary>
public static partial class SchemaMigrator
{
    private const int UnknownTable = 60, UnknownDatabase = 81;

    /// <summary>The newest schema that this program knows.</summary>
    public static int LatestVersion => Migration.All[^1].Number;

    /// <summary>Makes the database and applies what it has not yet, each migration once.</summary>
    /// <param name="endpoint">Where the database is, or will be.</param>
    /// <param name="time">Clock of the waiting for other programs; the system's when null.</param>
    /// <param name="stop">Ends the waiting. What is half-applied is completed by the next call.</param>
    /// <returns>How many migrations this call applied.</returns>
    /// <exception cref="SchemaException">The store is newer than this program, or was made by other files of the same numbers; or it is a
    /// cluster, whose schema this program only checks, and is older.</exception>
    public static async Task<int> ApplyAsync(ClickHouseEndpoint endpoint, TimeProvider? time = null, CancellationToken stop = default)
    {
        using var connections = new ClickHouseConnections(endpoint);
        return await ApplyAsync(connections, Migration.All, time ?? TimeProvider.System, stop);
    }

    internal static async Task<int> ApplyAsync(
        ClickHouseConnections connections, IReadOnlyList<Migration> migrations, TimeProvider time, CancellationToken stop)
    {
        string database = connections.Endpoint.Database;
        if (!DatabaseName().IsMatch(database))
        {
            throw new SchemaException($"'{database}' is no name for Weir's ClickHouse database. "
                + "Use up to 64 letters, digits and underscores that do not start with a digit.");
        }
        if (connections.Endpoint.IsCluster)
        {
            await CheckClusterAsync(connections, migrations, stop);
            return 0;
        }
        await CreateDatabaseAsync(connections, database, stop);
        var client = connections.Client;
        // Asked first without the lock: nearly every start finds nothing to do.
        if (Pending(await AppliedAsync(client, stop), migrations, connections.Endpoint).Count == 0)
            return 0;
        await using var held = await SchemaLock.TakeAsync(client, time, stop);
        var pending = Pending(await AppliedAsync(client, stop), migrations, connections.Endpoint);
        foreach (var migration in pending)
            await ApplyAsync(client, migration, database, stop);
        return pending.Count;
    }

    // Replicated tables are made on every server at once, by who may do so; see ClusterSchema.
    private static async Task CheckClusterAsync(ClickHouseConnections connections, IReadOnlyList<Migration> migrations, CancellationToken stop)
    {
        Dictionary<int, Applied> applied;
        try
        {
            applied = await AppliedAsync(connections.Client, stop);
        }
        catch (ClickHouseServerException e) when (e.ErrorCode is UnknownTable or UnknownDatabase)
        {
            applied = [];
        }
        if (Pending(applied, migrations, connections.Endpoint) is not [var first, ..])
            return;
        throw new SchemaException($"The cluster at {connections.Endpoint} has schema {first.Number - 1}, and this program needs {migrations[^1].Number}. "
            + $"Run the statements that `weir store plan --from {first.Number - 1}` prints on one of its servers.");
    }

    // Named {database:Identifier}, and asked through a client of the server's own database, since Weir's may not exist yet.
    private static async Task CreateDatabaseAsync(ClickHouseConnections connections, string database, CancellationToken stop)
    {
        using var client = connections.NewClient("default");
        await client.ExecuteNonQueryAsync("CREATE DATABASE IF NOT EXISTS {database:Identifier}",
            QueryParameters.Of(("database", database)), cancellationToken: stop);
        await connections.Client.ExecuteNonQueryAsync(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations
            (
                number     UInt32,
                name       String,
                checksum   String,
                applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
            )
            ENGINE = MergeTree
            ORDER BY number
            """,
            cancellationToken: stop);
    }

    private static async Task<Dictionary<int, Applied>> AppliedAsync(ClickHouseClient client, CancellationToken stop)
    {
        Dictionary<int, Applied> applied = [];
        await using var reader = await client.ExecuteReaderAsync(
            "SELECT number, name, checksum FROM schema_migrations", cancellationToken: stop);
        while (await reader.ReadAsync(stop))
            applied[(int)(uint)reader.GetValue(0)] = new Applied(reader.GetString(1), reader.GetString(2));
        return applied;
    }

    private static List<Migration> Pending(
        Dictionary<int, Applied> applied, IReadOnlyList<Migration> migrations, ClickHouseEndpoint endpoint)
    {
        int known = migrations[^1].Number;
        int newest = applied.Count == 0 ? 0 : applied.Keys.Max();
        if (newest > known)
        {
            throw new SchemaException($"The store at {endpoint} has schema {newest}, and this program knows schemas up to {known}. "
                + "Run the newer version of weir that made it, or point this one at another store.");
        }
        List<Migration> pending = [];
        foreach (var migration in migrations)
        {
            if (!applied.TryGetValue(migration.Number, out var was))
                pending.Add(migration);
            else if (was.Checksum != migration.Checksum)
                throw OtherContent(endpoint, migration, was);
        }
        return pending;
    }

    private static SchemaException OtherContent(ClickHouseEndpoint endpoint, Migration migration, Applied was) => new(
        $"The store at {endpoint} was made with another {was.Name}.sql (checksum {was.Checksum[..12]}; this program's is "
        + $"{migration.Checksum[..12]}). Run the version of weir that made it, or point this one at an empty database.");

    private static async Task ApplyAsync(ClickHouseClient client, Migration migration, string database, CancellationToken stop)
    {
        foreach (string statement in migration.StatementsFor(database))
            await client.ExecuteNonQueryAsync(statement, cancellationToken: stop);
        // Last: a program killed before this line leaves the migration to be applied again, which its statements allow.
        await client.ExecuteNonQueryAsync(
            """
            INSERT INTO schema_migrations (number, name, checksum)
            SELECT {number:UInt32}, {name:String}, {checksum:String}
            """,
            QueryParameters.Of(("number", (uint)migration.Number), ("name", migration.Name), ("checksum", migration.Checksum)),
            cancellationToken: stop);
    }

    /// <summary>Whether a text may be the name of Weir's database.</summary>
    internal static bool IsDatabaseName(string name) => DatabaseName().IsMatch(name);

    private sealed record Applied(string Name, string Checksum);

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex DatabaseName();
}
