using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Scheduling.Planning;

namespace Weir.Scheduling.Results;

/// <summary>Reads how brands stand, and results of all targets, from a control store. Safe from any thread.</summary>
public sealed class SqlBrandReports(IControlStore store, IPlans plans, TimeProvider time)
{
    private const string Standing = """
        count(*) AS Targets, count(t.last_scan_ms) AS Scanned, count(CASE WHEN t.last_result = 'cited' THEN 1 END) AS Cited,
        count(CASE WHEN t.last_result = 'gap' THEN 1 END) AS Gap, count(CASE WHEN t.last_result = 'lost_citation' THEN 1 END) AS LostCitation,
        max(t.last_scan_ms) AS LastScanMs
        """;

    // The order in which SQLite looks; PostgreSQL chooses its own.
    private const string NewestFirst = "results r CROSS JOIN targets t CROSS JOIN brand_queries q CROSS JOIN brands b";
    private const string BrandFirst = "brands b CROSS JOIN brand_queries q CROSS JOIN targets t CROSS JOIN results r";

    // A table of every brand for a file; a page takes some hundredths of a second.
    private const int TimeoutSeconds = 60;

    private const string Scanned = "count(*) AS Scans, count(CASE WHEN r.changed = 1 THEN 1 END) AS Changes";

