using System.Text.Json;
using Weir.Reporting;

namespace Weir.Accuracy.Rows;

/// <summary>A corpus in a folder of the user's: *bots*.jsonl and *browsers*.jsonl, one object a line with ua, source, class, and where
/// known factsId and purpose. The report calls it the development split and never says where it lies.</summary>
internal static class FolderRows
{
    /// <exception cref="BenchException">The folder holds no such files, or a line is not what it should be.</exception>
    public static Corpus Read(string folder)
    {
        Row[] rows = [.. ReadFiles(folder, "*bots*.jsonl", isBot: true), .. ReadFiles(folder, "*browsers*.jsonl", isBot: false)];
        var sources = rows.GroupBy(r => r.Source, StringComparer.Ordinal).OrderByDescending(g => g.Count())
            .Select(g => new RowSource(g.Key, "", "not shipped", "rows of a folder named on the command line", g.Count()));
        return new Corpus("Development split", "development", Limits, [.. sources], rows);
    }

    private static IEnumerable<Row> ReadFiles(string folder, string pattern, bool isBot)
    {
        if (!Directory.Exists(folder))
            throw new BenchException($"there is no folder {folder}. Name one that holds *bots*.jsonl and *browsers*.jsonl.");
        string[] files = [.. Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
            throw new BenchException($"{folder} holds no {pattern}. Name a folder that holds *bots*.jsonl and *browsers*.jsonl.");
        foreach (string file in files)
        {
            int number = 0;
            foreach (string line in File.ReadLines(file))
            {
                number++;
                if (line.Length > 0)
                    yield return ReadRow(file, number, line, isBot);
            }
        }
    }

    private static Row ReadRow(string file, int number, string line, bool isBot)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return new Row
            {
                UserAgent = Text(json, "ua") ?? throw new JsonException("no 'ua'"),
                IsBot = isBot,
                Source = Text(json, "source") ?? "unknown",
                Kind = Text(json, "class") ?? (isBot ? "crawler" : "browser"),
                CrawlerId = Text(json, "factsId"),
                Purpose = Text(json, "purpose"),
            };
        }
        catch (JsonException error)
        {
            throw new BenchException($"{file}, line {number}: {error.Message}. Write one object a line with a text 'ua'.", error);
        }
    }

    private static string? Text(JsonDocument json, string member) =>
        json.RootElement.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static readonly string[] Limits =
    [
        "The labels are those of the corpora that the rows come from, and nobody checked them by hand. Known noise: application HTTP "
        + "stacks and PDF makers that count as browsers, phones with \"bot\" in their name, rows with a stray header name in front.",
        "Rules of Weir were written while these rows could be looked at. How far the figures carry over is what rows kept apart must show.",
        "A peer's rows are its own tests: each peer is flattered on the sources that it shares authors with.",
    ];
}
