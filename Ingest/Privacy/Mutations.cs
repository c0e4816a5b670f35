using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Privacy;

/// <summary>Statements that change stored rows, waited for until they are done.</summary>
/// <remarks>
/// Mutations, not lightweight deletes: those mark rows and leave them in the files until some merge. A mutation writes the touched parts anew
/// without the rows, and ClickHouse takes the old files away some eight minutes later. They outlive this program and the server's restart.
/// </remarks>
internal sealed class Mutations(ClickHouseConnections connections, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    // The statement names rows by a subquery over keys that stay until the end: the same for every replica.
    private static readonly QueryOptions Options = new()
    {
        CustomSettings = new Dictionary<string, object> { ["allow_nondeterministic_mutations"] = 1, ["mutations_sync"] = 0, ["log_queries"] = 0 },
    };

    /// <summary>Starts one and returns when nothing that is under way in its table is left.</summary>
    /// <exception cref="StoreException">ClickHouse gave it up, and says why.</exception>
    public async Task RunAsync(string table, string sql, (string Name, object Value)[] parameters, CancellationToken stop)
    {
        await connections.Client.ExecuteNonQueryAsync(sql, QueryParameters.Of([("table", table), .. parameters]), Options, stop);
        while (await FailureAsync(table, stop) is { } why)
        {
            if (why.Length > 0)
                throw new StoreException($"ClickHouse cannot delete from {table}: {why} Mend that and run the same command again.");
            await Task.Delay(LookEvery, time, stop);
        }
    }

    // Null when nothing is under way; empty while something is and goes well.
    private async Task<string?> FailureAsync(string table, CancellationToken stop) =>
        await connections.Client.ExecuteScalarAsync(
            """
            SELECT if(count() = 0, NULL, any(substring(latest_fail_reason, 1, 300)))
            FROM system.mutations
            WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done
            """,
            QueryParameters.Of(("table", table)), cancellationToken: stop) as string;
}
