using ClickHouse.Driver;
using Weir.Ingest.Buffering;

namespace Weir.Ingest.ClickHouse;

/// <summary>One attempt to store rows of a batch.</summary>
internal sealed class HitInserter(ClickHouseConnections connections)
{
    /// <summary>The table and every view behind it.</summary>
    public const string ToHits = "hits";

    /// <summary>The hourly counts alone.</summary>
    public const string ToHourly = "hits_to_hourly";

    /// <summary>Takes rows from the hourly counts, and from nothing else.</summary>
    public const string FromHourly = "hits_from_hourly";

    /// <summary>The trigger reader's table alone.</summary>
    public const string ToCrawlerFetches = "hits_to_crawler_fetches";

    private readonly HitColumns _columns = new(connections);

    /// <summary>Stores rows as one block, unless ClickHouse knows the token: then it says yes and stores nothing twice, the views
    /// behind the table included, which also mends a view that a crash left behind its table.</summary>
    public async Task InsertAsync(
        HitBatch batch, int firstRow, int rows, string token, CancellationToken stop, string table = ToHits)
    {
        var options = new QueryOptions
        {
            CustomSettings = new Dictionary<string, object>
            {
                ["insert_deduplicate"] = 1,
                ["insert_deduplication_token"] = token,
                ["deduplicate_blocks_in_dependent_materialized_views"] = 1,
                // On by default since ClickHouse 26; a batch is large enough, and its answer must mean "stored".
                ["async_insert"] = 0,
            },
        };
        using var block = NativeBlock.Of(batch.Rows, firstRow, rows, await _columns.OfAsync(batch.Columns, stop));
        using var response = await connections.Client.PostStreamAsync(
            $"INSERT INTO {table} ({batch.Columns}) FORMAT Native", block.AsStream(), isCompressed: false, stop, options);
    }

    /// <summary>Whether a row is stored. A batch is one block, one part, all or nothing: one row tells of all.</summary>
    public async Task<bool> IsStoredAsync(HitBatch batch, int row, CancellationToken stop)
    {
        var (timeMs, hitId) = batch.Rows.KeyOf(row);
        object? count = await connections.Client.ExecuteScalarAsync(
            """
            SELECT count() FROM hits
            WHERE site = {site:String} AND time = fromUnixTimestamp64Milli({time:Int64}, 'UTC') AND hit_id = {id:UInt64}
            """,
            QueryParameters.Of(("site", batch.SiteOf(row)), ("time", timeMs), ("id", hitId)), cancellationToken: stop);
        return Convert.ToInt64(count) > 0;
    }

    /// <summary>Stores rows in the table and shows them to no view: they go into a table of their own, whose part is then attached.</summary>
    /// <remarks>ClickHouse takes no parameter for a table's name there, so this text is joined: of a random number in hex and of the
    /// month's number, nothing from outside. A crash in between leaves a table <c>hits_staging_…</c> behind, which nothing reads.</remarks>
    public async Task InsertWithoutViewsAsync(HitBatch batch, int firstRow, int rows, CancellationToken stop)
    {
        string staging = $"hits_staging_{Guid.NewGuid():n}";
        await connections.Client.ExecuteNonQueryAsync($"CREATE TABLE {staging} AS hits", cancellationToken: stop);
        try
        {
            await InsertAsync(batch, firstRow, rows, staging, stop, staging);
            await connections.Client.ExecuteNonQueryAsync(
                $"ALTER TABLE hits ATTACH PARTITION ID '{batch.Month:d6}' FROM {staging}", cancellationToken: stop);
        }
        finally
        {
            await connections.Client.ExecuteNonQueryAsync($"DROP TABLE IF EXISTS {staging} SYNC", cancellationToken: stop);
        }
    }
}
