using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace Weir.Control.Postgres;

/// <summary>The control store in a PostgreSQL database, which programs on several machines share.</summary>
/// <remarks>
/// Before its first use by this program its schema is brought up to date, whenever the server answers first: an edge may start while it is
/// away. Every failure of the server is a <see cref="DbException"/> for which <see cref="StoreOutage.Is"/> is true; after it, the next call tries
/// anew. Writers of one count queue in the database (see <c>SqlSiteDefinitions</c>). Safe from any thread.
/// </remarks>
public sealed class PostgresStore : IControlStore, IAsyncDisposable
{
    private readonly PostgresOptions _options;
    private readonly IReadOnlyList<MigrationSet> _sets;
    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _preparing = new(1, 1);

    // Written once by the holder of _preparing, after the schema is as it must be; readers need nothing else of what it did.
    private volatile bool _isReady;

    private PostgresStore(PostgresOptions options, IEnumerable<MigrationSet> sets, CertificateKeyFile? key = null)
    {
        Secrets = new SecretSeal(key);
        _options = options;
        _sets = MigrationSet.InOrder(sets);
        _source = NpgsqlDataSource.Create(options.Connection());
    }

    /// <summary>A store that is not asked for anything yet.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="sets">Migrations beside those of <see cref="MigrationSet.Control"/>.</param>
    public static PostgresStore Create(PostgresOptions options, params IEnumerable<MigrationSet> sets) => new(options, sets);

    /// <summary>A store that answers, with its schema up to date; several programs may open it at the same time.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="sets">Migrations beside those of <see cref="MigrationSet.Control"/>, in the order in which they need each other.</param>
    /// <param name="key">Seals the secrets in it.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ControlException">It does not answer, refuses this user, or was written by a newer program.</exception>
    public static async Task<PostgresStore> OpenAsync(
        PostgresOptions options, IEnumerable<MigrationSet> sets, CertificateKeyFile? key = null, CancellationToken stop = default)
    {
        var store = new PostgresStore(options, sets, key);
        try
        {
            await store.PrepareAsync(stop);
            return store;
        }
        catch (Exception e)
        {
            await store.DisposeAsync();
            if (StoreOutage.Is(e))
                throw StoreOutage.Explain(store, e);
            throw;
        }
    }

    /// <inheritdoc/>
    public SecretSeal Secrets { get; }

    /// <inheritdoc/>
    public SqlDialect Dialect => SqlDialect.Postgres;

    /// <inheritdoc/>
    public async Task<DbConnection> ReadAsync(CancellationToken stop = default) => await ConnectAsync(stop);

    /// <inheritdoc/>
    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken stop = default)
    {
        await using var connection = await ConnectAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        T answer = await work(transaction);
        await transaction.CommitAsync(CancellationToken.None);
        return answer;
    }

    /// <summary>Which database it is, without the password.</summary>
    public override string ToString() => _options.ToString();

    /// <summary>Closes every connection that is not lent. Repeating it does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _preparing.Dispose();
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken stop)
    {
        await PrepareAsync(stop);
        try
        {
            return await _source.OpenConnectionAsync(stop);
        }
        catch (SocketException e)
        {
            // The driver passes failures of DNS on as they are.
            throw new NpgsqlException(e.Message, e);
        }
    }

    private async Task PrepareAsync(CancellationToken stop)
    {
        if (_isReady)
            return;
        await _preparing.WaitAsync(stop);
        try
        {
            if (!_isReady)
                await PostgresMigrations.ApplyAsync(_options, _sets, stop);
            _isReady = true;
        }
        catch (SocketException e)
        {
            throw new NpgsqlException(e.Message, e);
        }
        finally
        {
            _preparing.Release();
        }
    }
}
