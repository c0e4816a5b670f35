using System.Globalization;
using System.Text.Json;
using Weir.Detection.Robots;
using Weir.Ingest.AccessLogs;

namespace Weir.Commands;

/// <summary>Writes what robots.txt says and who kept to it, for people and for programs.</summary>
internal static class RobotsReport
{
    private const int RulesShown = 5;
    private const int VersionsShown = 10;
    private const string Meaning = "Spoofed fetches are not the crawler's own; too early: no robots.txt is known that it could have read before.";

    /// <summary>One answer. Members of the JSON and their order are promised to programs.</summary>
    public static void WriteAnswer(RobotsRules rules, in RobotsAnswer answer, bool asJson, TextWriter output)
    {
        if (!asJson)
        {
            output.WriteLine($"{(answer.IsAllowed ? "allowed" : "disallowed")}: {TerminalText.Clean(answer.Sentence)}");
            foreach (var group in rules.Agents)
                output.WriteLine($"  group of line {group.Number}: {TerminalText.Clean(group.ToString(), 120)}");
            return;
        }
        var said = answer;
        WriteJson(output, json =>
        {
            json.WriteBoolean("allowed", said.IsAllowed);
            WriteRule(json, said);
            json.WriteStartArray("groupLines");
            foreach (var group in rules.Agents)
                json.WriteNumberValue(group.Number);
            json.WriteEndArray();
        });
    }

    /// <summary>An audit. Members of the JSON and their order are promised to programs.</summary>
    public static void WriteAudit(LogSummary log, RobotsHistory history, IReadOnlyList<CrawlerCompliance> crawlers, bool asJson, TextWriter output)
    {
        if (asJson)
            WriteJson(output, json => WriteAuditJson(json, log, history, crawlers));
        else
            WriteAuditWords(log, history, crawlers, output);
    }

    /// <summary>An audit of stored hits. Members of the JSON and their order are promised to programs.</summary>
    public static void WriteStored(RobotsStoredAudit audit, bool asJson, TextWriter output)
    {
        if (asJson)
            WriteJson(output, json => WriteStoredJson(json, audit));
        else
            WriteStoredWords(audit, output);
    }

    private static void WriteStoredWords(RobotsStoredAudit audit, TextWriter output)
    {
        output.WriteLine($"{audit.Hits:N0} crawler hits of {audit.Site} in {audit.Days} {(audit.Days == 1 ? "day" : "days")}.");
        foreach (var host in audit.Hosts)
        {
            var versions = host.History.Versions;
            output.WriteLine();
            output.WriteLine(versions.Count == 0 ? $"{TerminalText.Clean(host.Host, 80)}: no robots.txt was seen here yet."
                : $"{TerminalText.Clean(host.Host, 80)}: {string.Join(", ", versions.TakeLast(VersionsShown).Select(Name))}{(versions.Count > VersionsShown ? $", and {versions.Count - VersionsShown:N0} older" : "")}.");
            WriteCrawlers(host.History, host.Audit.Crawlers, output);
        }
        output.WriteLine();
        output.WriteLine(audit.Hits == 0 ? "Look further back with --days, or import a log with weir import." : Meaning);
    }

