using System.Globalization;
using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;
using ZstdSharp;

namespace Weir.Ingest.Backup;

/// <summary>Puts the tables of a backup into an empty store.</summary>
/// <param name="endpoint">The store; its schema is made.</param>
public sealed class StoreRestore(ClickHouseEndpoint endpoint) : IDisposable
{
    private const string Hits = "hits";
    private const string Hourly = "hits_hourly";

    private static readonly QueryOptions Insert = new()
    {
        // Equal blocks are no repeats here.
        CustomSettings = new Dictionary<string, object> { ["insert_deduplicate"] = 0, ["async_insert"] = 0 },
    };

    private readonly ClickHouseConnections _connections = new(endpoint, TimeSpan.FromDays(7));

    /// <summary>Restores.</summary>
    /// <param name="folder">The backup.</param>
    /// <param name="manifest">What it holds, checked.</param>
    /// <param name="progress">Told of each table and its rows.</param>
    /// <param name="stop">Gives it up; the store is half full then.</param>
    /// <returns>Hits in the store.</returns>
    /// <exception cref="BackupException">The store is not empty, or has fewer rows afterwards than the backup.</exception>
    /// <exception cref="StoreException">The store refuses.</exception>
    public async Task<long> RunAsync(string folder, BackupManifest manifest, Action<string, long>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        try
        {
            await SchemaMigrator.ApplyAsync(endpoint, stop: stop);
            await EnsureEmptyAsync(manifest, stop);
            // Hits before the hourly counts, which are then those of hours without hits.
            foreach (var table in manifest.Tables.OrderBy(t => t.Name == Hourly))
            {
                long rows = table.Name == Hourly ? await RestoreHourlyAsync(folder, table, stop) : await RestoreAsync(folder, table, table.Name, stop);
                if (rows < table.RowsAtLeast && table.Name is Hits)
                    throw new BackupException($"Table {table.Name} has {rows} rows after the restore, and the backup {table.RowsAtLeast} or more. Look into the log of ClickHouse, and restore into an empty store.");
                progress?.Invoke(table.Name, rows);
            }
            return await CountAsync(Hits, stop);
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e) && e is not StoreException)
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connections.Dispose();

    private async Task EnsureEmptyAsync(BackupManifest manifest, CancellationToken stop)
    {
        foreach (string table in (string[])[Hits, Hourly, .. manifest.Tables.Select(t => t.Name)])
        {
            long exists = Convert.ToInt64(await _connections.Client.ExecuteScalarAsync(
                "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = {table:String} AND engine LIKE '%MergeTree'",
                QueryParameters.Of(("table", table)), cancellationToken: stop), CultureInfo.InvariantCulture);
            if (exists == 0)
                throw new BackupException($"The backup has a table {table}, which this Weir's store has not. Restore it with the Weir that made it.");
            if (await CountAsync(table, stop) > 0)
                throw new BackupException($"The store at {endpoint} is not empty: table {table} has rows. Restore into an empty one.");
        }
    }

    private async Task<long> RestoreAsync(string folder, BackedUpTable table, string into, CancellationToken stop)
    {
        foreach (var file in table.Files)
        {
            await using var packed = File.OpenRead(Path.Combine(folder, file.Path));
            await using var rows = new DecompressionStream(packed);
            // Names were checked with the manifest; ClickHouse takes no parameter for them here.
            using var response = await _connections.Client.PostStreamAsync(
                $"INSERT INTO {into} ({string.Join(", ", table.Columns)}) FORMAT Native", rows, isCompressed: false, stop, Insert);
        }
        return await CountAsync(into, stop);
    }

    private async Task<long> RestoreHourlyAsync(string folder, BackedUpTable table, CancellationToken stop)
    {
        const string Staging = "hits_staging_hourly";
        await _connections.Client.ExecuteNonQueryAsync($"CREATE TABLE {Staging} AS {Hourly}", cancellationToken: stop);
        try
        {
            await RestoreAsync(folder, table, Staging, stop);
            string columns = string.Join(", ", table.Columns);
            await _connections.Client.ExecuteNonQueryAsync(
                $"INSERT INTO {Hourly} ({columns}) SELECT {columns} FROM {Staging} WHERE (site, hour) NOT IN (SELECT site, toStartOfHour(time) FROM {Hits})",
                null, Insert, stop);
        }
        finally
        {
            await _connections.Client.ExecuteNonQueryAsync($"DROP TABLE IF EXISTS {Staging} SYNC", cancellationToken: CancellationToken.None);
        }
        return await CountAsync(Hourly, stop);
    }

    private async Task<long> CountAsync(string table, CancellationToken stop) => Convert.ToInt64(await _connections.Client.ExecuteScalarAsync(
        "SELECT count() FROM {table:Identifier}", QueryParameters.Of(("table", table)), cancellationToken: stop), CultureInfo.InvariantCulture);
}
