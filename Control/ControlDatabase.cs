using System.Data.Common;
using Microsoft.Data.Sqlite;
using Weir.Control.Sqlite;

namespace Weir.Control;

/// <summary>The embedded control store: one SQLite file, <c>control.db</c>, in the data folder, for its owner alone (mode 0600).</summary>
/// <remarks>
/// Readers never wait (WAL). Writers of this process queue for one connection, because SQLite has one writer anyway and its own way
/// of waiting is to sleep; writers of other processes wait in SQLite, up to <see cref="BusyTimeout"/>. <c>synchronous = NORMAL</c>: what is
/// committed survives the death of the process; a power cut may cost the last commits, never the file. The writer keeps its statements prepared
/// (<see cref="WriterConnection"/>), and the log is copied into the file beside it (<see cref="WalCheckpoints"/>). Safe from any thread.
/// </remarks>
public sealed class ControlDatabase : IControlStore, IAsyncDisposable
{
    /// <summary>Its name in the data folder.</summary>
    public const string FileName = "control.db";

    /// <summary>Copies the store of a data folder into a new file, as it is at one moment, while programs go on using it.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="file">The copy; made for its owner alone.</param>
    /// <returns>False when the folder has no store.</returns>
    /// <exception cref="ControlException">It cannot be copied.</exception>
    public static bool TryCopy(string folder, string file)
    {
        string path = FileIn(folder);
        if (!File.Exists(path))
            return false;
        try
        {
            PrivateFile.Ensure(file);
            using var source = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
            source.Open();
            copy.Open();
            source.BackupDatabase(copy);
            return true;
        }
        catch (SqliteException e)
        {
            throw new ControlException($"The control store {path} cannot be copied: {e.Message} Mend that and back up again.", e);
        }
    }

    /// <summary>How long a writer waits for a writer of another process.</summary>
    public static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(10);

    // A batch of the queue changes some thousand pages all over the file. In SQLite's usual 2 MiB they went to the log and came back before the commit.
    private const int WriterCacheKib = 64 * 1024;

    private static readonly TimeSpan MigrationPatience = TimeSpan.FromMinutes(2);

    private readonly string _connectionString;
    private readonly WriterConnection _writer;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly WalCheckpoints _checkpoints;
    private int _isDisposed;

    private ControlDatabase(string folder, string connectionString, CertificateKeyFile key)
    {
        Folder = folder;
        Secrets = new SecretSeal(key);
        _connectionString = connectionString;
        _writer = new WriterConnection(connectionString);
        Open(_writer);
        Run(_writer, $"PRAGMA cache_size = -{WriterCacheKib}; PRAGMA wal_autocheckpoint = {WalCheckpoints.PagesMax};");
        _checkpoints = new WalCheckpoints(Connect, _writer, _writing);
    }

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public SecretSeal Secrets { get; }

    /// <summary>The database file.</summary>
    public string Path => FileIn(Folder);

    /// <summary>Opens or makes the store and brings its schema up to date; two programs may do so at the same time.</summary>
    /// <param name="folder">Data folder; made when missing.</param>
    /// <param name="sets">Migrations in the order in which they need each other; <see cref="MigrationSet.Control"/> always comes first.</param>
    /// <param name="time">Clock for waiting.</param>
    /// <param name="key">Seals the secrets in it; without it the file of its usual name in the data folder.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="ControlException">Newer than this program, not a database, not writable, or locked for too long.</exception>
    public static async Task<ControlDatabase> OpenAsync(
        string folder, IEnumerable<MigrationSet> sets, TimeProvider time, CertificateKeyFile? key = null, CancellationToken stop = default)
    {
        string path = FileIn(folder);
        string connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            Pooling = true,
            DefaultTimeout = (int)BusyTimeout.TotalSeconds,
        }.ToString();
        try
        {
            PrivateFile.EnsureFolder(folder);
            await using (await FileLock.TakeAsync($"{path}.lock", MigrationPatience, time, stop))
            {
                PrivateFile.Ensure(path);
                SqliteMigrations.Apply(connectionString, path, MigrationSet.InOrder(sets));
            }
            return new ControlDatabase(folder, connectionString, key ?? new CertificateKeyFile(System.IO.Path.Combine(folder, CertificateKeyFile.DefaultName)));
        }
        catch (SqliteException e)
        {
            throw new ControlException($"{path} cannot be used: {e.Message} Move it away to start afresh, or restore a backup.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new ControlException($"{path} cannot be opened: {e.Message} Give this user the right to write there, or choose another data folder.", e);
        }
    }

    /// <summary>An open connection for reading, from a pool; dispose it after use.</summary>
    public SqliteConnection Read() => Connect();

    /// <summary>Runs work in one transaction: all of it is kept, or none when it throws. One writer at a time; keep it short.</summary>
    /// <param name="work">Synchronous, as SQLite is. Its transaction's connection is lent for the call only.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    public async Task<T> WriteAsync<T>(Func<SqliteTransaction, T> work, CancellationToken stop = default)
    {
        await _writing.WaitAsync(stop);
        try
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            T answer = work(transaction);
            transaction.Commit();
            _checkpoints.Written();
            return answer;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>As <see cref="WriteAsync{T}"/>, without an answer.</summary>
    public Task WriteAsync(Action<SqliteTransaction> work, CancellationToken stop = default) => WriteAsync(
        transaction =>
        {
            work(transaction);
            return true;
        },
        stop);

    /// <inheritdoc/>
    public SqlDialect Dialect => SqlDialect.Sqlite;

    /// <inheritdoc/>
    Task<DbConnection> IControlStore.ReadAsync(CancellationToken stop) => Task.FromResult<DbConnection>(Read());

    /// <inheritdoc/>
    async Task<T> IControlStore.WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken stop)
    {
        await _writing.WaitAsync(stop);
        try
        {
            await using var transaction = _writer.BeginTransaction(deferred: false);
            T answer = await work(transaction);
            await transaction.CommitAsync(CancellationToken.None);
            _checkpoints.Written();
            return answer;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The file.</summary>
    public override string ToString() => Path;

    /// <summary>Waits for the last writer and closes the file. Repeating it does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _writing.WaitAsync();
        await _checkpoints.EndAsync();
        _checkpoints.Dispose();
        await _writer.DisposeAsync();
        using var any = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(any);
        _writing.Dispose();
    }

    private static string FileIn(string folder) => System.IO.Path.Combine(folder, FileName);

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        Open(connection);
        return connection;
    }

    private static void Open(SqliteConnection connection)
    {
        connection.Open();
        Run(connection, $"PRAGMA busy_timeout = {(int)BusyTimeout.TotalMilliseconds}; PRAGMA synchronous = NORMAL;");
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
