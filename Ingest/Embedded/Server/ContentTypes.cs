namespace Weir.Ingest.Embedded.Server;

/// <summary>Content type of each output format, as ClickHouse gives it.</summary>
internal static class ContentTypes
{
    /// <summary>The type; plain text for errors and statements without a result.</summary>
    public static string Of(string? format) => format?.ToUpperInvariant() switch
    {
        null => "text/plain; charset=UTF-8",
        var f when f.StartsWith("TABSEPARATED", StringComparison.Ordinal) || f.StartsWith("TSV", StringComparison.Ordinal)
            => "text/tab-separated-values; charset=UTF-8",
        "CSVWITHNAMES" or "CSVWITHNAMESANDTYPES" => "text/csv; charset=UTF-8; header=present",
        "CSV" => "text/csv; charset=UTF-8; header=absent",
        "JSONEACHROW" or "JSONLINES" or "NDJSON" or "JSONSTRINGSEACHROW" => "application/x-ndjson; charset=UTF-8",
        var f when f.StartsWith("JSON", StringComparison.Ordinal) => "application/json; charset=UTF-8",
        "XML" => "application/xml; charset=UTF-8",
        var f when f.StartsWith("PRETTY", StringComparison.Ordinal) || f is "VERTICAL" or "VALUES" or "MARKDOWN" or "TSKV"
            => "text/plain; charset=UTF-8",
        _ => "application/octet-stream",
    };
}
