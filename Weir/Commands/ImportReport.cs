using System.Text.Json;
using Weir.Detection;
using Weir.Ingest.AccessLogs;

namespace Weir.Commands;

/// <summary>Writes what an import came to, for people and for programs.</summary>
internal static class ImportReport
{
    private const int CrawlersShown = 15;

    /// <summary>Members and their order are promised to programs.</summary>
    public static void WriteJson(ImportSummary summary, TextWriter output)
    {
        JsonText.WriteLine(output, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("lines", summary.Lines);
            json.WriteNumber("stored", summary.Stored);
            json.WriteNumber("rejected", summary.Rejected);
            json.WriteNumber("alreadyStored", summary.AlreadyStored);
            json.WriteString("format", summary.Format);
            WriteCrawlers(json, summary);
            WriteCounts(json, "kinds", summary.Kinds);
            WriteCounts(json, "referrals", summary.Referrals.ToDictionary(r => r.Key, r => r.Value.Hits));
            json.WriteStartArray("rejectedExamples");
            foreach (var example in summary.RejectedExamples)
            {
                json.WriteStartObject();
                json.WriteString("file", example.File);
                json.WriteNumber("line", example.Line);
                json.WriteString("text", example.Text);
                json.WriteString("fault", example.Fault.ToName());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteCounts(json, "faults", summary.Faults.ToDictionary(f => f.Key.ToName(), f => f.Value));
            WriteCounts(json, "continued", summary.Continued.DistinctBy(c => c.File).ToDictionary(c => c.File, c => c.Lines));
            json.WriteNumber("stepsBack", summary.StepsBack);
            json.WriteNumber("seconds", Math.Round(summary.Duration.TotalSeconds, 3));
            json.WriteEndObject();
        });
    }

    /// <summary>The summary in words.</summary>
    public static void WriteWords(ImportSummary summary, SiteId site, TextWriter output)
    {
        foreach (var log in summary.Continued)
            output.WriteLine($"{TerminalText.Clean(log.File, 200)} was read on behind line {log.Lines:N0}: an import before this one stored what stands before.");
        if (summary.Lines == 0)
        {
            output.WriteLine(summary.Continued.Count > 0 ? "Nothing was written behind that." : "No line was read: the log is empty.");
            return;
        }
        output.WriteLine($"{summary.Lines:N0} lines of format {summary.Format} read for site {site}: {Outcome(summary)}");
        output.WriteLine();
        foreach (var (kind, hits) in summary.Kinds)
            output.WriteLine($"  {hits,10:N0}  {kind}");
        WriteCrawlerTable(summary, output);
        WriteReferrals(summary, output);
        WriteRejected(summary, output);
        if (summary.StepsBack > 0)
            output.WriteLine($"{Environment.NewLine}The log's time stepped back {summary.StepsBack:N0} times: another log behind the first, or a clock that was set.");
        output.WriteLine();
        double seconds = Math.Max(summary.Duration.TotalSeconds, 0.001);
        output.WriteLine($"{seconds:N1} s, {summary.Lines / seconds:N0} lines/s. To look at them: weir up");
    }

    private static string Outcome(ImportSummary summary)
    {
        var parts = new List<string> { summary.Stored == 0 ? "0 stored" : $"{summary.Stored:N0} stored" };
        if (summary.AlreadyStored > 0)
            parts.Add($"{summary.AlreadyStored:N0} were stored before");
        parts.Add($"{summary.Rejected:N0} rejected");
        return string.Join(", ", parts) + ".";
    }

    private static void WriteCrawlerTable(ImportSummary summary, TextWriter output)
    {
        if (summary.Crawlers.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine($"  {"crawler",-28} {"hits",10} {"verified",10} {"spoofed",10} {"unverifiable",13}");
        foreach (var crawler in summary.Crawlers.Values.Take(CrawlersShown))
        {
            output.WriteLine($"  {TerminalText.Clean(crawler.Name, 28),-28} {crawler.Hits,10:N0} {crawler.Verified,10:N0} {crawler.Spoofed,10:N0} "
                + $"{crawler.Unverifiable,13:N0}");
        }
        var others = summary.Crawlers.Values.Skip(CrawlersShown).ToList();
        if (others.Count > 0)
            output.WriteLine($"  and {others.Count} more with {others.Sum(c => c.Hits):N0} hits");
    }

    private static void WriteReferrals(ImportSummary summary, TextWriter output)
    {
        var ai = summary.Referrals.Where(r => r.Value.Class == ReferralClass.Ai).ToList();
        output.WriteLine();
        output.WriteLine(ai.Count == 0
            ? "No visit was sent by an AI engine."
            : $"Visits sent by AI engines: {string.Join(", ", ai.Select(r => $"{r.Key} {r.Value.Hits:N0}"))}.");
        long search = summary.Referrals.Values.Where(r => r.Class == ReferralClass.Search).Sum(r => r.Hits);
        if (search > 0)
            output.WriteLine($"Visits sent by search engines: {search:N0}.");
    }

    private static void WriteRejected(ImportSummary summary, TextWriter output)
    {
        if (summary.RejectedExamples.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine($"Rejected: {string.Join(", ", summary.Faults.Select(f => $"{f.Value:N0} {f.Key.ToWords()}"))}."
            + (summary.Rejected == 1 ? "" : " The first:"));
        foreach (var example in summary.RejectedExamples)
            output.WriteLine($"  {TerminalText.Clean(Path.GetFileName(example.File), 40)}:{example.Line}: {example.Text}");
    }

    private static void WriteCrawlers(Utf8JsonWriter json, ImportSummary summary)
    {
        json.WriteStartObject("crawlers");
        foreach (var (id, crawler) in summary.Crawlers)
        {
            json.WriteStartObject(id);
            json.WriteNumber("hits", crawler.Hits);
            json.WriteNumber("verified", crawler.Verified);
            json.WriteNumber("spoofed", crawler.Spoofed);
            json.WriteNumber("unverifiable", crawler.Unverifiable);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, long> counts)
    {
        json.WriteStartObject(name);
        foreach (var (key, count) in counts)
            json.WriteNumber(key, count);
        json.WriteEndObject();
    }
}
