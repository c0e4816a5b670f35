using System.Text.Json;
using Weir.Accuracy.Rows;
using Weir.Detection;

namespace Weir.Accuracy;

/// <summary>The rows that Weir got wrong, for developers. They stay out of the report: rows may be under a licence of their own.</summary>
internal static class Misses
{
    /// <summary>Writes one object a line; returns how many.</summary>
    public static int Write(string file, JudgedCorpus judged)
    {
        using var writer = new StreamWriter(file);
        int count = 0;
        foreach (var (row, verdict) in judged.Corpus.Rows.Zip(judged.Verdicts))
        {
            bool isNameWrong = row.CrawlerId is not null && row.CrawlerId != verdict.Crawler?.Id;
            if (row.IsBot == verdict.IsAutomated && !isNameWrong)
                continue;
            count++;
            writer.WriteLine(JsonSerializer.Serialize(new
            {
                ua = row.UserAgent,
                wrong = row.IsBot != verdict.IsAutomated ? row.IsBot ? "missed" : "false alarm" : "name",
                kind = verdict.Kind.ToName(),
                verdict.Score,
                crawler = verdict.Crawler?.Id,
                labelled = row.CrawlerId,
                reasons = Reasons(verdict),
                row.Source,
            }));
        }
        return count;
    }

    private static List<string> Reasons(Verdict verdict)
    {
        List<string> names = [];
        foreach (var reason in verdict.Reasons)
            names.Add(reason.ToName());
        return names;
    }
}
