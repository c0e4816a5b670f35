using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Weir.Control.Sqlite;

/// <summary>The connection that a store writes by, which keeps its statements prepared. Used by one caller at a time.</summary>
/// <remarks>The driver prepares every command anew, and a statement of the queue, with the triggers and foreign keys that belong to it, took longer to prepare than to
/// run for twenty scans. What is asked by <see cref="DbConnection.CreateCommand"/>, as Dapper does, is prepared once; SQLite itself notices a changed schema.</remarks>
internal sealed class WriterConnection(string connectionString) : SqliteConnection(connectionString)
{
    // The texts are constants of ours, some dozens: the bound is for one that is put together.
    private const int KeptMax = 200;

    private readonly Dictionary<string, SqliteCommand> _kept = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override DbCommand CreateDbCommand() => new KeptCommand(this);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Forget();
        base.Dispose(disposing);
    }

    // Two commands of one text at a time are two statements.
    private SqliteCommand Take(string text)
    {
        if (_kept.Remove(text, out var kept))
            return kept;
        var command = CreateCommand();
        command.CommandText = text;
        return command;
    }

    private void Keep(SqliteCommand command)
    {
        if (_kept.Count >= KeptMax)
            Forget();
        command.Transaction = null;
        command.CommandTimeout = DefaultTimeout;
        if (!_kept.TryAdd(command.CommandText, command))
            command.Dispose();
    }

    private void Forget()
    {
        foreach (var command in _kept.Values)
            command.Dispose();
        _kept.Clear();
    }

    /// <summary>A command that borrows the prepared one of its text.</summary>
    private sealed class KeptCommand(WriterConnection connection) : DbCommand
    {
        private SqliteCommand? _command;
        private SqliteDataReader? _reader;
        private bool _hasFailed;

        [AllowNull]
        public override string CommandText
        {
            get => _command?.CommandText ?? "";
            set
            {
                // Dapper writes it for each row of a list of parameters, and anew where a parameter is a list.
                if (_command?.CommandText == value)
                    return;
                var parameters = _command?.Parameters.Cast<SqliteParameter>().ToList() ?? [];
                GiveBack();
                _command = connection.Take(value ?? "");
                _command.Parameters.AddRange(parameters);
            }
        }

        public override int CommandTimeout
        {
            get => Command.CommandTimeout;
            set => Command.CommandTimeout = value;
        }

        public override CommandType CommandType
        {
            get => CommandType.Text;
            set => Command.CommandType = value;
        }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        public override bool DesignTimeVisible { get; set; }

        protected override DbConnection? DbConnection
        {
            get => connection;
            set => throw new NotSupportedException("A command of the writer belongs to its connection.");
        }

        protected override DbParameterCollection DbParameterCollection => Command.Parameters;

        // Dapper gives the transaction before the text.
        protected override DbTransaction? DbTransaction { get; set; }

        private SqliteCommand Command => _command ?? throw new InvalidOperationException("The command has no text yet.");

        public override void Prepare() => Command.Prepare();

        public override void Cancel() => Command.Cancel();

        public override int ExecuteNonQuery() => Run(command => command.ExecuteNonQuery());

        public override object? ExecuteScalar() => Run(command => command.ExecuteScalar());

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => _reader = Run(command => command.ExecuteReader(behavior));

        protected override DbParameter CreateDbParameter() => Command.CreateParameter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                GiveBack();
            base.Dispose(disposing);
        }

        private void GiveBack()
        {
            if (Interlocked.Exchange(ref _command, null) is not { } command)
                return;
            command.Parameters.Clear();
            if (_hasFailed || _reader is { IsClosed: false })
                command.Dispose();
            else
                connection.Keep(command);
        }

        private T Run<T>(Func<SqliteCommand, T> run)
        {
            Command.Transaction = (SqliteTransaction?)DbTransaction;
            try
            {
                return run(Command);
            }
            catch
            {
                _hasFailed = true;
                throw;
            }
        }
    }
}
