using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Schema;

/// <summary>Makes two programs that start together change the schema one after the other, on a plain ClickHouse without Keeper.</summary>
/// <remarks>
/// A table is the lock: CREATE TABLE without IF NOT EXISTS succeeds for exactly one of several programs, and DROP TABLE gives it back.
/// A holder that died leaves the table behind. So the holder changes the table's comment every few seconds, which moves
/// <c>metadata_modification_time</c> (the server's clock on both sides of the comparison, so programs' clocks do not matter), and a table
/// that has not moved for <see cref="StaleAfter"/> is taken away by RENAME to a name made of that table's own UUID: of several programs
/// that saw the same dead table one succeeds, and none can take away a living table that has come after it, since its target name is
/// taken. Migrations are also safe to meet half-applied, so that even a holder who was wrongly taken for dead does no harm.
/// </remarks>
internal sealed class SchemaLock : IAsyncDisposable
{
    internal static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(5);
    internal static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);
    private const int TableAlreadyExists = 57;

    private readonly ClickHouseClient _client;
    private readonly ITimer _beat;

    private SchemaLock(ClickHouseClient client, TimeProvider time)
    {
        _client = client;
        _beat = time.CreateTimer(_ => _ = BeatAsync(), null, BeatEvery, BeatEvery);
    }

    /// <summary>Waits until this program holds the lock.</summary>
    public static async Task<SchemaLock> TakeAsync(
        ClickHouseClient client, TimeProvider time, CancellationToken stop, TimeSpan? staleAfter = null)
    {
        while (true)
        {
            try
            {
                await client.ExecuteNonQueryAsync("CREATE TABLE schema_lock (nothing UInt8) ENGINE = Memory COMMENT 'held'",
                    cancellationToken: stop);
                return new SchemaLock(client, time);
            }
            catch (ClickHouseServerException held) when (held.ErrorCode == TableAlreadyExists)
            {
                await TakeAwayIfDeadAsync(client, staleAfter ?? StaleAfter, stop);
                await Task.Delay(AskEvery, time, stop);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _beat.DisposeAsync();
        await _client.ExecuteNonQueryAsync("DROP TABLE IF EXISTS schema_lock SYNC");
    }

    private static async Task TakeAwayIfDeadAsync(ClickHouseClient client, TimeSpan staleAfter, CancellationToken stop)
    {
        object? dead = await client.ExecuteScalarAsync(
            """
            SELECT concat('schema_lock_dead_', replaceAll(toString(uuid), '-', ''))
            FROM system.tables
            WHERE database = currentDatabase() AND name = 'schema_lock' AND metadata_modification_time < now() - {seconds:UInt32}
            """,
            QueryParameters.Of(("seconds", (uint)staleAfter.TotalSeconds)), cancellationToken: stop);
        if (dead is not string name)
            return;
        var names = QueryParameters.Of(("name", name));
        try
        {
            await client.ExecuteNonQueryAsync("RENAME TABLE schema_lock TO {name:Identifier}", names, cancellationToken: stop);
            await client.ExecuteNonQueryAsync("DROP TABLE IF EXISTS {name:Identifier} SYNC", names, cancellationToken: stop);
        }
        catch (ClickHouseServerException)
        {
            // Another program was first. Who holds the lock is seen by the next attempt.
        }
    }

    private async Task BeatAsync()
    {
        try
        {
            await _client.ExecuteNonQueryAsync($"ALTER TABLE schema_lock MODIFY COMMENT '{Guid.NewGuid():n}'");
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e))
        {
            // A missed beat matters only when several follow it, and then the migration fails with the same error.
        }
    }
}
