using System.Globalization;
using System.Text.Json;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Commands;

/// <summary>Writes what judging again came to, for people and for programs. Members of the JSON and their order are promised.</summary>
internal sealed class ReclassifyReport(TextWriter output, bool asJson)
{
    private const int ChangesShown = 20;
    /// <summary>The outcome of a run or of a dry run.</summary>
    public void Write(ReclassifyRequest request, ReclassifyOutcome outcome)
    {
        if (asJson)
            JsonText.WriteLine(output, json => WriteOutcome(json, request, outcome));
        else
            WriteWords(outcome);
    }

    /// <summary>The runs so far.</summary>
    public void Write(IReadOnlyList<ReclassifyRun> runs)
    {
        if (asJson)
        {
            JsonText.WriteLine(output, json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("runs");
                foreach (var run in runs)
                    WriteRun(json, run);
                json.WriteEndArray();
                json.WriteEndObject();
            });
            return;
        }
        if (runs.Count == 0)
            output.WriteLine("No run so far.");
        foreach (var run in runs)
        {
            output.WriteLine($"{run.Run,5}  {StateOf(run),-8} {run.BegunAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC  {(run.Site.Length > 0 ? run.Site : "all sites"),-24} "
                + $"{run.Hits,12:N0} hits, {run.Changed:N0} changed, catalog {TerminalText.Clean(run.Catalog, 40)}");
        }
    }

    /// <summary>That a run was taken back.</summary>
    public void WriteDropped(uint run)
    {
        if (asJson)
        {
            JsonText.WriteLine(output, json =>
            {
                json.WriteStartObject();
                json.WriteNumber("dropped", run);
                json.WriteEndObject();
            });
            return;
        }
        output.WriteLine($"Run {run} is taken back. Reports show the verdicts that counted before it.");
    }

    private void WriteWords(ReclassifyOutcome outcome)
    {
        string speed = outcome.Duration.TotalSeconds >= 1 ? $" ({outcome.HitsNow / outcome.Duration.TotalSeconds:N0} a second)" : "";
        string what = outcome.Run is { } run ? $"Run {run.Run} judged" : "Judged";
        output.WriteLine($"{what} {outcome.Hits:N0} hits{speed}; {outcome.Changed:N0} of them {(outcome.Run is null ? "would read" : "read")} otherwise than they were judged.");
        if (outcome.Changed > 0)
        {
            output.WriteLine();
            output.WriteLine($"{"hits",10}  was -> is");
            foreach (var change in outcome.Changes.Take(ChangesShown))
            {
                output.WriteLine($"{change.Hits,10:N0}  {Words(change.Was, change.Now)} -> {Words(change.Now, change.Was)}");
                foreach (var hit in change.Examples.Take(1))
                    output.WriteLine($"{"",10}    such as {TimeOf(hit):yyyy-MM-dd HH:mm:ss} {hit.HitId:x16} of {hit.Site}: {TerminalText.Clean(hit.UserAgent, 90)}");
            }
            if (outcome.Changes.Count > ChangesShown)
                output.WriteLine($"and {outcome.Changes.Count - ChangesShown:N0} more sorts of change; --json has them all.");
        }
        output.WriteLine();
        output.WriteLine(outcome.Run is { } done
            ? $"Reports show these verdicts from now on (verdict=original shows those given). To take them back: weir reclassify --drop {done.Run}"
            : "Nothing was written. Without --dry-run the verdicts are written beside those given, and reports show them.");
    }

    private static string Words(VerdictGist gist, VerdictGist other)
    {
        // Whose crawler it is matters where the same crawler was another's.
        string whose = gist.Crawler == other.Crawler && gist.Operator != other.Operator
            ? $", of {(gist.Operator.Length > 0 ? TerminalText.Clean(gist.Operator, 40) : "nobody")}" : "";
        string text = gist.Crawler.Length > 0
            ? $"{TerminalText.Clean(gist.Crawler, 40)} ({gist.Kind.ToName()}, {gist.Purpose.ToName()}, {gist.Identity.ToName()}{whose})" : gist.Kind.ToName();
        return gist.ReferralClass == ReferralClass.None ? text
            : $"{text}, sent by {(gist.ReferralSource.Length > 0 ? TerminalText.Clean(gist.ReferralSource, 40) : gist.ReferralClass.ToName())}";
    }

    private static void WriteOutcome(Utf8JsonWriter json, ReclassifyRequest request, ReclassifyOutcome outcome)
    {
        json.WriteStartObject();
        if (outcome.Run is { } run)
            json.WriteNumber("run", run.Run);
        else
            json.WriteNull("run");
        json.WriteString("site", request.Site?.Value);
        json.WriteNumber("hits", outcome.Hits);
        json.WriteNumber("changed", outcome.Changed);
        json.WriteNumber("seconds", Math.Round(outcome.Duration.TotalSeconds, 3));
        json.WriteStartArray("changes");
        foreach (var change in outcome.Changes)
        {
            json.WriteStartObject();
            json.WriteNumber("hits", change.Hits);
            WriteGist(json, "was", change.Was);
            WriteGist(json, "is", change.Now);
            json.WriteStartArray("examples");
            foreach (var hit in change.Examples)
            {
                json.WriteStartObject();
                json.WriteString("site", hit.Site);
                json.WriteString("time", TimeOf(hit));
                json.WriteString("requestId", hit.HitId.ToString("x16", CultureInfo.InvariantCulture));
                json.WriteString("userAgent", hit.UserAgent);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteGist(Utf8JsonWriter json, string name, VerdictGist gist)
    {
        json.WriteStartObject(name);
        json.WriteString("kind", gist.Kind.ToName());
        json.WriteString("crawler", gist.Crawler);
        json.WriteString("operator", gist.Operator);
        json.WriteString("purpose", gist.Purpose.ToName());
        json.WriteString("identity", gist.Identity.ToName());
        json.WriteString("referralClass", gist.ReferralClass.ToName());
        json.WriteString("referralSource", gist.ReferralSource);
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, ReclassifyRun run)
    {
        json.WriteStartObject();
        json.WriteNumber("run", run.Run);
        json.WriteString("state", StateOf(run));
        json.WriteString("site", run.Site);
        json.WriteString("from", run.From);
        json.WriteString("to", run.To);
        json.WriteString("catalog", run.Catalog);
        json.WriteNumber("hits", run.Hits);
        json.WriteNumber("changed", run.Changed);
        json.WriteString("begunAt", run.BegunAt);
        json.WriteEndObject();
    }

    private static string StateOf(ReclassifyRun run) => run.State.ToString().ToLowerInvariant();

    private static DateTimeOffset TimeOf(ChangedHit hit) => DateTimeOffset.FromUnixTimeMilliseconds(hit.TimeMs);
}
