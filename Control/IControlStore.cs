using System.Data.Common;

namespace Weir.Control;

/// <summary>A database that holds tenants, sites, keys and certificates, whichever its dialect. Safe from any thread.</summary>
public interface IControlStore
{
    /// <summary>Which SQL it speaks.</summary>
    SqlDialect Dialect { get; }

    /// <summary>Seals the secrets in it.</summary>
    SecretSeal Secrets { get; }

    /// <summary>An open connection for reading, from a pool; dispose it after use.</summary>
    /// <exception cref="DbException">The store does not answer; see <see cref="StoreOutage"/>.</exception>
    Task<DbConnection> ReadAsync(CancellationToken stop = default);

    /// <summary>Runs work in one transaction: all of it is kept, or none when it throws. Keep it short: others may wait for it.</summary>
    /// <param name="work">Its transaction and connection are lent for the call only.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken stop = default);
}
