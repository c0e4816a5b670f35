using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Weir.Reporting;

namespace Weir.Storage.Api;

/// <summary>What people who look at so many sites got.</summary>
/// <param name="sites">How many.</param>
internal sealed class CrowdFigures(int sites)
{
    private double[]? _sorted;

    /// <summary>How many sites they look at.</summary>
    public int Sites => sites;

    /// <summary>What they got.</summary>
    public ConcurrentQueue<Answer> Answers { get; } = new();

    /// <summary>Answers by where they came from, as the API counts them.</summary>
    public ConcurrentDictionary<string, long> From { get; } = new(StringComparer.Ordinal);

    /// <summary>Share of answers that were not made for whoever asked.</summary>
    public double Kept => From.Values.Sum() is var all and > 0 ? 1 - ((double)From.GetValueOrDefault("made") / all) : 0;

    /// <summary>Answers other than 200.</summary>
    public int Failed => Answers.Count(a => a.Status != HttpStatusCode.OK);

    /// <summary>The time that so many of the answers stayed below, in milliseconds; to be asked when all are in.</summary>
    public double At(double share) => At(_sorted ??= [.. Answers.Select(a => a.Milliseconds).Order()], share);

    /// <summary>Each report's times.</summary>
    public MarkdownTable Table()
    {
        var table = new MarkdownTable("report", "answers", "p50 ms", "p95 ms", "p99 ms");
        foreach (var report in Answers.GroupBy(a => a.Report).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var times = report.Select(a => a.Milliseconds).Order().ToArray();
            table.Add(report.Key, $"{times.Length:N0}", Ms(times, 0.5), Ms(times, 0.95), Ms(times, 0.99));
        }
        return table;
    }

    /// <summary>The same for programs.</summary>
    public JsonObject Json() => new()
    {
        ["answers"] = Answers.Count,
        ["failed"] = Failed,
        ["p50"] = At(0.5),
        ["p95"] = At(0.95),
        ["p99"] = At(0.99),
        ["kept"] = Math.Round(Kept, 3),
    };

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : Math.Round(sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))], 1);

    private static string Ms(double[] sorted, double share) => At(sorted, share).ToString("0.0", CultureInfo.InvariantCulture);
}
