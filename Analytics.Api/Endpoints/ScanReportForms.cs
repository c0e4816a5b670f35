using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Weir.Analytics.Api.Reports;
using Weir.Scheduling.Results;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>What every report of scans takes.</summary>
internal record ScanReportQuery
{
    [FromQuery(Name = "days")]
    [Description("The span: so many days until now, 1 to 400; 30 without it.")]
    public string? Days { get; init; }
}

/// <summary>Which brands.</summary>
internal sealed record BrandReportQuery : ScanReportQuery
{
    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    [FromQuery(Name = "limit")]
    [Description("Rows wanted: 1 to 1000 (100 without it); as CSV, JSON lines or Parquet up to 50000, and 50000 without it.")]
    public string? Limit { get; init; }
}

/// <summary>Which results.</summary>
internal sealed record ResultsQuery
{
    [FromQuery(Name = "result")]
    [Description("Only these: cited, gap or lost_citation.")]
    public string? Result { get; init; }

    [FromQuery(Name = "changed")]
    [Description("true: only those that found a change; false: only those that did not.")]
    public string? Changed { get; init; }

    [FromQuery(Name = "engine")]
    [Description("Only of this engine, such as chatgpt.")]
    public string? Engine { get; init; }

    [FromQuery(Name = "brand")]
    [Description("Only of the brand with this number.")]
    public string? Brand { get; init; }

    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    [FromQuery(Name = "limit")]
    [Description("Rows wanted: 1 to 1000 (100 without it); as CSV, JSON lines or Parquet up to 50000, and 50000 without it.")]
    public string? Limit { get; init; }
}

/// <summary>Brands, and where the rest begins.</summary>
/// <param name="Items">In the order of their numbers.</param>
/// <param name="Next">Give it as <c>cursor</c> to get what follows; null at the end.</param>
internal sealed record BrandRows(IReadOnlyList<BrandRow> Items, string? Next) : ITable, IPage
{
    IReadOnlyList<Column> ITable.Columns { get; } =
    [
        Column.Number("id"), "brand", Column.Number("targets"), Column.Number("scanned"), Column.Number("cited"), Column.Number("gap"),
        Column.Number("lost_citation"), Column.Time("last_scan"), Column.Number("scans"), Column.Number("changes"),
    ];

    IEnumerable<object?[]> ITable.Rows => Items.Select(r => new object?[]
    {
        r.Id, r.Brand, r.Targets, r.Scanned, r.Cited, r.Gap, r.LostCitation, r.LastScan, r.Scans, r.Changes,
    });
}

/// <summary>Results, and where the rest begins.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="Next">Give it as <c>cursor</c> to get what follows; null at the end.</param>
internal sealed record ResultRows(IReadOnlyList<ResultRow> Items, string? Next) : ITable, IPage
{
    IReadOnlyList<Column> ITable.Columns { get; } =
    [
        Column.Number("id"), Column.Number("scan"), Column.Number("target"), "brand", "query", "engine", Column.Time("at"), "result", Column.Flag("changed"), "evidence",
    ];

    IEnumerable<object?[]> ITable.Rows => Items.Select(r => new object?[]
    {
        r.Id, r.Scan, r.Target, r.Brand, r.Query, r.Engine, r.At, r.Result, r.Changed, r.Evidence?.GetRawText(),
    });
}
