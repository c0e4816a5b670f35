using Dapper;
using DbUp;
using DbUp.Engine;
using DbUp.Postgresql;
using Npgsql;

namespace Weir.Control.Postgres;

/// <summary>Brings a PostgreSQL database to the schema that this program needs.</summary>
internal static class PostgresMigrations
{
    // Any number that no other program takes for its own locks of this database.
    private const long Lock = 0x5765_6972_5363_686D;

    private const int PatienceSeconds = 120;

    /// <summary>Runs what is missing, each script in a transaction of its own, one program at a time; refuses a database that a newer program has written.</summary>
    /// <exception cref="ControlException">Newer than this program, or a script failed.</exception>
    /// <exception cref="NpgsqlException">The server does not answer.</exception>
    public static async Task ApplyAsync(PostgresOptions options, IReadOnlyList<MigrationSet> sets, CancellationToken stop)
    {
        // Connections of their own: they may wait for longer, and a lock must not go back into a pool.
        var connection = options.Connection();
        connection.Pooling = false;
        connection.CommandTimeout = PatienceSeconds + 10;
        await using var source = NpgsqlDataSource.Create(connection);
        List<string> scripts = [];
        List<SqlScript> all = [];
        foreach (var (name, text, area) in sets.SelectMany((set, area) => set.Read(SqlDialect.Postgres).Select(s => (s.Name, s.Text, area))))
        {
            scripts.Add(name);
            all.Add(new SqlScript(name, text, new SqlScriptOptions { RunGroupOrder = area }));
        }
        var engine = Engine(source, all);
        await using var holder = await source.OpenConnectionAsync(stop);
        // Nothing to do is the usual case, and needs no lock: edges then start without waiting for each other.
        if (await Task.Run(() => IsUpToDate(options, sets, scripts, engine), stop))
            return;
        await holder.ExecuteAsync(new CommandDefinition($"SET lock_timeout = '{PatienceSeconds}s'", cancellationToken: stop));
        await holder.ExecuteAsync(new CommandDefinition("SELECT pg_advisory_lock(@key)", new { key = Lock }, cancellationToken: stop));
        // Closing the connection releases the lock.
        await Task.Run(() => Upgrade(options, sets, scripts, engine), stop);
    }

    private static UpgradeEngine Engine(NpgsqlDataSource source, IEnumerable<SqlScript> scripts) => DeployChanges.To
        .PostgresqlDatabase(new PostgresqlConnectionManager(source))
        .WithScripts(scripts)
        .JournalToPostgresqlTable("public", "schema_versions")
        .WithTransactionPerScript()
        .WithVariablesDisabled()
        .LogToNowhere()
        .Build();

    private static bool IsUpToDate(PostgresOptions options, IReadOnlyList<MigrationSet> sets, List<string> scripts, UpgradeEngine engine)
    {
        var applied = engine.GetExecutedScripts();
        string? unknown = applied.Find(name => sets.Any(s => name.StartsWith($"{s.Area}/", StringComparison.Ordinal)) && !scripts.Contains(name));
        if (unknown is not null)
        {
            throw new ControlException($"{options} was written by a newer weir: this program does not know its migration {unknown}. " +
                "Use that version, or another database.");
        }
        return scripts.TrueForAll(applied.Contains);
    }

    private static void Upgrade(PostgresOptions options, IReadOnlyList<MigrationSet> sets, List<string> scripts, UpgradeEngine engine)
    {
        if (IsUpToDate(options, sets, scripts, engine))
            return;
        var result = engine.PerformUpgrade();
        if (result.Successful)
            return;
        if (StoreOutage.Is(result.Error))
            throw new NpgsqlException(result.Error.Message, result.Error);
        throw new ControlException($"{options}: the migration {result.ErrorScript?.Name ?? "journal"} failed: {result.Error.Message} " +
            "Nothing of it was kept. Let this user make tables in the schema public (as the database's owner may), then start again.", result.Error);
    }
}
