using System.Globalization;

namespace Weir.Storage.Measuring;

/// <summary>What a store takes on disk, in bytes a hit.</summary>
/// <param name="Table">Table hits: columns, marks and index.</param>
/// <param name="Views">What is derived from it.</param>
/// <param name="Parts">Parts of table hits.</param>
/// <param name="Columns">Bytes a hit of each column, the largest first.</param>
internal sealed record SizeFigures(double Table, double Views, int Parts, IReadOnlyList<(string Column, double Bytes)> Columns)
{
    /// <summary>Reads them.</summary>
    public static async Task<SizeFigures> ReadAsync(StoreClient store)
    {
        double rows = await store.NumberAsync("SELECT count() FROM hits");
        var columns = await ColumnsAsync(store, "hits", rows);
        double table = await store.NumberAsync("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() AND table = 'hits'");
        double views = await store.NumberAsync(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() AND table IN ('hits_hourly', 'crawler_fetches')");
        double parts = await store.NumberAsync("SELECT count() FROM system.parts WHERE active AND database = currentDatabase() AND table = 'hits'");
        return new SizeFigures(table / rows, views / rows, (int)parts, columns);
    }

    /// <summary>Bytes a row of each column of a table.</summary>
    public static async Task<List<(string Column, double Bytes)>> ColumnsAsync(StoreClient store, string table, double rows) =>
        [.. (await store.AskAsync(
            $"SELECT column, sum(column_data_compressed_bytes) AS bytes FROM system.parts_columns WHERE active AND database = currentDatabase() AND table = '{table}' "
            + "GROUP BY column ORDER BY bytes DESC")).Select(r => (r[0], double.Parse(r[1], CultureInfo.InvariantCulture) / rows))];
}
