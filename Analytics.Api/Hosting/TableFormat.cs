using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Weir.Analytics.Api.Hosting;

/// <summary>A form in which a table is given.</summary>
internal enum TableFormat
{
    /// <summary>The whole answer as one JSON document.</summary>
    Json,

    /// <summary>RFC 4180 with a header row.</summary>
    Csv,

    /// <summary>One JSON object a line, with the columns of the CSV.</summary>
    JsonLines,

    /// <summary>An Apache Parquet file with the columns of the CSV.</summary>
    Parquet,
}

/// <summary>Names and media types of <see cref="TableFormat"/>s, and which of them a request asks for.</summary>
internal static class TableFormats
{
    /// <summary>The query parameter, for links; it counts before <c>Accept</c>.</summary>
    public const string Parameter = "format";

    public const string CsvType = "text/csv", JsonLinesType = "application/jsonl", ParquetType = "application/vnd.apache.parquet", JsonType = "application/json";

    /// <summary>Every format by its name in <see cref="Parameter"/>.</summary>
    public static IReadOnlyDictionary<string, TableFormat> ByName { get; } = new Dictionary<string, TableFormat>(StringComparer.Ordinal)
    {
        ["json"] = TableFormat.Json,
        ["csv"] = TableFormat.Csv,
        ["jsonl"] = TableFormat.JsonLines,
        ["parquet"] = TableFormat.Parquet,
    };

    // In doubt the first: what a browser accepts (*/*) is JSON.
    private static readonly (TableFormat Format, string[] Types)[] ByType =
    [
        (TableFormat.Json, [JsonType]),
        (TableFormat.Csv, [CsvType]),
        (TableFormat.JsonLines, [JsonLinesType, "application/x-ndjson", "application/jsonlines"]),
        (TableFormat.Parquet, [ParquetType]),
    ];

    /// <summary>What a request asks for. False when its <see cref="Parameter"/> names no format.</summary>
    public static bool TryRead(HttpRequest request, out TableFormat format)
    {
        format = TableFormat.Json;
        if (request.Query[Parameter] is [{ Length: > 0 } name, ..] given)
            return given.Count == 1 && ByName.TryGetValue(name, out format);
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return true;
        double best = 0;
        foreach (var (candidate, types) in ByType)
        {
            double quality = accepted.Where(a => types.Contains(a.MediaType.Value, StringComparer.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
            if (quality > best)
                (best, format) = (quality, candidate);
        }
        return true;
    }

    /// <summary>Whether a request asks for a whole table to keep, and so may have more rows at a time.</summary>
    public static bool IsExport(HttpRequest request) => TryRead(request, out var format) && format != TableFormat.Json;

    /// <summary>What the answer's <c>Content-Type</c> says.</summary>
    public static string ContentType(TableFormat format) => format switch
    {
        TableFormat.Csv => $"{CsvType}; charset=utf-8; header=present",
        TableFormat.JsonLines => $"{JsonLinesType}; charset=utf-8",
        TableFormat.Parquet => ParquetType,
        _ => $"{JsonType}; charset=utf-8",
    };
}
