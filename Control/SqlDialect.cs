using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Weir.Control;

/// <summary>Where SQLite's SQL and PostgreSQL's differ, so that all else is written once. Every text is a constant of ours. Safe from any thread.</summary>
public abstract class SqlDialect
{
    private SqlDialect()
    {
    }

    /// <summary>SQLite's: one writer at a time, whom no row lock needs to keep from others.</summary>
    public static SqlDialect Sqlite { get; } = new SqliteDialect();

    /// <summary>PostgreSQL's.</summary>
    public static SqlDialect Postgres { get; } = new PostgresDialect();

    /// <summary>Folder of its migrations in a project.</summary>
    internal abstract string Folder { get; }

    /// <summary>The elements of a JSON list as rows with the one column <c>value</c>, to be read by <c>value -&gt;&gt; 0</c> and a cast.</summary>
    /// <param name="parameter">The parameter that has the list, such as <c>@rows</c>.</param>
    public abstract string Elements(string parameter);

    /// <summary>The texts or numbers of a JSON list as rows with the one column <c>value</c>; cast numbers.</summary>
    /// <param name="parameter">The parameter that has the list, such as <c>@ids</c>.</param>
    public abstract string Values(string parameter);

    /// <summary>Ends a SELECT whose rows of one table this transaction will change: waits for whoever is changing them.</summary>
    /// <param name="table">The table's name or alias in the SELECT.</param>
    public abstract string ForUpdate(string table);

    /// <summary>As <see cref="ForUpdate"/>, passing over rows that others are changing.</summary>
    /// <param name="table">The table's name or alias in the SELECT.</param>
    public abstract string SkipLocked(string table);

    /// <summary>Begins a transaction that reads the store as it is at one moment and writes nothing.</summary>
    public abstract ValueTask<DbTransaction> SnapshotAsync(DbConnection connection, CancellationToken stop = default);

    private sealed class SqliteDialect : SqlDialect
    {
        internal override string Folder => "Sqlite";

        public override string Elements(string parameter) => $"json_each({parameter})";

        public override string Values(string parameter) => $"json_each({parameter})";

        public override string ForUpdate(string table) => "";

        public override string SkipLocked(string table) => "";

        // Deferred: any other kind would take the lock of the one writer.
        public override ValueTask<DbTransaction> SnapshotAsync(DbConnection connection, CancellationToken stop = default) =>
            ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));
    }

    private sealed class PostgresDialect : SqlDialect
    {
        internal override string Folder => "Postgres";

        public override string Elements(string parameter) => $"json_array_elements(CAST({parameter} AS json)) AS elements (value)";

        public override string Values(string parameter) => $"json_array_elements_text(CAST({parameter} AS json)) AS elements (value)";

        public override string ForUpdate(string table) => $"FOR UPDATE OF {table}";

        public override string SkipLocked(string table) => $"FOR UPDATE OF {table} SKIP LOCKED";

        public override ValueTask<DbTransaction> SnapshotAsync(DbConnection connection, CancellationToken stop = default) =>
            connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, stop);
    }
}
