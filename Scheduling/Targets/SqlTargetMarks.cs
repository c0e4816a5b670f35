using Dapper;
using Weir.Control;
using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>What a worker must know of a target to judge an answer.</summary>
/// <param name="LastResult">What the last scan found: <c>cited</c>, <c>gap</c> or <c>lost_citation</c>; null when there was none.</param>
/// <param name="LastScan">When that was.</param>
/// <param name="Hosts">Hosts of the sites whose pages it is linked to: exact, or <c>*.example.com</c>. A site that only an edge elsewhere knows has none here.</param>
public sealed record TargetMarks(string? LastResult, DateTimeOffset? LastScan, IReadOnlyList<string> Hosts)
{
    /// <summary>Of a target that is gone.</summary>
    public static TargetMarks None { get; } = new(null, null, []);
}

/// <summary>Finds targets' marks, many at a time. Safe from any thread.</summary>
public sealed class SqlTargetMarks(IControlStore store, ISiteFiles files)
{
    /// <summary>Marks by target; targets that are gone have none.</summary>
    public async Task<IReadOnlyDictionary<long, TargetMarks>> FindAsync(IEnumerable<long> targets, CancellationToken stop = default)
    {
        var parameters = new { ids = JsonLists.Of(targets) };
        string wanted = $"IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")})";
        await using var connection = await store.ReadAsync(stop);
        var standings = await connection.QueryAsync<Standing>($"SELECT id AS Id, last_result AS LastResult, last_scan_ms AS LastScanMs FROM targets WHERE id {wanted}", parameters);
        var sites = (await connection.QueryAsync<HostRow>(
            $"""
            SELECT DISTINCT p.target_id AS Target, p.site AS Site, h.host AS Host
            FROM target_pages p LEFT JOIN site_hosts h ON h.site = p.site WHERE p.target_id {wanted} ORDER BY 1, 2, 3
            """,
            parameters)).ToLookup(r => r.Target);
        return standings.ToDictionary(s => s.Id, s => new TargetMarks(s.LastResult, UnixMs.Time(s.LastScanMs), HostsOf(sites[s.Id])));
    }

    private string[] HostsOf(IEnumerable<HostRow> rows) =>
    [
        .. rows.SelectMany(r => r.Host is { } host ? [host] : files.Find(SiteId.Parse(r.Site))?.Site.Hosts ?? []).Distinct(StringComparer.Ordinal),
    ];

    private sealed record Standing
    {
        public long Id { get; init; }
        public string? LastResult { get; init; }
        public long? LastScanMs { get; init; }
    }

    private sealed record HostRow
    {
        public long Target { get; init; }
        public string Site { get; init; } = "";
        public string? Host { get; init; }
    }
}
