using System.Globalization;
using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;
using ZstdSharp;

namespace Weir.Ingest.Backup;

/// <summary>Reads the store's tables into files while hits keep coming.</summary>
/// <remarks>
/// A table that a view fills from <c>hits</c> is not read: its rows are made again from the hits when those are restored, so that both agree
/// however much came while they were read. Hourly counts are, because they may outlive their hits; they are read before the hits, so that no
/// count is of a hit that is not in the backup. Native format instead of ClickHouse's own BACKUP: it needs no disk that the server was
/// told about, and moves from the embedded server to another.
/// </remarks>
/// <param name="endpoint">The store.</param>
public sealed class StoreBackup(ClickHouseEndpoint endpoint) : IDisposable
{
    private const string Hits = "hits";
    private const string Hourly = "hits_hourly";
    private const int Level = 3;

    // What is not of this schema, or of a moment only.
    private const string TablesSql =
        """
        SELECT name
        FROM system.tables
        WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
          AND NOT startsWith(name, 'hits_staging_') AND name NOT IN ('schema_migrations', 'deletion_keys')
          AND (name = 'hits_hourly' OR name NOT IN
          (
              SELECT extract(create_table_query, ' TO (?:`?\\w+`?\\.)?`?(\\w+)`?')
              FROM system.tables WHERE database = currentDatabase() AND engine = 'MaterializedView'
          ))
        ORDER BY name = 'hits_hourly' DESC, name = 'hits' DESC, name
        """;

    private const string ColumnsSql =
        """
        SELECT name FROM system.columns
        WHERE database = currentDatabase() AND table = {table:String} AND default_kind NOT IN ('MATERIALIZED', 'ALIAS', 'EPHEMERAL')
        ORDER BY position
        """;

    private readonly ClickHouseConnections _connections = new(endpoint, TimeSpan.FromDays(7));

    /// <summary>Reads every table into a folder <c>store</c> below the backup's.</summary>
    /// <param name="folder">The backup's folder.</param>
    /// <param name="progress">Told of each table and its rows.</param>
    /// <param name="stop">Gives it up.</param>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<IReadOnlyList<BackedUpTable>> RunAsync(string folder, Action<string, long>? progress = null, CancellationToken stop = default)
    {
        try
        {
            List<BackedUpTable> tables = [];
            foreach (string table in await TextsAsync(TablesSql, "", stop))
            {
                tables.Add(await ReadAsync(folder, table, stop));
                progress?.Invoke(table, tables[^1].RowsAtLeast);
            }
            return tables.Exists(t => t.Name == Hits) ? tables
                : throw new StoreException("This database has no table of hits of its own: it reads a cluster's. Back the cluster up with ClickHouse's own means.");
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e) && e is not StoreException)
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connections.Dispose();

    private async Task<BackedUpTable> ReadAsync(string folder, string table, CancellationToken stop)
    {
        var columns = await TextsAsync(ColumnsSql, table, stop);
        long rows = Convert.ToInt64(await _connections.Client.ExecuteScalarAsync(
            "SELECT count() FROM {table:Identifier}", QueryParameters.Of(("table", table)), cancellationToken: stop), CultureInfo.InvariantCulture);
        List<BackedUpFile> files = [];
        Directory.CreateDirectory(Path.Combine(folder, "store", table));
        foreach (string part in await TextsAsync("SELECT DISTINCT _partition_id FROM {table:Identifier} ORDER BY _partition_id", table, stop))
        {
            string path = $"store/{table}/{part}.native.zst";
            await ReadPartAsync(Path.Combine(folder, path), table, part, stop);
            files.Add(await BackedUpFile.OfAsync(folder, path, stop));
        }
        return new BackedUpTable(table, columns, rows, files);
    }

    private async Task ReadPartAsync(string path, string table, string part, CancellationToken stop)
    {
        var options = new QueryOptions
        {
            CustomSettings = new Dictionary<string, object> { ["param_table"] = table, ["param_part"] = part, ["max_block_size"] = 65_536 },
        };
        using var result = await _connections.Client.ExecuteRawResultAsync(
            "SELECT * FROM {table:Identifier} WHERE _partition_id = {part:String} FORMAT Native", options, stop);
        await using var rows = await result.ReadAsStreamAsync();
        var making = PrivateFile.Making();
        making.BufferSize = 1 << 20;
        await using var file = new FileStream(path, making);
        await using (var packed = new CompressionStream(file, Level, leaveOpen: true))
            await rows.CopyToAsync(packed, 1 << 20, stop);
        file.Flush(flushToDisk: true);
    }

    private async Task<List<string>> TextsAsync(string sql, string table, CancellationToken stop)
    {
        List<string> texts = [];
        await using var reader = await _connections.Client.ExecuteReaderAsync(sql, QueryParameters.Of(("table", table)), cancellationToken: stop);
        while (await reader.ReadAsync(stop))
            texts.Add(reader.GetString(0));
        return texts;
    }
}
