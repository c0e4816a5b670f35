using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Planning;

/// <summary>What the planner keeps and reads in a control store. One program plans at a time: whoever holds the row <c>planner</c>; each write checks that.</summary>
internal sealed class SqlPlanning(IControlStore store, StoreClock clock)
{
    private const string OpenStates = "('waiting', 'ready', 'leased')";

    /// <summary>Takes or renews the right to plan.</summary>
    /// <returns>The token that every write needs; null while another program plans.</returns>
    public Task<long?> TryLeadAsync(string holder, TimeSpan lease, CancellationToken stop) => store.WriteAsync(
        async transaction =>
        {
            long nowMs = await clock.NowMsAsync(transaction);
            return await transaction.Connection!.QuerySingleOrDefaultAsync<long?>(
                """
                UPDATE planner SET token = CASE WHEN holder = @holder THEN token ELSE token + 1 END, holder = @holder, until_ms = @untilMs
                WHERE id = 1 AND (holder = @holder OR until_ms <= @nowMs) RETURNING token
                """,
                new { holder, nowMs, untilMs = nowMs + (long)lease.TotalMilliseconds }, transaction);
        },
        stop);

    /// <summary>Gives the right to plan back, so that another program need not wait for it to run out.</summary>
    public Task ResignAsync(string holder, CancellationToken stop) => store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync("UPDATE planner SET until_ms = 0 WHERE holder = @holder", new { holder }, transaction), stop);

    /// <summary>Every target, and up to where they are known with that.</summary>
    public async Task<(List<PlannedRow> Targets, TargetPlace Place)> TargetsAsync(CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var place = await TargetChanges.PlaceAsync(connection, snapshot);
        return (await BehindAsync(connection, snapshot, 0), place);
    }

    /// <summary>New targets and those that are gone, and up to where targets are known with that. Null where that cannot be told any more.</summary>
    public async Task<(List<PlannedRow> Added, List<TargetChangeRow> Removed, TargetPlace Place)?> TargetNewsAsync(TargetPlace after, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var place = await TargetChanges.PlaceAsync(connection, snapshot);
        if (after.Change < place.Forgotten)
            return null;
        if (after.Version == place.Version)
            return ([], [], place);
        var removed = (await TargetChanges.ReadAsync(connection, snapshot, after)).FindAll(c => c.Kind == "removed");
        return (await BehindAsync(connection, snapshot, after.Target), removed, place);
    }

    /// <summary>Forgets changes of targets that are long known.</summary>
    public Task ForgetTargetChangesAsync(CancellationToken stop) => store.WriteAsync(TargetChanges.ForgetAsync, stop);

    /// <summary>Every belief by its target's number.</summary>
    public async Task<Dictionary<long, byte[]>> BeliefsAsync(CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        var beliefs = new Dictionary<long, byte[]>();
        foreach (var row in connection.Query<BeliefRow>("SELECT target_id AS TargetId, belief AS Belief FROM target_beliefs", buffered: false))
            beliefs[row.TargetId] = Bytes(row.Belief);
        return beliefs;
    }

    /// <summary>Targets with an open scan.</summary>
    public async Task<HashSet<long>> OpenAsync(CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return [.. await connection.QueryAsync<long>($"SELECT target_id FROM scans WHERE state IN {OpenStates}")];
    }

    /// <summary>How far the planner has come.</summary>
    public async Task<PositionRow> PositionAsync(CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return await connection.QuerySingleAsync<PositionRow>("SELECT trigger_id AS TriggerId, results_ms AS ResultsMs, learned AS Learned FROM planner WHERE id = 1");
    }

    /// <summary>Where each tenant's budget was left.</summary>
    public async Task<Dictionary<string, BudgetRow>> BudgetsAsync(CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QueryAsync<BudgetRow>("SELECT tenant AS Tenant, tokens AS Tokens, price AS Price, as_of_ms AS AsOfMs FROM planner_tenants"))
            .ToDictionary(b => b.Tenant, StringComparer.Ordinal);
    }

    /// <summary>Some triggers behind a number, with their targets; and the last number and time of recording that they reach to.</summary>
    public async Task<(List<SignalRow> Signals, long? Last, long RecordedMs)> SignalsAsync(long after, int triggers, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        var last = await connection.QuerySingleAsync<LastRow>(
            "SELECT max(id) AS Id, max(recorded_ms) AS RecordedMs, count(*) AS Count FROM (SELECT id, recorded_ms FROM triggers WHERE id > @after ORDER BY id LIMIT @triggers) page",
            new { after, triggers });
        if (last.Id is not { } until)
            return ([], null, 0);
        var rows = await connection.QueryAsync<SignalRow>(
            """
            SELECT g.id AS TriggerId, g.tenant AS Tenant, x.target_id AS TargetId, x.weight AS Weight, g.class AS Class, g.at_ms AS AtMs
            FROM triggers g JOIN trigger_targets x ON x.trigger_id = g.id WHERE g.id > @after AND g.id <= @until
            """,
            new { after, until });
        return (rows.AsList(), until, last.Count < triggers ? long.MaxValue : last.RecordedMs ?? 0);
    }

    /// <summary>Results of a span of time, both ends included.</summary>
    public async Task<List<ResultRow>> ResultsAsync(long fromMs, long untilMs, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QueryAsync<ResultRow>(
            "SELECT tenant AS Tenant, target_id AS TargetId, at_ms AS AtMs, changed AS Changed FROM results WHERE at_ms >= @fromMs AND at_ms <= @untilMs ORDER BY at_ms, id",
            new { fromMs, untilMs })).AsList();
    }

    /// <summary>Open scans that somebody asked for and that no budget has paid yet.</summary>
    public async Task<List<ScanRow>> RequestsAsync(CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QueryAsync<ScanRow>("SELECT id AS Id, tenant AS Tenant, target_id AS TargetId, created_ms AS AtMs FROM scans WHERE is_requested = 1")).AsList();
    }

    /// <summary>Scans that became dead letters since a time.</summary>
    public async Task<List<ScanRow>> DeadAsync(long sinceMs, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QueryAsync<ScanRow>(
            "SELECT id AS Id, tenant AS Tenant, target_id AS TargetId, finished_ms AS AtMs FROM scans WHERE state = 'dead' AND finished_ms >= @sinceMs",
            new { sinceMs })).AsList();
    }

    /// <summary>Queues planned scans with why; whoever has an open scan keeps it.</summary>
    /// <exception cref="PlannerLostException">Another program plans.</exception>
    public Task OpenAsync(Hold hold, IReadOnlyList<PlannedScan> scans, CancellationToken stop) => WriteAsync(hold, async transaction =>
    {
        var connection = transaction.Connection!;
        string targets = JsonLists.Of(scans.Select(s => s.Target)), among = $"IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@targets")})";
        var known = (await connection.QueryAsync<KnownTrigger>(
            $"""
            SELECT x.target_id AS TargetId, g.id AS Id, g.class AS Class, g.at_ms AS AtMs, g.crawler AS Crawler, g.path AS Path
            FROM trigger_targets x JOIN triggers g ON g.id = x.trigger_id WHERE x.scan_id IS NULL AND x.target_id {among}
            """,
            new { targets }, transaction)).ToLookup(k => k.TargetId);
        string rows = JsonSerializer.Serialize(scans.OrderBy(s => s.Target).Select(s => s.ToRow(known[s.Target])));
        await connection.ExecuteAsync(
            $"""
            INSERT INTO scans (tenant, target_id, engine, state, priority, due_ms, lead_trigger_id, created_ms, decision)
            SELECT t.tenant, t.id, t.engine, 'waiting', w.priority, @nowMs, (SELECT g.id FROM triggers g WHERE g.id = w.lead), @nowMs, w.decision
            FROM (SELECT CAST(value ->> 0 AS bigint) AS target, CAST(value ->> 1 AS double precision) AS priority, CAST(value ->> 2 AS bigint) AS lead,
                         value ->> 3 AS decision FROM {store.Dialect.Elements("@rows")}) w
            CROSS JOIN targets t WHERE t.id = w.target
            ON CONFLICT (target_id) WHERE state IN {OpenStates} DO NOTHING
            """,
            new { rows, nowMs = hold.NowMs }, transaction);
        await connection.ExecuteAsync(
            $"""
            UPDATE trigger_targets SET scan_id = (SELECT s.id FROM scans s WHERE s.target_id = trigger_targets.target_id AND s.state IN ('waiting', 'ready'))
            WHERE scan_id IS NULL AND target_id {among};
            UPDATE scans SET trigger_count = (SELECT count(*) FROM trigger_targets x WHERE x.scan_id = scans.id)
            WHERE state IN ('waiting', 'ready') AND target_id {among}
            """,
            new { targets }, transaction);
    }, stop);

    /// <summary>Writes beliefs.</summary>
    /// <exception cref="PlannerLostException">Another program plans.</exception>
    public Task SaveAsync(Hold hold, IReadOnlyList<SavedBelief> beliefs, CancellationToken stop) => WriteAsync(hold, transaction =>
    {
        string rows = $"[{string.Join(',', beliefs.Select(b => string.Create(CultureInfo.InvariantCulture,
            $"[{b.Target},\"{Convert.ToBase64String(b.Bytes)}\",{b.Volatility:0.###},{b.DueMs?.ToString(CultureInfo.InvariantCulture) ?? "null"}]")))}]";
        return transaction.Connection!.ExecuteAsync(
            $"""
            INSERT INTO target_beliefs (target_id, belief, volatility, due_ms, changed_ms)
            SELECT t.id, w.belief, w.volatility, w.due_ms, @nowMs
            FROM (SELECT CAST(value ->> 0 AS bigint) AS target, value ->> 1 AS belief, CAST(value ->> 2 AS double precision) AS volatility,
                         CAST(value ->> 3 AS bigint) AS due_ms FROM {store.Dialect.Elements("@rows")}) w
            CROSS JOIN targets t WHERE t.id = w.target
            ON CONFLICT (target_id) DO UPDATE SET belief = excluded.belief, volatility = excluded.volatility, due_ms = excluded.due_ms, changed_ms = excluded.changed_ms
            """,
            new { rows, nowMs = hold.NowMs }, transaction);
    }, stop);

    /// <summary>Writes how far planning has come, behind the beliefs that say so.</summary>
    /// <exception cref="PlannerLostException">Another program plans.</exception>
    public Task FinishAsync(Hold hold, PositionRow position, IReadOnlyList<TenantStanding> tenants, IReadOnlyList<long> paid, CancellationToken stop) => WriteAsync(
        hold, async transaction =>
        {
            var connection = transaction.Connection!;
            await connection.ExecuteAsync(
                "UPDATE planner SET trigger_id = @TriggerId, results_ms = @ResultsMs, learned = @Learned WHERE id = 1", position, transaction);
            if (paid.Count > 0)
            {
                await connection.ExecuteAsync(
                    $"UPDATE scans SET is_requested = 2 WHERE id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")})", new { ids = JsonLists.Of(paid) }, transaction);
            }
            string rows = JsonSerializer.Serialize(tenants.Select(t => t.ToRow()));
            await connection.ExecuteAsync(
                $"""
                INSERT INTO planner_tenants (tenant, tokens, price, as_of_ms, targets, never_scanned, unknown_beliefs, late_ticks)
                SELECT w.tenant, w.tokens, w.price, @nowMs, w.targets, w.never_scanned, w.unknown_beliefs, w.late_ticks
                FROM (SELECT value ->> 0 AS tenant, CAST(value ->> 1 AS double precision) AS tokens, CAST(value ->> 2 AS double precision) AS price,
                             CAST(value ->> 3 AS bigint) AS targets, CAST(value ->> 4 AS bigint) AS never_scanned, CAST(value ->> 5 AS bigint) AS unknown_beliefs,
                             CAST(value ->> 6 AS bigint) AS late_ticks FROM {store.Dialect.Elements("@rows")}) w
                JOIN tenants t ON t.id = w.tenant WHERE 1 = 1
                ON CONFLICT (tenant) DO UPDATE SET tokens = excluded.tokens, price = excluded.price, as_of_ms = excluded.as_of_ms, targets = excluded.targets,
                    never_scanned = excluded.never_scanned, unknown_beliefs = excluded.unknown_beliefs, late_ticks = excluded.late_ticks
                """,
                new { rows, nowMs = hold.NowMs }, transaction);
        }, stop);

    // Changing the row keeps whoever would take over waiting until this is written, or finds that somebody has.
    private Task<bool> WriteAsync(Hold hold, Func<DbTransaction, Task> work, CancellationToken stop) => store.WriteAsync(
        async transaction =>
        {
            int held = await transaction.Connection!.ExecuteAsync(
                "UPDATE planner SET token = token WHERE id = 1 AND holder = @Holder AND token = @Token", new { hold.Holder, hold.Token }, transaction);
            if (held == 0)
                throw new PlannerLostException();
            await work(transaction);
            return true;
        },
        stop);

    private static async Task<List<PlannedRow>> BehindAsync(DbConnection connection, DbTransaction snapshot, long after) => (await connection.QueryAsync<PlannedRow>(
        "SELECT id AS Id, tenant AS Tenant, engine AS Engine, created_ms AS CreatedMs, last_scan_ms AS LastScanMs FROM targets WHERE id > @after", new { after }, snapshot)).AsList();

    private static byte[] Bytes(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int length) ? bytes[..length] : [];
    }

    private sealed record BeliefRow
    {
        public long TargetId { get; init; }
        public string Belief { get; init; } = "";
    }

    private sealed record LastRow
    {
        public long? Id { get; init; }
        public long? RecordedMs { get; init; }
        public long Count { get; init; }
    }
}
