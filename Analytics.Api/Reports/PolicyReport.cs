using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;

namespace Weir.Analytics.Api.Reports;

/// <summary>What one rule of a site's policy did, or in dry run would have done, with some hits.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Mode"><c>enforce</c>, or <c>dry-run</c> for what would have been done.</param>
/// <param name="Action"><c>observe</c>, <c>allow</c>, <c>tag</c>, <c>limit</c> (refused), <c>within-limit</c>, <c>block</c> or <c>price</c>.</param>
/// <param name="Hits">Hits.</param>
/// <param name="LikelyPeople">Those that look like people.</param>
/// <param name="Crawlers">The ten crawlers with most of them.</param>
/// <param name="LastSeen">The last of them.</param>
public sealed record PolicyRow(string Rule, string Mode, string Action, long Hits, long LikelyPeople, IReadOnlyList<string> Crawlers, DateTimeOffset LastSeen);

/// <summary>What a site's rules did and would have done.</summary>
/// <param name="Hits">All hits of the span at the edge: what the rows are a part of.</param>
/// <param name="Items">By rule, mode and action, most hits first; at most 1000.</param>
public sealed record PolicyList(long Hits, IReadOnlyList<PolicyRow> Items) : ITable
{
    IReadOnlyList<Column> ITable.Columns { get; } =
        ["rule", "mode", "action", Column.Number("hits"), Column.Number("likely_people"), "crawlers", Column.Time("last_seen")];

    IEnumerable<object?[]> ITable.Rows =>
        Items.Select(r => new object?[] { r.Rule, r.Mode, r.Action, r.Hits, r.LikelyPeople, string.Join(' ', r.Crawlers), r.LastSeen });
}

/// <summary>Reads <see cref="PolicyRow"/>s.</summary>
internal sealed class PolicyReport(ReportStore store)
{
    // A hit may count twice: for the rule that acted, and for the one that would have before it.
    private const string Sql = $$"""
        SELECT decided.1 AS rule, decided.2 AS mode, decided.3 AS action, count() AS hits, countIf(kind = 'likely-human') AS people,
               topKIf(10)(toString(crawler), crawler != '') AS crawlers, toUnixTimestamp64Milli(max(time)) AS last_seen
        FROM hits
        ARRAY JOIN arrayFilter(d -> d.1 != '', [(toString(policy_rule), 'enforce', toString(policy_action)),
                                                (toString(dry_run_rule), 'dry-run', toString(dry_run_action))]) AS decided
        WHERE site = {site:String} AND (policy_rule != '' OR dry_run_rule != '')
          AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        GROUP BY rule, mode, action
        ORDER BY hits DESC, rule, mode, action
        LIMIT 1000
        {{ReportStore.Limits}}
        """;

    private const string AllSql = $$"""
        SELECT count() FROM hits
        WHERE site = {site:String} AND source = 'edge'
          AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        {{ReportStore.Limits}}
        """;

    public async Task<PolicyList> ReadAsync(SiteId site, TimeRange range, CancellationToken stop)
    {
        var parameters = new ClickHouseParameterCollection().With("site", site.Value).With(range);
        var rows = await store.ReadAsync(Sql, parameters, Row, stop);
        var all = await store.ReadAsync(AllSql, parameters, r => r.Count(0), stop);
        return new PolicyList(all[0], rows);
    }

    private static PolicyRow Row(ClickHouseDataReader r) => new(
        r.GetString(0), r.GetString(1), r.GetString(2), r.Count(3), r.Count(4), (string[])r.GetValue(5), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(6)));
}
