using System.Text;
using System.Text.Json.Nodes;
using Weir.Accuracy.Rows;
using Weir.Accuracy.Scores;
using Weir.Detection;
using Weir.Reporting;

namespace Weir.Accuracy.Sections;

/// <summary>Whether Weir names the crawler and its purpose rightly. The peers do not answer this in the same words.</summary>
internal static class NameScores
{
    public static void Add(StringBuilder text, JsonObject json, JudgedCorpus judged)
    {
        var rows = judged.Corpus.Rows.Zip(judged.Verdicts).ToArray();
        var table = new MarkdownTable("Weir's names", "share", "rows");
        var figures = new JsonObject();
        AddLine("crawler named as labelled", "crawler", Share(rows, r => r.CrawlerId is not null, (r, v) => v.Crawler?.Id == r.CrawlerId));
        AddLine("purpose as labelled", "purpose", Share(rows, r => r.Purpose is not null, (r, v) => v.Purpose.ToName() == r.Purpose));
        AddLine("purpose as labelled, AI crawlers", "purposeOfAi", Share(rows, IsAiPurpose, (r, v) => v.Purpose.ToName() == r.Purpose));
        AddLine("AI crawlers called AI", "aiCalledAi", Share(rows, IsAi, (_, v) => IsAiCalled(v)));
        AddLine("other bots called AI", "othersCalledAi", Share(rows, r => r.IsBot && !IsAi(r), (_, v) => IsAiCalled(v)));
        AddLine("browsers given a crawler's name", "browsersNamed", Share(rows, r => !r.IsBot, (_, v) => v.Crawler is not null));
        text.Append("### Names\n\n").Append(table);
        if (judged.Corpus.Rows.Any(r => r.IsAi is not null))
            text.Append("AI is the source's own tag here. Weir's catalog draws the line elsewhere for some agents, so the two lines on AI measure "
                + "agreement, not error.\n\n");
        json["names"] = figures;

        void AddLine(string title, string key, Share share)
        {
            if (share.Total == 0)
                return;
            table.Add(title, share.Text(), share.Total.Text());
            figures[key] = share.Json();
        }
    }

    private static Share Share((Row Row, Verdict Verdict)[] rows, Func<Row, bool> isCounted, Func<Row, Verdict, bool> isRight)
    {
        var counted = rows.Where(r => isCounted(r.Row)).ToArray();
        return new Share(counted.Count(r => isRight(r.Row, r.Verdict)), counted.Length);
    }

    private static bool IsAi(Row row) => row.IsAi ?? IsAiPurpose(row);

    private static bool IsAiPurpose(Row row) => row.Purpose?.StartsWith("ai-", StringComparison.Ordinal) ?? false;

    private static bool IsAiCalled(Verdict verdict) => verdict.Purpose.ToName().StartsWith("ai-", StringComparison.Ordinal);
}