    /// <summary>Brands that have targets, in the order of their numbers.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="days">The span of scans and changes: so many days until now.</param>
    /// <param name="after">Only behind this number; 0 from the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<IReadOnlyList<BrandRow>> ListAsync(Reach reach, int days, long after, int limit, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        string within = Reach.SitesSql(store.Dialect);
        // CROSS JOIN keeps SQLite to the order written: from a page of brands to their targets, and from those to their results.
        var rows = (await connection.QueryAsync<StandingRow>(
            $"""
            SELECT p.id AS Id, p.name AS Name, {Standing}
            FROM (SELECT b.id, b.name FROM brands b WHERE b.tenant = @tenant AND b.id > @after
                      AND EXISTS (SELECT 1 FROM brand_queries q CROSS JOIN targets t WHERE q.brand_id = b.id AND t.query_id = q.id AND {within})
                  ORDER BY b.id LIMIT @limit) AS p
            CROSS JOIN brand_queries q CROSS JOIN targets t
            WHERE q.brand_id = p.id AND t.query_id = q.id AND {within} GROUP BY p.id, p.name ORDER BY p.id
            """,
            new { tenant = reach.Tenant, sites = reach.SitesJson, after, limit }, commandTimeout: TimeoutSeconds)).ToList();
        var scans = (await connection.QueryAsync<ScansRow>(
            $"""
            SELECT q.brand_id AS Id, {Scanned}
            FROM (SELECT CAST(value AS bigint) AS id FROM {store.Dialect.Values("@brands")}) AS p CROSS JOIN brand_queries q CROSS JOIN targets t CROSS JOIN results r
            WHERE q.brand_id = p.id AND t.query_id = q.id AND r.target_id = t.id AND r.at_ms >= @fromMs AND {within} GROUP BY q.brand_id
            """,
            new { tenant = reach.Tenant, sites = reach.SitesJson, fromMs = FromMs(days), brands = JsonLists.Of(rows.Select(r => r.Id)) }, commandTimeout: TimeoutSeconds))
            .ToDictionary(r => r.Id);
        return [.. rows.Select(r => r.ToBrand(scans.GetValueOrDefault(r.Id)))];
    }

    /// <summary>A brand in detail; null when nothing of it is within reach.</summary>
    public async Task<BrandReport?> FindAsync(Reach reach, long brand, int days, CancellationToken stop = default)
    {
        if (await ListAsync(reach, days, brand - 1, 1, stop) is not [var row] || row.Id != brand)
            return null;
        await using var connection = await store.ReadAsync(stop);
        string within = Reach.SitesSql(store.Dialect);
        var of = new { tenant = reach.Tenant, sites = reach.SitesJson, fromMs = FromMs(days), brand };
        var engines = await connection.QueryAsync<StandingRow>(
            $"SELECT t.engine AS Name, {Standing} FROM brand_queries q INNER JOIN targets t ON t.query_id = q.id WHERE q.brand_id = @brand AND {within} GROUP BY t.engine ORDER BY t.engine", of);
        var scans = (await connection.QueryAsync<ScansRow>(
            $"""
            SELECT t.engine AS Engine, r.at_ms / 86400000 AS Day, {Scanned}, count(CASE WHEN r.result = 'cited' THEN 1 END) AS Cited,
                   count(CASE WHEN r.changed = 1 AND r.result <> 'cited' THEN 1 END) AS Lost
            FROM brand_queries q CROSS JOIN targets t CROSS JOIN results r
            WHERE q.brand_id = @brand AND t.query_id = q.id AND r.target_id = t.id AND r.at_ms >= @fromMs AND {within} GROUP BY t.engine, r.at_ms / 86400000
            """,
            of)).ToList();
        var plan = await plans.FindAsync(reach.Tenant, stop);
        return new BrandReport(
            row,
            [.. engines.Select(e => e.ToEngine(scans.Where(s => s.Engine == e.Name).ToList(), plan))],
            [.. scans.GroupBy(s => s.Day).OrderBy(d => d.Key).Select(d => new BrandDay(
                DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(d.Key)), d.Sum(s => s.Scans), d.Sum(s => s.Cited), d.Sum(s => s.Changes), d.Sum(s => s.Lost)))]);
    }

    /// <summary>Results of all targets within reach, newest first.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only numbers below this; null for the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<IReadOnlyList<ResultRow>> ResultsAsync(Reach reach, ResultFilter filter, long? before, int limit, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<FoundRow>(
            $"""
            SELECT r.id AS Id, r.scan_id AS Scan, r.target_id AS Target, b.name AS Brand, q.text AS Query, t.engine AS Engine, r.at_ms AS AtMs, r.result AS Result,
                   r.changed AS Changed, r.evidence AS Evidence
            FROM {(filter.Brand is null ? NewestFirst : BrandFirst)}
            WHERE t.id = r.target_id AND q.id = t.query_id AND b.id = q.brand_id AND r.id < @before
                AND {WhereOf(filter)} AND {Reach.SitesSql(store.Dialect)} ORDER BY r.id DESC LIMIT @limit
            """,
            new { tenant = reach.Tenant, sites = reach.SitesJson, before = before ?? long.MaxValue, engine = filter.Engine, brand = filter.Brand ?? 0, limit }, commandTimeout: TimeoutSeconds);
        return [.. rows.Select(r => r.ToResult())];
    }

    // What is asked for stands in the text: only so is it answered from the index of the few rows of which it is true.
    private static string WhereOf(ResultFilter filter)
    {
        var where = new List<string> { filter.Brand is null ? "r.tenant = @tenant" : "b.id = @brand AND b.tenant = @tenant" };
        if (filter.Result is { } result)
            where.Add($"r.result = '{result.Name()}'");
        if (filter.Changed is { } changed)
            where.Add(changed ? "r.changed = 1" : "r.changed = 0");
        if (filter.Engine is not null)
            where.Add("t.engine = @engine");
        return string.Join(" AND ", where);
    }

    private long FromMs(int days) => time.GetUtcNow().AddDays(-days).ToUnixTimeMilliseconds();

    private sealed record StandingRow
    {
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public long Targets { get; init; }
        public long Scanned { get; init; }
        public long Cited { get; init; }
        public long Gap { get; init; }
        public long LostCitation { get; init; }
        public long? LastScanMs { get; init; }

        public BrandRow ToBrand(ScansRow? scans) => new(
            Id, Name, Targets, Scanned, Cited, Gap, LostCitation, LastScanMs is { } ms ? UnixMs.Time(ms) : null, scans?.Scans ?? 0, scans?.Changes ?? 0);

        public BrandEngineRow ToEngine(IReadOnlyList<ScansRow> scans, TenantPlan plan) => new(
            Name, Targets, Cited, Gap, LostCitation, scans.Sum(s => s.Scans), scans.Sum(s => s.Changes), scans.Sum(s => s.Scans) * plan.CostOf(Name));
    }

    private sealed record ScansRow
    {
        public long Id { get; init; }
        public string Engine { get; init; } = "";
        public long Day { get; init; }
        public long Scans { get; init; }
        public long Changes { get; init; }
        public long Cited { get; init; }
        public long Lost { get; init; }
    }

    private sealed record FoundRow
    {
        public long Id { get; init; }
        public long Scan { get; init; }
        public long Target { get; init; }
        public string Brand { get; init; } = "";
        public string Query { get; init; } = "";
        public string Engine { get; init; } = "";
        public long AtMs { get; init; }
        public string Result { get; init; } = "";
        public long? Changed { get; init; }
        public string? Evidence { get; init; }

        public ResultRow ToResult() => new(
            Id, Scan, Target, Brand, Query, Engine, UnixMs.Time(AtMs), Result, Changed is { } changed ? changed != 0 : null, Evidence is null ? null : JsonElement.Parse(Evidence));
    }
}
