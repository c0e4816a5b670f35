using System.Globalization;
using System.Net;
using System.Text;

namespace Weir.Simulation;

/// <summary>What one run gave.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Budget">Scans a target and day that it might make; null without a bound.</param>
/// <param name="Seed">The world.</param>
/// <param name="Measures">What it did.</param>
/// <param name="Seconds">How long the run took.</param>
public sealed record SimulationResult(string Policy, double? Budget, int Seed, Measures Measures, double Seconds);

/// <summary>Writes results side by side: means over the worlds, with their standard deviation where there are several.</summary>
public static class SimulationTable
{
    private static readonly (string Name, string Unit, Func<Measures, double> Of)[] Columns =
    [
        ("found within 24 h", "%", m => 100 * m.Found24),
        ("found at all", "%", m => 100 * m.FoundAny),
        ("fresh", "%", m => 100 * m.Freshness),
        ("stale", "days", m => m.StaleAgeDays),
        ("worst tenth", "%", m => 100 * m.Worst10),
        ("scans", "a target and day", m => m.Cost),
        ("longest gap", "days", m => m.GapMaxDays),
    ];

    /// <summary>As aligned text.</summary>
    public static string Text(IReadOnlyList<SimulationResult> results)
    {
        var lines = new List<string[]> { (string[])["budget", "policy", .. Columns.Select(c => $"{c.Name}, {c.Unit}")] };
        foreach (var group in Groups(results))
            lines.Add([group.Key.Budget, group.Key.Policy, .. Columns.Select(c => Cell(group, c.Of, c.Unit))]);
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(i => lines.Max(l => l[i].Length))];
        var text = new StringBuilder();
        foreach (string[] line in lines)
            text.AppendLine(string.Join("  ", line.Select((cell, i) => i < 2 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        return text.ToString();
    }

    /// <summary>As a page with a plot of changes found against the cost, without any script.</summary>
    public static string Html(IReadOnlyList<SimulationResult> results, string title)
    {
        string name = WebUtility.HtmlEncode(title);
        var page = new StringBuilder($$"""
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{name}}</title>
            <style>
            :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
            body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
            table { border-collapse: collapse; display: block; overflow-x: auto; } th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
            th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
            svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 12px; }
            </style>
            <h1>{{name}}</h1>

            """);
        AddPlot(page, results);
        page.Append("<table><caption>Means over the worlds, ± their standard deviation</caption><thead><tr><th scope=\"col\">budget<th scope=\"col\">policy");
        foreach (var (column, unit, _) in Columns)
            page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{column}<br><small>{unit}</small>");
        page.Append("</thead><tbody>\n");
        foreach (var group in Groups(results))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{group.Key.Budget}<th scope=\"row\">{WebUtility.HtmlEncode(group.Key.Policy)}");
            foreach (var (_, unit, of) in Columns)
                page.Append(CultureInfo.InvariantCulture, $"<td>{Cell(group, of, unit)}");
            page.Append('\n');
        }
        return page.Append("</tbody></table></html>\n").ToString();
    }

    private static IEnumerable<IGrouping<(string Budget, string Policy), SimulationResult>> Groups(IReadOnlyList<SimulationResult> results) =>
        results.GroupBy(r => (r.Budget?.ToString(CultureInfo.InvariantCulture) ?? "none", r.Policy));

    private static string Cell(IEnumerable<SimulationResult> group, Func<Measures, double> of, string unit)
    {
        double[] values = [.. group.Select(r => of(r.Measures))];
        double mean = values.Average();
        string format = unit == "a target and day" ? "0.000" : "0.0";
        string text = mean.ToString(format, CultureInfo.InvariantCulture);
        if (values.Length == 1)
            return text;
        double deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
        return $"{text} ± {deviation.ToString(format, CultureInfo.InvariantCulture)}";
    }

    // Found within 24 h over scans a target and day; a line for each policy through its budgets.
    private static void AddPlot(StringBuilder page, IReadOnlyList<SimulationResult> results)
    {
        const int Width = 860, Height = 380, Left = 50, Bottom = 40;
        string[] colours = ["#4269d0", "#d97706", "#c2410c", "#059669", "#7c3aed", "#be185d", "#0891b2", "#65a30d", "#a16207", "#475569"];
        double costMax = Math.Max(0.01, results.Max(r => r.Measures.Cost)), foundMax = Math.Max(0.01, results.Max(r => r.Measures.Found24));
        double X(double cost) => Left + (cost / costMax * (Width - Left - 150));
        double Y(double found) => Height - Bottom - (found / foundMax * (Height - Bottom - 20));
        page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Changes found within 24 hours by scans a target and day; the table below has the figures\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} 10V{Height - Bottom}H{Width - 150}\" fill=\"none\" stroke=\"currentColor\"/>\n");
        for (int i = 1; i <= 4; i++)
        {
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{Y(foundMax * i / 4) + 4:0}\" text-anchor=\"end\">{25 * i * foundMax:0} %</text>");
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(costMax * i / 4):0}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{costMax * i / 4:0.##}</text>\n");
        }
        page.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - 6}\">scans a target and day → ; up: changes found within 24 h</text>\n");
        foreach (var (index, policy) in results.GroupBy(r => r.Policy).Index())
        {
            var points = policy.GroupBy(r => r.Budget).Select(g => (Cost: g.Average(r => r.Measures.Cost), Found: g.Average(r => r.Measures.Found24))).OrderBy(p => p.Cost).ToList();
            string colour = colours[index % colours.Length];
            page.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Cost):0.#},{Y(p.Found):0.#}")))}\"/>");
            foreach (var (cost, found) in points)
                page.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(cost):0.#}\" cy=\"{Y(found):0.#}\" r=\"3\" fill=\"{colour}\"/>");
            page.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{Width - 138}\" cy=\"{24 + (index * 18) - 4}\" r=\"5\" fill=\"{colour}\"/><text x=\"{Width - 128}\" y=\"{24 + (index * 18)}\">{WebUtility.HtmlEncode(policy.Key)}</text>\n");
        }
        page.Append("</svg>\n");
    }
}
