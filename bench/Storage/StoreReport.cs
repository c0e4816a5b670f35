using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Weir.Reporting;
using Weir.Storage.Measuring;
using Weir.Storage.Traffic;

namespace Weir.Storage;

/// <summary>Puts the tables side by side.</summary>
internal static class StoreReport
{
    private const double BytesMust = 12, RateMust = 500_000, SiteMsMust = 50, AllMsMust = 200, WriteMust = 100;

    /// <summary>Writes the report; one of some candidates alone is not for committing.</summary>
    public static void Write(
        Options options, double traffic, double write, string version, int batchRows, List<Figures> compared, List<Figures> whole,
        List<(string Order, List<(string Column, string Form, double Bytes)> Forms)> lab)
    {
        var facts = RunFacts.Of(options.Command, [("ClickHouse", version)]);
        var text = new StringBuilder("# The store: bytes, ingest and the dashboard's questions\n\nMade by bench/run; not edited by hand. How to read it: [bench/README.md](../README.md).\n\n")
            .Append(facts.Markdown)
            .Append(CultureInfo.InvariantCulture, $"\nMade-up traffic of {TrafficSource.Sites:N0} sites, {TrafficSource.HitsOf90Days:N0} hits in 90 days, seed {options.Seed}; made alone it comes at {traffic:N0} hits/s on one core, ")
            .Append(CultureInfo.InvariantCulture, $"and takes that core's time while it is stored. Batches of {batchRows:N0}; both views on. Times are those of the API's own reports, one at a time, with the data in the system's cache.\n");
        if (whole.Count > 0)
            AddVerdicts(text, whole[^1], write);
        foreach (var group in new[] { whole, compared }.Where(g => g.Count > 0))
            AddGroup(text, group);
        foreach (var (order, forms) in lab)
            AddForms(text, order, forms, options.Hits);
        var json = new JsonObject
        {
            ["run"] = facts.Json(),
            ["trafficRate"] = Math.Round(traffic),
            ["channelWriteNs"] = Math.Round(write, 1),
            ["whole"] = new JsonArray([.. whole.Select(Json)]),
            ["compared"] = new JsonArray([.. compared.Select(Json)]),
            ["forms"] = new JsonArray([.. lab.SelectMany(l => l.Forms.Select(f => (JsonNode)new JsonObject
            {
                ["order"] = l.Order,
                ["column"] = f.Column,
                ["form"] = f.Form,
                ["bytes"] = Math.Round(f.Bytes, 3),
            }))]),
        };
        ReportFiles.Write("store", !options.IsWhole, text.ToString(), json);
    }

    private static void AddVerdicts(StringBuilder text, Figures inForce, double write)
    {
        var table = new MarkdownTable("what is asked", "must", "measured");
        table.Add("bytes a hit, table hits", $"≤ {BytesMust:0}", $"{inForce.Size.Table:0.0}");
        table.Add("hits stored a second, one writer, views on", $"≥ {RateMust:N0}", $"{inForce.Load.Rate:N0}");
        table.Add("handing a hit over, two writers at once", $"≤ {WriteMust:0} ns", $"{write:0} ns");
        table.Add("reports of one site of all, p95", $"≤ {SiteMsMust:0} ms", $"{Worst(inForce.Sites)}");
        table.Add("reports of all sites, p95", $"≤ {AllMsMust:0} ms", $"{Worst(inForce.All)}");
        text.Append(CultureInfo.InvariantCulture, $"\n## Against what is asked, at {inForce.Load.Hits:N0} hits\n\n").Append(table);
    }

    private static string Worst(List<QueryFigures> figures)
    {
        var worst = figures.MaxBy(f => f.At(0.95))!;
        return $"{worst.At(0.95):0} ms ({worst.Report}, the slowest)";
    }

    private static void AddGroup(StringBuilder text, List<Figures> group)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## Tables of {group[0].Load.Hits:N0} hits\n\n");
        var table = new MarkdownTable("table", "bytes a hit", "of views", "parts", "hits stored/s");
        foreach (var f in group)
            table.Add($"`{f.Candidate.Name}`: {f.Candidate.Says}", $"{f.Size.Table:0.00}", $"{f.Size.Views:0.00}", $"{f.Size.Parts}", $"{f.Load.Rate:N0}");
        text.Append(table);
        AddColumns(text, group);
        AddTimes(text, "one site of all, drawn evenly", group, f => f.Sites);
        AddTimes(text, "the largest site", group, f => f.Largest);
        AddTimes(text, "all sites", group, f => f.All);
    }

    private static void AddColumns(StringBuilder text, List<Figures> group)
    {
        var table = new MarkdownTable(["bytes a hit", .. group.Select(f => f.Candidate.Name)]);
        foreach (var (column, _) in group[0].Size.Columns)
            table.Add([$"`{column}`", .. group.Select(f => $"{f.Size.Columns.FirstOrDefault(c => c.Column == column).Bytes:0.00}")]);
        text.Append(table);
    }

    private static void AddTimes(StringBuilder text, string what, List<Figures> group, Func<Figures, List<QueryFigures>> pick)
    {
        var table = new MarkdownTable([$"ms, p50 / p95, {what}", .. group.Select(f => f.Candidate.Name)]);
        foreach (var report in pick(group[0]))
            table.Add([report.Report, .. group.Select(f => pick(f).First(q => q.Report == report.Report)).Select(q => $"{q.At(0.5):0.0} / {q.At(0.95):0.0}")]);
        text.Append(table);
    }

    private static void AddForms(StringBuilder text, string order, List<(string Column, string Form, double Bytes)> forms, long hits)
    {
        text.Append(CultureInfo.InvariantCulture, $"## Forms of columns, rows by ({order}), {hits:N0} hits\n\n");
        var table = new MarkdownTable("column", "form", "bytes a hit");
        foreach (var (column, form, bytes) in forms.Where(f => f.Bytes >= 0.005))
            table.Add($"`{column}`", $"`{form}`", $"{bytes:0.00}");
        text.Append(table);
    }

    private static JsonObject Json(Figures f) => new()
    {
        ["name"] = f.Candidate.Name,
        ["hits"] = f.Load.Hits,
        ["hitsASecond"] = Math.Round(f.Load.Rate),
        ["bytes"] = Math.Round(f.Size.Table, 3),
        ["viewBytes"] = Math.Round(f.Size.Views, 3),
        ["columns"] = new JsonObject(f.Size.Columns.Select(c => KeyValuePair.Create(c.Column, (JsonNode?)Math.Round(c.Bytes, 3)))),
        ["site"] = Times(f.Sites),
        ["largestSite"] = Times(f.Largest),
        ["allSites"] = Times(f.All),
    };

    private static JsonObject Times(List<QueryFigures> figures) => new(figures.Select(q => KeyValuePair.Create(q.Report, (JsonNode?)new JsonObject
    {
        ["p50"] = Math.Round(q.At(0.5), 2),
        ["p95"] = Math.Round(q.At(0.95), 2),
    })));
}
