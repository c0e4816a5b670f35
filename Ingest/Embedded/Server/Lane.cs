using System.Collections.Concurrent;
using System.Text;
using Weir.Ingest.Embedded.Engine;

namespace Weir.Ingest.Embedded.Server;

/// <summary>What a statement leaves on its connection.</summary>
internal enum StatementEnd : byte
{
    /// <summary>Nothing.</summary>
    Clean,

    /// <summary>It may have changed the connection itself: SET, USE, temporary tables.</summary>
    Touched,

    /// <summary>It failed or was stopped.</summary>
    Failed,
}

/// <summary>One connection and the thread that alone uses it. Settings and database are put on before a statement and known after.</summary>
internal sealed class Lane : IDisposable
{
    // The engine's parser and analyser recurse; its own limits assume a thread of at least 8 MiB.
    const int StackBytes = 16 * 1024 * 1024;
    const string DefaultDatabase = "default";

    static readonly IReadOnlyDictionary<string, string> NoSettings = new Dictionary<string, string>(StringComparer.Ordinal);

    readonly BlockingCollection<Action> _work = [];
    readonly IReadOnlyList<string> _arguments;
    readonly Thread _thread;
    ChdbConnection? _connection;
    IReadOnlyDictionary<string, string> _settings = NoSettings;
    readonly Dictionary<string, string> _before = new(StringComparer.Ordinal);
    string _database = DefaultDatabase;

    /// <summary>Makes a lane.</summary>
    /// <param name="connection">Its connection, or null: it opens one when first used.</param>
    /// <param name="arguments">Options for connections that replace this one.</param>
    /// <param name="mark">Value of log_comment on every statement of this lane; KILL QUERY finds them by it.</param>
    /// <param name="isSession">Whether SET, USE and temporary tables are kept for the next statement.</param>
    public Lane(ChdbConnection? connection, IReadOnlyList<string> arguments, string mark, bool isSession = false)
    {
        _connection = connection;
        _arguments = arguments;
        IsSession = isSession;
        Mark = mark;
        _thread = new Thread(Work, StackBytes) { IsBackground = true, Name = mark };
        _thread.Start();
    }

    /// <summary>What marks this lane's statements in system.processes.</summary>
    public string Mark { get; }

    /// <summary>Whether what a statement leaves on the connection is kept for the next.</summary>
    public bool IsSession { get; }

    /// <summary>Runs a piece of work on the lane's thread.</summary>
    public Task<T> RunAsync<T>(Func<ChdbConnection, T> work)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                answer.SetResult(work(Connection()));
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
        });
        return answer.Task;
    }

    /// <summary>Puts a statement's settings and database on. Call on the lane's thread.</summary>
    /// <exception cref="ClickHouseException">The engine refuses one of them.</exception>
    public void Prepare(ChdbConnection connection, IReadOnlyDictionary<string, string> settings, string? database)
    {
        if (IsSession) Remember(connection, settings, database);
        PutSettings(connection, settings);
        PutDatabase(connection, IsSession ? database ?? _database : database ?? DefaultDatabase);
    }

    /// <summary>Takes back what <see cref="Prepare"/> put on, where the next statement must not see it.</summary>
    /// <param name="connection">The lane's connection.</param>
    /// <param name="end">How the statement ended.</param>
    public void Restore(ChdbConnection connection, StatementEnd end)
    {
        if (!IsSession)
        {
            if (end != StatementEnd.Clean) Renew();
            return;
        }
        // libchdb keeps a failed statement, its memory and its line in system.processes, until the connection's next one.
        if (end == StatementEnd.Failed) connection.Query("SELECT 1").Dispose();
        if (_settings.Count > 0) PutSettings(connection, NoSettings);
        if (_before.Remove("", out string? database)) PutDatabase(connection, database);
        _before.Clear();
    }

    /// <summary>Closes the connection; the next piece of work opens another, with nothing on it.</summary>
    public void Renew()
    {
        _connection?.Dispose();
        _connection = null;
        _settings = NoSettings;
        _database = DefaultDatabase;
    }

    public void Dispose()
    {
        _work.Add(Renew);
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    ChdbConnection Connection() =>
        _connection ??= ChdbConnection.TryOpen([.. _arguments, $"--log_comment={Mark}"])
            ?? throw ClickHouseException.Of(210, "NETWORK_ERROR", "The engine refused a new connection.");

    void Work()
    {
        foreach (Action action in _work.GetConsumingEnumerable()) action();
    }

    // A session's own SET and USE must be found again after a statement that had settings or a database in its URL.
    void Remember(ChdbConnection connection, IReadOnlyDictionary<string, string> settings, string? database)
    {
        _before.Clear();
        if (database is not null) _before[""] = _database = Ask(connection, "SELECT currentDatabase()").TrimEnd('\n');
        if (settings.Count == 0) return;
        string names = string.Join(',', settings.Keys.Select(SqlText.Quote));
        string found = Ask(connection, $"SELECT name, base64Encode(value) FROM system.settings WHERE changed AND name IN ({names})");
        foreach (string line in found.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = line.Split('\t');
            _before[pair[0]] = Encoding.UTF8.GetString(Convert.FromBase64String(pair[1]));
        }
    }

    void PutSettings(ChdbConnection connection, IReadOnlyDictionary<string, string> wanted)
    {
        StringBuilder set = new();
        foreach (string name in _settings.Keys)
        {
            if (wanted.ContainsKey(name)) continue;
            string value = _before.TryGetValue(name, out string? before) ? SqlText.Quote(before) : Usual(name);
            set.Append(set.Length == 0 ? "SET " : ", ").Append(name).Append(" = ").Append(value);
        }
        foreach (var (name, value) in wanted)
        {
            if (_settings.TryGetValue(name, out string? now) && string.Equals(now, value, StringComparison.Ordinal)) continue;
            string put = string.Equals(name, "log_comment", StringComparison.Ordinal) ? $"{Mark} {value}" : value;
            set.Append(set.Length == 0 ? "SET " : ", ").Append(name).Append(" = ").Append(SqlText.Quote(put));
        }
        if (set.Length > 0) Tell(connection, set.ToString());
        _settings = wanted;
    }

    // What a new connection has: the mark is one of its options.
    string Usual(string setting) =>
        string.Equals(setting, "log_comment", StringComparison.Ordinal) ? SqlText.Quote(Mark) : "DEFAULT";

    void PutDatabase(ChdbConnection connection, string database)
    {
        if (string.Equals(database, _database, StringComparison.Ordinal)) return;
        Tell(connection, "USE " + SqlText.QuoteName(database));
        _database = database;
    }

    // A refused SET may have changed some of its settings: on a lane that others use next, start anew.
    void Tell(ChdbConnection connection, string sql)
    {
        using ChdbResult result = connection.Query(sql);
        if (result.Error is null) return;
        if (!IsSession) Renew();
        throw ClickHouseException.FromEngine(result.Error);
    }

    static string Ask(ChdbConnection connection, string sql)
    {
        using ChdbResult result = connection.Query(sql);
        if (result.Error is not null) throw ClickHouseException.FromEngine(result.Error);
        byte[] text = new byte[result.Length];
        result.Read(0, text);
        return Encoding.UTF8.GetString(text);
    }
}
