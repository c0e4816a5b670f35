using Microsoft.Extensions.Logging;
using Weir.Ingest.Buffering;

namespace Weir.Ingest.ClickHouse;

/// <summary>Checks that rows which were sent more than once stand in every view behind the table, and mends a view that lacks them or has them twice.</summary>
/// <remarks>
/// ClickHouse notes a block's token before it keeps the block. Killed in between, it takes the repeat for known, in the table or in any
/// view by itself. The table and <c>crawler_fetches</c> are asked for one row, since a block is all or nothing. Hourly counts are asked
/// for the sum of ids over the rows' sites and hours: the table's less the view's is 0 when all is well, the sum of these very rows'
/// ids when they are missing, and less than 0 by it when they are there twice. Another writer at work makes it something else for a moment, and then it is asked again.
/// <c>open_identities</c> counts nothing twice, so it is simply given what it lacks.
/// </remarks>
internal sealed class ViewRepair(ClickHouseConnections connections, HitInserter inserter, ILogger log, TimeProvider time)
{
    /// <summary>Gives <c>open_identities</c> what it lacks of the hits of some sites, or all, over a span of time.</summary>
    public const string FillOpenIdentities =
        $$"""
        INSERT INTO open_identities (time, site, hit_id, client_address, kind, crawler, operator, purpose, identity, identity_method)
        SELECT time, site, hit_id, client_address, kind, crawler, operator, purpose, identity, identity_method
        FROM hits
        WHERE crawler != '' AND (identity = 'pending' OR (identity = 'unverifiable' AND bitAnd(reasons, 558345748480) != 0))
          AND ({all:Bool} OR site IN {sites:Array(String)})
          AND {{HourSpan.OfTime}}
          AND (site, time, hit_id) NOT IN
          (
              SELECT site, time, hit_id FROM open_identities
              WHERE ({all:Bool} OR site IN {sites:Array(String)})
                AND {{HourSpan.OfTime}}
          )
        """;

    private const int Attempts = 20;
    private const int SitesMax = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns when the views have the rows, each once. The table must have them.</summary>
    public async Task EnsureAsync(HitBatch batch, int firstRow, int rows, string token, CancellationToken stop)
    {
        await EnsureCrawlerFetchesAsync(batch, firstRow, rows, token, stop);
        await EnsureHourlyAsync(batch, firstRow, rows, token, stop);
        await EnsureOpenIdentitiesAsync(ShareOf(batch, firstRow, rows), stop);
    }

    private Task<int> EnsureOpenIdentitiesAsync(Share share, CancellationToken stop) => connections.Client.ExecuteNonQueryAsync(
        FillOpenIdentities,
        QueryParameters.Of(("all", share.Sites.Length > SitesMax), ("sites", share.Sites.Length > SitesMax ? [] : share.Sites),
            ("from", share.Hours.FromMs), ("to", share.Hours.ToMs)), cancellationToken: stop);

    private async Task EnsureCrawlerFetchesAsync(HitBatch batch, int firstRow, int rows, string token, CancellationToken stop)
    {
        int row = firstRow;
        while (row < firstRow + rows && !HitEncoder.IsCrawlerFetch(batch.Rows.Slice(row, 1).Span))
            row++;
        if (row == firstRow + rows)
            return;
        var (timeMs, hitId) = batch.Rows.KeyOf(row);
        object? count = await connections.Client.ExecuteScalarAsync(
            """
            SELECT count() FROM crawler_fetches
            WHERE hit_id = {id:UInt64} AND site = {site:String} AND time = fromUnixTimestamp64Milli({time:Int64}, 'UTC')
            """,
            QueryParameters.Of(("id", hitId), ("site", batch.SiteOf(row)), ("time", timeMs)), cancellationToken: stop);
        if (Convert.ToInt64(count) > 0)
            return;
        log.ViewMended("crawler_fetches", batch.Id);
        await inserter.InsertAsync(batch, firstRow, rows, $"{token}-fetches-{Guid.NewGuid():n}", stop, HitInserter.ToCrawlerFetches);
    }

    private async Task EnsureHourlyAsync(HitBatch batch, int firstRow, int rows, string token, CancellationToken stop)
    {
        var share = ShareOf(batch, firstRow, rows);
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            ulong missing = await MissingAsync(share, stop);
            if (missing == 0)
                return;
            if (missing == share.IdsSum)
            {
                log.ViewMended("hits_hourly", batch.Id);
                await inserter.InsertAsync(batch, firstRow, rows, $"{token}-hourly-{Guid.NewGuid():n}", stop, HitInserter.ToHourly);
                return;
            }
            if (missing == unchecked(0 - share.IdsSum))
            {
                log.ViewTakenBack("hits_hourly", batch.Id);
                await inserter.InsertAsync(batch, firstRow, rows, $"{token}-hourly-{Guid.NewGuid():n}", stop, HitInserter.FromHourly);
                return;
            }
            await Task.Delay(Pause, time, stop);
        }
        log.ViewNotJudged("hits_hourly", batch.Id);
    }

    private async Task<ulong> MissingAsync(Share share, CancellationToken stop)
    {
        object? missing = await connections.Client.ExecuteScalarAsync(
            $$"""
            SELECT
                (SELECT sum(hit_id) FROM hits
                 WHERE ({all:Bool} OR site IN {sites:Array(String)})
                   AND {{HourSpan.OfTime}})
              - (SELECT sum(ids_sum) FROM hits_hourly
                 WHERE ({all:Bool} OR site IN {sites:Array(String)})
                   AND {{HourSpan.OfHour}})
            """,
            QueryParameters.Of(("all", share.Sites.Length > SitesMax), ("sites", share.Sites.Length > SitesMax ? [] : share.Sites),
                ("from", share.Hours.FromMs), ("to", share.Hours.ToMs)),
            cancellationToken: stop);
        // The difference of two UInt64 is an Int64 that wraps.
        return unchecked((ulong)Convert.ToInt64(missing));
    }

    private static Share ShareOf(HitBatch batch, int firstRow, int rows)
    {
        HashSet<string> sites = new(StringComparer.Ordinal);
        long from = long.MaxValue, to = 0;
        ulong ids = 0;
        for (int row = firstRow; row < firstRow + rows; row++)
        {
            var (timeMs, hitId) = batch.Rows.KeyOf(row);
            sites.Add(batch.SiteOf(row));
            from = Math.Min(from, timeMs);
            to = Math.Max(to, timeMs);
            ids = unchecked(ids + hitId);
        }
        return new Share([.. sites], HourSpan.Of(from, to), ids);
    }

    private sealed record Share(string[] Sites, HourSpan Hours, ulong IdsSum);
}
