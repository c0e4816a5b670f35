using System.Data.Common;
using Dapper;
using Weir.Control;

namespace Weir.Scheduling;

/// <summary>The one clock of a store: what is due and which lease has run out is decided by it alone. Safe from any thread.</summary>
/// <remarks>
/// Programs on several machines share a PostgreSQL, and their clocks differ: a program an hour ahead would take every other program's leases
/// for run out, and one an hour behind would find nothing due. So the database's clock counts there. A SQLite file is on one machine, whose clock all its programs share.
/// </remarks>
public sealed class StoreClock
{
    private readonly IControlStore _store;

    // Null where the store's own clock counts.
    private readonly TimeProvider? _time;

    private StoreClock(IControlStore store, TimeProvider? time)
    {
        _store = store;
        _time = time;
    }

    /// <summary>The clock of a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="time">This machine's clock.</param>
    public static StoreClock Of(IControlStore store, TimeProvider time) => new(store, store.Dialect == SqlDialect.Sqlite ? time : null);

    /// <summary>A clock that a test moves, whatever the store.</summary>
    internal static StoreClock Moved(IControlStore store, TimeProvider time) => new(store, time);

    /// <summary>The time.</summary>
    public async ValueTask<DateTimeOffset> NowAsync(CancellationToken stop = default)
    {
        if (_time is not null)
            return _time.GetUtcNow();
        await using var connection = await _store.ReadAsync(stop);
        return UnixMs.Time(await connection.QuerySingleAsync<long>(Sql));
    }

    /// <summary>The time within a transaction, in milliseconds since 1970-01-01 UTC: that of the moment, not of the transaction's begin, which may have waited for locks.</summary>
    internal async ValueTask<long> NowMsAsync(DbTransaction transaction) =>
        _time?.NowMs() ?? await transaction.Connection!.QuerySingleAsync<long>(Sql, transaction: transaction);

    private const string Sql = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)";
}
