using System.Globalization;
using Parquet;
using Parquet.Schema;
using Weir.Analytics.Api.Reports;

namespace Weir.Analytics.Api.Hosting;

/// <summary>Writes tables as Apache Parquet: one row group, every column optional, packed with Snappy, which every reader knows.</summary>
/// <remarks>Not by ClickHouse, which could write the rows of a query only: half of a report's columns (names, sentences, what a hit reads as)
/// are known after its query, and rows sent back to it would be bounded by what its server takes in one request.</remarks>
internal static class ParquetFile
{
    public static async Task<byte[]> WriteAsync(ITable table, CancellationToken stop)
    {
        var fields = table.Columns.Select(FieldOf).ToArray();
        object?[][] rows = [.. table.Rows];
        using var stream = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(fields), stream, new ParquetOptions { CompressionMethod = CompressionMethod.Snappy }, append: false, stop))
        {
            using var group = writer.CreateRowGroup();
            for (int i = 0; i < fields.Length; i++)
                await WriteAsync(group, fields[i], table.Columns[i].Type, [.. rows.Select(r => r[i])], stop);
            group.CompleteValidate();
        }
        return stream.ToArray();
    }

    private static DataField FieldOf(Column column) => column.Type switch
    {
        CellType.Number => new DataField(column.Name, typeof(long), isNullable: true),
        CellType.Fraction => new DataField(column.Name, typeof(double), isNullable: true),
        CellType.Flag => new DataField(column.Name, typeof(bool), isNullable: true),
        CellType.Time => new DateTimeDataField(column.Name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Millis, isNullable: true),
        _ => new DataField(column.Name, typeof(string), isNullable: true),
    };

    private static Task WriteAsync(ParquetRowGroupWriter group, DataField field, CellType type, object?[] cells, CancellationToken stop) => type switch
    {
        CellType.Number => group.WriteAsync<long>(field, Values(cells, c => Convert.ToInt64(c, CultureInfo.InvariantCulture)), cancellationToken: stop),
        CellType.Fraction => group.WriteAsync<double>(field, Values(cells, c => Convert.ToDouble(c, CultureInfo.InvariantCulture)), cancellationToken: stop),
        CellType.Flag => group.WriteAsync<bool>(field, Values(cells, c => (bool)c), cancellationToken: stop),
        CellType.Time => group.WriteAsync<DateTime>(field, Values(cells, c => ((DateTimeOffset)c).UtcDateTime), cancellationToken: stop),
        _ => group.WriteAsync(field, Array.ConvertAll(cells, c => (string?)c)!),
    };

    private static ReadOnlyMemory<T?> Values<T>(object?[] cells, Func<object, T> value)
        where T : struct => Array.ConvertAll(cells, c => c is null ? default(T?) : value(c));
}
