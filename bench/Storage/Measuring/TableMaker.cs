using System.Globalization;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;

namespace Weir.Storage.Measuring;

/// <summary>Makes an empty store of a candidate's form, with the views behind its table.</summary>
internal static class TableMaker
{
    /// <summary>Makes it in a database of its own.</summary>
    public static async Task MakeAsync(StoreClient store, Candidate candidate)
    {
        using (var connections = new ClickHouseConnections(store.Endpoint))
        {
            await SchemaMigrator.ApplyAsync(
                connections, [.. Migration.All.Where(m => m.Number <= candidate.Schema)], TimeProvider.System, CancellationToken.None);
        }
        if (candidate.OrderBy is null && candidate.Columns.Count == 0)
            return;
        var views = await store.AskAsync(
            """
            SELECT name, create_table_query FROM system.tables
            WHERE database = currentDatabase() AND engine = 'MaterializedView' AND name IN ('hits_hourly_view', 'crawler_fetches_view', 'open_identities_view')
            FORMAT TSVRaw
            """.ReplaceLineEndings(" "));
        string columns = string.Join(",\n", (await ColumnsAsync(store)).Select(c => $"{c.Name} {candidate.Columns.GetValueOrDefault(c.Name, c.Definition)}"));
        string order = candidate.OrderBy ?? (await store.AskAsync(
            "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = 'hits' FORMAT TSVRaw"))[0][0];
        foreach (var view in views)
            await store.AskAsync($"DROP TABLE {view[0]} SYNC");
        await store.AskAsync("DROP TABLE hits SYNC");
        await store.AskAsync($"CREATE TABLE hits ({columns}) ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY ({order}) "
            + "SETTINGS non_replicated_deduplication_window = 10000");
        foreach (var view in views)
            await store.AskAsync(view[1]);
    }

    /// <summary>Columns of hits with type, default and codec as SQL.</summary>
    public static async Task<List<(string Name, string Type, string Definition)>> ColumnsAsync(StoreClient store)
    {
        var rows = await store.AskAsync(
            "SELECT name, type, default_kind, default_expression, compression_codec FROM system.columns "
            + "WHERE database = currentDatabase() AND table = 'hits' ORDER BY position FORMAT TSVRaw");
        return [.. rows.Select(r => (r[0], r[1], string.Create(CultureInfo.InvariantCulture,
            $"{r[1]}{(r[2].Length > 0 ? $" {r[2]} {r[3]}" : "")} {r[4]}")))];
    }
}
