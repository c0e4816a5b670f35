using System.Data.Common;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>Imports in a control store.</summary>
public sealed class SqlTargetImports(IControlStore store, TimeProvider time) : ITargetImports
{
    private const long ErrorsMax = 100_000;

    private const string Columns = """
        id AS Id, state AS State, bytes AS Bytes, rows_read AS RowsRead, created_count AS CreatedCount, linked AS Linked, unchanged AS Unchanged,
        rejected AS Rejected, last_line AS LastLine, why AS Why, created_ms AS CreatedMs, started_ms AS StartedMs, finished_ms AS FinishedMs
        """;

    // Who sees some sites must not read what others wrote of other sites.
    private const string InReach = "tenant = @tenant AND (@sites IS NULL OR sites = @sites)";

    private static string Machine => Environment.MachineName;

    /// <inheritdoc/>
    public async Task<ImportJob> AddAsync(NewImport import, CancellationToken stop = default) => (await store.WriteAsync(
        transaction => transaction.Connection!.QuerySingleAsync<Row>(
            $"""
            INSERT INTO target_imports (tenant, sites, default_site, machine, spool, bytes, state, created_ms)
            VALUES (@tenant, @sites, @site, @machine, @spool, @bytes, 'waiting', @nowMs) RETURNING {Columns}
            """,
            new
            {
                tenant = import.Tenant,
                sites = new Reach(import.Tenant, import.Sites).SitesJson,
                site = import.DefaultSite,
                machine = Machine,
                spool = import.Spool,
                bytes = import.Bytes,
                nowMs = time.NowMs(),
            },
            transaction),
        stop)).ToJob(time.NowMs());

    /// <inheritdoc/>
    public async Task<ImportJob?> FindAsync(Reach reach, long id, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM target_imports WHERE {InReach} AND id = @id", new { tenant = reach.Tenant, sites = reach.SitesJson, id });
        return row?.ToJob(time.NowMs());
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ImportJob>> ListAsync(Reach reach, long? before, int limit, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM target_imports WHERE {InReach} AND id < @before ORDER BY id DESC LIMIT @limit",
            new { tenant = reach.Tenant, sites = reach.SitesJson, before = before ?? long.MaxValue, limit });
        return [.. rows.Select(r => r.ToJob(time.NowMs()))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ImportError>> ErrorsAsync(long id, long after, int limit, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QueryAsync<ImportError>(
            "SELECT id AS Id, line AS Line, field AS Field, error AS Error FROM target_import_errors WHERE import_id = @id AND id > @after ORDER BY id LIMIT @limit",
            new { id, after, limit })).AsList();
    }

    /// <summary>Imports of this machine that have not ended, the oldest first.</summary>
    internal async Task<IReadOnlyList<OpenImport>> OpenAsync(CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<OpenRow>(
            """
            SELECT id AS Id, tenant AS Tenant, sites AS Sites, default_site AS DefaultSite, spool AS Spool, bytes AS Bytes, last_line AS LastLine
            FROM target_imports WHERE state IN ('waiting', 'running') AND machine = @machine ORDER BY id
            """,
            new { machine = Machine });
        return [.. rows.Select(r => new OpenImport(r.Id, new NewImport(r.Tenant, SitesOf(r.Sites), r.DefaultSite, r.Spool, r.Bytes), r.LastLine))];
    }

    /// <summary>Stores some rows and how far the import has come with them: both or neither, so that a run that was killed goes on where it was.</summary>
    internal Task StoreAsync(OpenImport import, ImportStep step, CancellationToken stop) => store.WriteAsync(
        async transaction =>
        {
            await SqlTargets.TakeTurnAsync(transaction);
            long nowMs = time.NowMs();
            var answers = await TargetUpsert.RunAsync(transaction, store.Dialect, import.Import.Tenant, step.Wishes, nowMs);
            int created = answers.Count(a => a.Change == TargetChange.Created), linked = answers.Count(a => a.Change == TargetChange.Linked);
            if (created + linked > 0)
                await SqlTargets.RaiseVersionAsync(transaction);
            await KeepErrorsAsync(transaction, import.Id, step.Errors);
            return await transaction.Connection!.ExecuteAsync(
                """
                UPDATE target_imports SET state = 'running', started_ms = coalesce(started_ms, @nowMs), last_line = @LastLine,
                    rows_read = rows_read + @Rows, created_count = created_count + @created, linked = linked + @linked,
                    unchanged = unchanged + @unchanged, rejected = rejected + @Rejected
                WHERE id = @id
                """,
                new { id = import.Id, nowMs, step.LastLine, step.Rows, created, linked, unchanged = answers.Count - created - linked, step.Rejected }, transaction);
        },
        stop);

    /// <summary>Notes that an import began; a resumed one keeps its first beginning.</summary>
    internal Task BeginAsync(long id, CancellationToken stop) => store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "UPDATE target_imports SET state = 'running', started_ms = coalesce(started_ms, @nowMs) WHERE id = @id",
            new { id, nowMs = time.NowMs() }, transaction),
        stop);

    /// <summary>Ends an import.</summary>
    internal Task EndAsync(long id, string? why, CancellationToken stop) => store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "UPDATE target_imports SET state = @state, why = @why, finished_ms = @nowMs WHERE id = @id",
            new { id, state = why is null ? "done" : "failed", why, nowMs = time.NowMs() }, transaction),
        stop);

    private async Task KeepErrorsAsync(DbTransaction transaction, long id, IReadOnlyList<RowError> errors)
    {
        if (errors.Count == 0)
            return;
        long kept = await transaction.Connection!.QuerySingleAsync<long>("SELECT count(*) FROM target_import_errors WHERE import_id = @id", new { id }, transaction);
        if (kept >= ErrorsMax)
            return;
        string rows = JsonSerializer.Serialize(errors.Take((int)(ErrorsMax - kept)).Select(e => new object[] { e.Row, e.Field, e.Error }));
        await transaction.Connection!.ExecuteAsync(
            $"""
            INSERT INTO target_import_errors (import_id, line, field, error)
            SELECT @id, CAST(value ->> 0 AS bigint), value ->> 1, value ->> 2 FROM {store.Dialect.Elements("@rows")}
            """,
            new { id, rows }, transaction);
    }

    private static IReadOnlyList<SiteId>? SitesOf(string? json) =>
        json is null ? null : [.. JsonSerializer.Deserialize<string[]>(json)!.Select(s => SiteId.Parse(s))];

    private sealed record OpenRow(long Id, string Tenant, string? Sites, string? DefaultSite, string Spool, long Bytes, long LastLine);

    private sealed record Row
    {
        public long Id { get; init; }
        public string State { get; init; } = "";
        public long Bytes { get; init; }
        public long RowsRead { get; init; }
        public long CreatedCount { get; init; }
        public long Linked { get; init; }
        public long Unchanged { get; init; }
        public long Rejected { get; init; }
        public long LastLine { get; init; }
        public string? Why { get; init; }
        public long CreatedMs { get; init; }
        public long? StartedMs { get; init; }
        public long? FinishedMs { get; init; }

        public ImportJob ToJob(long nowMs)
        {
            double seconds = StartedMs is { } started ? ((FinishedMs ?? nowMs) - started) / 1000.0 : 0;
            return new ImportJob(
                Id, State, Bytes, RowsRead, CreatedCount, Linked, Unchanged, Rejected, seconds > 0 ? Math.Round(RowsRead / seconds) : 0, LastLine, Why,
                UnixMs.Time(CreatedMs), UnixMs.Time(StartedMs), UnixMs.Time(FinishedMs));
        }
    }
}
