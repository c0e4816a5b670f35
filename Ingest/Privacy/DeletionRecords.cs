using Weir.Detection;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Privacy;

/// <summary>Writes down what was deleted: table <c>deletions</c>. Never whose address it was.</summary>
internal sealed class DeletionRecords(ClickHouseConnections connections)
{
    private const string Sql =
        """
        INSERT INTO deletions (deletion, at, made_by, subject, site, stored_in, rows_before, rows_deleted, rows_after, is_complete)
        SELECT {deletion:String}, fromUnixTimestamp64Milli({at:Int64}, 'UTC'), {made_by:String}, {subject:String}, {site:String}, {table:String},
               {before:UInt64}, {deleted:UInt64}, {after:UInt64}, {complete:Bool}
        """;

    /// <summary>A row for each table.</summary>
    public async Task WriteAsync(DeletionReport report, string subject, SiteId? site, string madeBy, CancellationToken stop)
    {
        foreach (var table in report.Tables)
        {
            await connections.Client.ExecuteNonQueryAsync(Sql, QueryParameters.Of(
                ("deletion", report.Id), ("at", report.At.ToUnixTimeMilliseconds()), ("made_by", madeBy), ("subject", subject), ("site", site?.Value ?? ""),
                ("table", table.Table), ("before", (ulong)table.Before), ("deleted", (ulong)table.Deleted), ("after", (ulong)table.After), ("complete", report.IsComplete)),
                cancellationToken: stop);
        }
    }
}
