using Dapper;
using Weir.Control;
using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Planning;

/// <summary>What a store knows of a tenant's targets: what happened, and what scans found. Times are days since <see cref="From"/>.</summary>
/// <param name="From">When the history begins.</param>
/// <param name="Days">How long it is.</param>
/// <param name="BrandOf">Each target's brand, from 0.</param>
/// <param name="EngineOf">Each target's engine, from 0.</param>
/// <param name="Signals">Triggers, in the order of time.</param>
/// <param name="Scans">Results, in the order of time; those that can be compared with nothing before them say that nothing changed.</param>
public sealed record ScanHistory(
    DateTimeOffset From, double Days, IReadOnlyList<int> BrandOf, IReadOnlyList<int> EngineOf, IReadOnlyList<PastSignal> Signals, IReadOnlyList<PastScan> Scans)
{
    /// <summary>Reads it.</summary>
    /// <param name="store">The control store.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="until">Until when.</param>
    /// <param name="days">At most so many days back.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>Null when no scan was made in that time.</returns>
    public static async Task<ScanHistory?> ReadAsync(IControlStore store, string tenant, DateTimeOffset until, double days, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var parameters = new { tenant, sinceMs = (until - TimeSpan.FromDays(days)).ToUnixTimeMilliseconds(), untilMs = until.ToUnixTimeMilliseconds() };
        var scans = (await connection.QueryAsync<ScanRow>(
            """
            SELECT target_id AS TargetId, at_ms AS AtMs, coalesce(changed, 0) AS Changed FROM results
            WHERE tenant = @tenant AND at_ms >= @sinceMs AND at_ms <= @untilMs ORDER BY at_ms, id
            """,
            parameters, snapshot)).AsList();
        if (scans.Count == 0)
            return null;
        var targets = (await connection.QueryAsync<TargetRow>(
            "SELECT t.id AS Id, q.brand_id AS Brand, t.engine AS Engine FROM targets t JOIN brand_queries q ON q.id = t.query_id WHERE t.tenant = @tenant ORDER BY t.id",
            parameters, snapshot)).AsList();
        var signals = await connection.QueryAsync<SignalRow>(
            """
            SELECT x.target_id AS TargetId, x.weight AS Weight, g.class AS Class, g.at_ms AS AtMs FROM triggers g JOIN trigger_targets x ON x.trigger_id = g.id
            WHERE g.tenant = @tenant AND g.at_ms >= @sinceMs AND g.at_ms <= @untilMs ORDER BY g.at_ms, g.id
            """,
            parameters, snapshot);
        return Make(until, targets, signals, scans);
    }

    private static ScanHistory Make(DateTimeOffset until, List<TargetRow> targets, IEnumerable<SignalRow> signals, List<ScanRow> scans)
    {
        var from = UnixMs.Time(scans[0].AtMs);
        double Days(long ms) => (UnixMs.Time(ms) - from).TotalDays;
        var placeOf = targets.Select((t, place) => (t.Id, place)).ToDictionary(t => t.Id, t => t.place);
        return new ScanHistory(
            from, (until - from).TotalDays, Numbers(targets.ConvertAll(t => t.Brand)), Numbers(targets.ConvertAll(t => t.Engine)),
            [.. signals.Where(s => s.AtMs >= scans[0].AtMs && placeOf.ContainsKey(s.TargetId) && SignalClasses.TryParse(s.Class, out _)).Select(s =>
                new PastSignal(placeOf[s.TargetId], SignalClasses.TryParse(s.Class, out var of) ? of : default, Days(s.AtMs), Math.Clamp(s.Weight, 0, 1)))],
            [.. scans.Where(s => placeOf.ContainsKey(s.TargetId)).Select(s => new PastScan(placeOf[s.TargetId], Days(s.AtMs), s.Changed != 0))]);
    }

    private static int[] Numbers<T>(IReadOnlyList<T> values)
        where T : notnull
    {
        var numberOf = new Dictionary<T, int>();
        int[] numbers = new int[values.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!numberOf.TryGetValue(values[i], out numbers[i]))
                numbers[i] = numberOf[values[i]] = numberOf.Count;
        }
        return numbers;
    }

    private sealed record TargetRow
    {
        public long Id { get; init; }
        public long Brand { get; init; }
        public string Engine { get; init; } = "";
    }

    private sealed record SignalRow
    {
        public long TargetId { get; init; }
        public double Weight { get; init; }
        public string Class { get; init; } = "";
        public long AtMs { get; init; }
    }

    private sealed record ScanRow
    {
        public long TargetId { get; init; }
        public long AtMs { get; init; }
        public long Changed { get; init; }
    }
}

/// <summary>A trigger that spoke of a target.</summary>
/// <param name="Target">The target's place.</param>
/// <param name="Class">What it was.</param>
/// <param name="At">When.</param>
/// <param name="Weight">How much it said, 0 to 1.</param>
public readonly record struct PastSignal(int Target, SignalClass Class, double At, double Weight);

/// <summary>A scan that was made.</summary>
/// <param name="Target">The target's place.</param>
/// <param name="At">When.</param>
/// <param name="IsChange">Whether its answer differed from the one before.</param>
public readonly record struct PastScan(int Target, double At, bool IsChange);
