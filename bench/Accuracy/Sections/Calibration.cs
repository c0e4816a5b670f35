using System.Text;
using System.Text.Json.Nodes;
using Weir.Accuracy.Rows;
using Weir.Accuracy.Scores;
using Weir.Reporting;

namespace Weir.Accuracy.Sections;

/// <summary>Whether a score of 70 means that seven of ten are programs.</summary>
internal static class Calibration
{
    public static void Add(StringBuilder text, JsonObject json, JudgedCorpus judged)
    {
        var table = new MarkdownTable("Weir's score", "rows", "mean score", "bots among them");
        var figures = new JsonArray();
        var rows = judged.Corpus.Rows.Zip(judged.Verdicts, (row, verdict) => (row.IsBot, verdict.Score)).ToArray();
        double brier = rows.Average(r => Math.Pow((r.Score / 100.0) - (r.IsBot ? 1 : 0), 2));
        // 100 belongs to the last tenth.
        foreach (var tenth in rows.GroupBy(r => Math.Min(9, r.Score / 10)).OrderBy(g => g.Key))
        {
            string name = $"{tenth.Key * 10}–{(tenth.Key == 9 ? 100 : (tenth.Key * 10) + 9)}";
            var share = new Share(tenth.Count(r => r.IsBot), tenth.Count());
            double mean = tenth.Average(r => r.Score);
            table.Add(name, share.Total.Text(), $"{mean:0.0}", share.Text());
            figures.Add(new JsonObject { ["score"] = name, ["meanScore"] = Math.Round(mean, 2), ["bots"] = share.Json() });
        }
        text.Append("### Calibration\n\n").Append(table)
            .Append($"Brier score {brier:0.0000} (0 is perfect). The share of bots depends on how many bots a corpus holds; real sites differ.\n\n");
        json["calibration"] = figures;
        json["brier"] = Math.Round(brier, 5);
    }
}
