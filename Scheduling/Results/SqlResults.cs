using System.Data.Common;
using System.Text.Json;
using Dapper;
using Weir.Control;

namespace Weir.Scheduling.Results;

/// <summary>Results in a control store.</summary>
public sealed class SqlResults(IControlStore store) : IResults
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<TargetResult>?> HistoryAsync(
        Reach reach, long target, long? before, int limit, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var parameters = new { tenant = reach.Tenant, sites = reach.SitesJson, target, before = before ?? long.MaxValue, limit };
        if (await connection.QuerySingleAsync<long>($"SELECT count(*) FROM targets t WHERE {Reach.TargetSql(store.Dialect)} AND t.id = @target", parameters) == 0)
            return null;
        var rows = await connection.QueryAsync<Row>(
            """
            SELECT id AS Id, scan_id AS ScanId, at_ms AS AtMs, result AS Result, changed AS Changed, evidence AS Evidence
            FROM results WHERE target_id = @target AND id < @before ORDER BY id DESC LIMIT @limit
            """,
            parameters);
        return [.. rows.Select(r => r.ToResult())];
    }

    /// <summary>Keeps a result and what it says of its target, within the transaction that completes the scan.</summary>
    internal static Task RecordAsync(
        DbTransaction transaction, string tenant, long target, long scan, long nowMs, ScanResult result, string? evidence, string worker) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO results (tenant, target_id, scan_id, at_ms, result, changed, evidence, worker)
            SELECT @tenant, id, @scan, @nowMs, @result,
                   CASE WHEN last_result IS NULL THEN NULL WHEN (last_result = 'cited') = (@result = 'cited') THEN 0 ELSE 1 END, @evidence, @worker
            FROM targets WHERE id = @target;
            UPDATE targets SET last_scan_ms = @nowMs, last_result = @result WHERE id = @target;
            """,
            new { tenant, target, scan, nowMs, result = result.Name(), evidence, worker }, transaction);

    private sealed record Row
    {
        public long Id { get; init; }
        public long ScanId { get; init; }
        public long AtMs { get; init; }
        public string Result { get; init; } = "";
        public long? Changed { get; init; }
        public string? Evidence { get; init; }

        public TargetResult ToResult() => new(
            Id, ScanId, UnixMs.Time(AtMs), Result, Changed is { } changed ? changed != 0 : null,
            Evidence is null ? null : JsonElement.Parse(Evidence));
    }
}
