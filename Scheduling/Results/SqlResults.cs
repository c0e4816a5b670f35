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

    /// <summary>Keeps results and what they say of their targets, within the transaction that completes the scans.</summary>
    internal static Task RecordAsync(DbTransaction transaction, SqlDialect dialect, IReadOnlyList<NewResult> results, long nowMs)
    {
        string rows = JsonSerializer.Serialize(results.Select(r => new object?[]
        {
            r.Tenant, r.Target, r.Scan, r.Result, r.IsChange switch { null => null, true => 1, false => 0 }, r.Evidence, r.Worker,
        }));
        return transaction.Connection!.ExecuteAsync(
            $"""
            INSERT INTO results (tenant, target_id, scan_id, at_ms, result, changed, evidence, worker)
            SELECT value ->> 0, CAST(value ->> 1 AS bigint), CAST(value ->> 2 AS bigint), @nowMs, value ->> 3, CAST(value ->> 4 AS bigint), value ->> 5, value ->> 6
            FROM {dialect.Elements("@rows")};
            UPDATE targets SET last_scan_ms = @nowMs, last_result = w.result
            FROM (SELECT CAST(value ->> 1 AS bigint) AS id, value ->> 3 AS result FROM {dialect.Elements("@rows")}) AS w WHERE targets.id = w.id;
            """,
            new { rows, nowMs }, transaction);
    }

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

/// <summary>A result to be kept.</summary>
internal sealed record NewResult(
    string Tenant, string Engine, long Target, long Scan, string Result, bool? IsChange, string? Evidence, string Worker);
