using DbUp;
using DbUp.Engine;
using Microsoft.Data.Sqlite;

namespace Weir.Control.Sqlite;

/// <summary>Brings a SQLite file to the schema that this program needs. The caller holds the lock between programs.</summary>
internal static class SqliteMigrations
{
    /// <summary>Runs what is missing, each script in a transaction of its own; refuses a file that a newer program has written.</summary>
    public static void Apply(string connectionString, string path, IReadOnlyList<MigrationSet> sets)
    {
        // DbUp opens connections by its own way; WAL is a property of the file and is set before anything is written.
        using (var connection = new SqliteConnection(connectionString))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL;";
            command.ExecuteNonQuery();
        }
        var scripts = sets.SelectMany((set, area) => set.Read(SqlDialect.Sqlite).Select((s, i) => (Script: s, Area: area, Number: i))).ToList();
        var engine = DeployChanges.To.SqliteDatabase(connectionString)
            .WithScripts(scripts.Select(s => new SqlScript(s.Script.Name, s.Script.Text,
                new SqlScriptOptions { RunGroupOrder = s.Area })))
            .JournalToSqliteTable("schema_versions")
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();
        RefuseNewer(path, sets, scripts.ConvertAll(s => s.Script.Name), engine.GetExecutedScripts());
        var result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new ControlException($"{path}: the migration {result.ErrorScript?.Name} failed: {result.Error.Message} " +
                "Nothing of it was kept. Free disk space or restore a backup, then start again.", result.Error);
        }
    }

    private static void RefuseNewer(string path, IReadOnlyList<MigrationSet> sets, List<string> known, List<string> applied)
    {
        string? unknown = applied.Find(name => !known.Contains(name) && sets.Any(s => name.StartsWith($"{s.Area}/", StringComparison.Ordinal)));
        if (unknown is not null)
        {
            throw new ControlException($"{path} was written by a newer weir: this program does not know its migration {unknown}. " +
                "Use that version, or another data folder.");
        }
    }
}