    private static void WriteStoredJson(Utf8JsonWriter json, RobotsStoredAudit audit)
    {
        json.WriteString("site", audit.Site.Value);
        json.WriteNumber("days", audit.Days);
        json.WriteNumber("hits", audit.Hits);
        json.WriteStartArray("hosts");
        foreach (var host in audit.Hosts)
        {
            json.WriteStartObject();
            json.WriteString("host", host.Host);
            WriteJudgements(json, host.History, host.Audit.Crawlers);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteAuditWords(LogSummary log, RobotsHistory history, IReadOnlyList<CrawlerCompliance> crawlers, TextWriter output)
    {
        output.WriteLine($"{log.Lines:N0} lines read, {log.Rejected:N0} rejected; robots.txt: {string.Join(", ", history.Versions.Select(Name))}.");
        foreach (var example in log.RejectedExamples)
            output.WriteLine($"  {TerminalText.Clean(Path.GetFileName(example.File), 40)}:{example.Line}: {example.Text}");
        WriteCrawlers(history, crawlers, output);
        output.WriteLine();
        output.WriteLine(crawlers.Count == 0 ? "No crawler is in the log." : Meaning);
    }

    private static void WriteCrawlers(RobotsHistory history, IReadOnlyList<CrawlerCompliance> crawlers, TextWriter output)
    {
        var judged = crawlers.Where(c => !RobotsHistory.IsUserTriggered(c.Crawler)).ToList();
        if (judged.Count > 0)
        {
            output.WriteLine();
            output.WriteLine($"{"crawler",-28} {"fetches",9} {"judged",9} {"broke it",9} {"spoofed",9} {"too early",9}");
        }
        foreach (var crawler in judged)
        {
            output.WriteLine($"{TerminalText.Clean(crawler.Crawler.Name, 28),-28} {crawler.Fetches,9:N0} {crawler.Judged,9:N0} {crawler.Violations,9:N0} "
                + $"{crawler.Spoofed,9:N0} {crawler.NoVersionKnown,9:N0}");
            foreach (var rule in crawler.Broken.Take(RulesShown))
            {
                output.WriteLine($"  {rule.Times:N0} × {TerminalText.Clean(rule.Answer.Sentence, 120)} {(rule.Version is null || history.Versions.Count == 1 ? "" : Name(rule.Version) + "; ")}"
                    + $"first {Time(rule.FirstAt)}: {TerminalText.Clean(rule.FirstPath, 80)}");
            }
            if (crawler.Broken.Count > RulesShown)
                output.WriteLine($"  and {crawler.Broken.Count - RulesShown:N0} more rules");
        }
        WriteUserTriggered(crawlers, output);
    }

    private static void WriteUserTriggered(IReadOnlyList<CrawlerCompliance> crawlers, TextWriter output)
    {
        var apart = crawlers.Where(c => RobotsHistory.IsUserTriggered(c.Crawler)).ToList();
        if (apart.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine("Fetched because a person asked, so that robots.txt need not apply:");
        foreach (var crawler in apart)
        {
            output.WriteLine($"  {TerminalText.Clean(crawler.Crawler.Name, 28),-28} {crawler.Fetches,9:N0} fetches, "
                + $"{crawler.UserTriggeredDisallowed:N0} of pages that robots.txt disallows, {crawler.Spoofed:N0} spoofed");
        }
    }

    private static void WriteAuditJson(Utf8JsonWriter json, LogSummary log, RobotsHistory history, IReadOnlyList<CrawlerCompliance> crawlers)
    {
        json.WriteNumber("lines", log.Lines);
        json.WriteNumber("rejected", log.Rejected);
        WriteJudgements(json, history, crawlers);
    }

    private static void WriteJudgements(Utf8JsonWriter json, RobotsHistory history, IReadOnlyList<CrawlerCompliance> crawlers)
    {
        json.WriteStartArray("versions");
        foreach (var version in history.Versions)
        {
            json.WriteStartObject();
            WriteFrom(json, "from", version);
            json.WriteString("sha256", version.Hash);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("crawlers");
        foreach (var crawler in crawlers)
        {
            json.WriteStartObject();
            json.WriteString("id", crawler.Crawler.Id);
            json.WriteBoolean("isUserTriggered", RobotsHistory.IsUserTriggered(crawler.Crawler));
            json.WriteNumber("fetches", crawler.Fetches);
            json.WriteNumber("judged", crawler.Judged);
            json.WriteNumber("violations", crawler.Violations);
            json.WriteNumber("spoofed", crawler.Spoofed);
            json.WriteNumber("noVersionKnown", crawler.NoVersionKnown);
            json.WriteNumber("robotsFetches", crawler.RobotsFetches);
            json.WriteNumber("userTriggeredDisallowed", crawler.UserTriggeredDisallowed);
            json.WriteStartArray("broken");
            foreach (var rule in crawler.Broken)
            {
                json.WriteStartObject();
                WriteRule(json, rule.Answer);
                WriteFrom(json, "version", rule.Version);
                json.WriteNumber("times", rule.Times);
                json.WriteString("firstPath", rule.FirstPath);
                json.WriteString("firstAt", Time(rule.FirstAt));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteRule(Utf8JsonWriter json, in RobotsAnswer answer)
    {
        if (answer.Rule is null)
            json.WriteNull("line");
        else
            json.WriteNumber("line", answer.Rule.Line.Number);
        json.WriteString("rule", answer.Rule?.Line.ToString());
        json.WriteString("why", answer.Sentence);
    }

    private static void WriteFrom(Utf8JsonWriter json, string name, RobotsVersion? version) =>
        json.WriteString(name, version is null || version.SeenAt == DateTimeOffset.MinValue ? null : Time(version.SeenAt));

    private static string Name(RobotsVersion version) =>
        version.SeenAt == DateTimeOffset.MinValue ? "one version, taken as served all along" : $"version of {Time(version.SeenAt)}";

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void WriteJson(TextWriter output, Action<Utf8JsonWriter> write)
    {
        JsonText.WriteLine(output, json =>
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        });
    }
}
