using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;

namespace Weir.Analytics.Api.Reports;

/// <summary>A robots.txt file as a host served it from one time on.</summary>
/// <param name="SeenAt">When it was first seen.</param>
/// <param name="Host">The host.</param>
/// <param name="Status">200, or 404 and 410 for no file.</param>
/// <param name="Mode">Who wrote it: <c>pass</c> (the origin), <c>managed</c> (the edge) or <c>merged</c> (both).</param>
/// <param name="Hash">SHA-256 of its bytes in hex; empty for no file.</param>
/// <param name="Bytes">Their number.</param>
/// <param name="Text">The file, when it was asked for by its hash; else null. Hostile text where the origin wrote it.</param>
public sealed record RobotsVersionRow(DateTimeOffset SeenAt, string Host, int Status, string Mode, string Hash, long Bytes, string? Text);

/// <summary>What a site's hosts served as robots.txt.</summary>
/// <param name="Items">Newest first; the newest 1000.</param>
public sealed record RobotsVersionList(IReadOnlyList<RobotsVersionRow> Items) : ITable
{
    IReadOnlyList<Column> ITable.Columns { get; } = [Column.Time("seen_at"), "host", Column.Number("status"), "mode", "hash", Column.Number("bytes")];

    IEnumerable<object?[]> ITable.Rows => Items.Select(r => new object?[] { r.SeenAt, r.Host, r.Status, r.Mode, r.Hash, r.Bytes });
}

/// <summary>Reads <see cref="RobotsVersionRow"/>s.</summary>
internal sealed class RobotsReport(ReportStore store)
{
    private const string Sql = $$"""
        SELECT toUnixTimestamp64Milli(time), host, status, toString(mode), hash, length(text), if({hash:String} = '', '', text)
        FROM robots_versions
        WHERE site = {site:String} AND ({hash:String} = '' OR hash = {hash:String})
        ORDER BY time DESC, host
        LIMIT if({hash:String} = '', 1000, 1)
        {{ReportStore.Limits}}
        """;

    public async Task<RobotsVersionList> ReadAsync(SiteId site, string hash, CancellationToken stop) => new(await store.ReadAsync(
        Sql, new ClickHouseParameterCollection().With("site", site.Value).With("hash", hash), row => Row(row, hash.Length > 0), stop));

    private static RobotsVersionRow Row(ClickHouseDataReader r, bool hasText) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(0)), r.GetString(1), (ushort)r.GetValue(2), r.GetString(3), r.GetString(4), r.Count(5), hasText ? r.GetString(6) : null);
}
