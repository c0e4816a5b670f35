using System.Globalization;
using Weir.Detection;
using Weir.Proxy.Policies;

namespace Weir.Commands;

/// <summary>Writes what rules would have done, for people and for programs.</summary>
internal static class PolicyReport
{
    private const int ChangesShown = 20;
    /// <summary>The outcome. Members of the JSON and their order are promised to programs.</summary>
    public static void Write(PolicyOutcome outcome, bool asJson, TextWriter output)
    {
        if (asJson)
            WriteJson(outcome, output);
        else
            WriteWords(outcome, output);
    }

    private static void WriteWords(PolicyOutcome outcome, TextWriter output)
    {
        var replay = outcome.Replay;
        if (replay.Requests == 0)
        {
            output.WriteLine($"{outcome.Site} has no stored hits in the last {outcome.Days} days. Look further back with --days, or import a log with weir import.");
            return;
        }
        foreach (var tally in replay.Rules)
            output.WriteLine($"{tally.Rule.Name} ({tally.Rule.Action.ToName()}, {Mode(tally)}): {Sentence(tally, outcome)}");
        if (outcome.IsCut)
            output.WriteLine($"There are more hits than --hits-max: only those since {outcome.From.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC were replayed.");
        output.WriteLine();
        var changes = replay.Changes.ToList();
        if (changes.Count == 0)
        {
            output.WriteLine("With every rule enforced, nobody would have met anything else than they did.");
            return;
        }
        output.WriteLine("With every rule enforced, these would have met something else:");
        output.WriteLine($"{"hits",10}  {"crawler",-28} {"identity",-13} change");
        foreach (var (change, hits) in changes.Take(ChangesShown))
        {
            string who = change.Crawler.Length > 0 ? TerminalText.Clean(change.Crawler, 28) : change.Kind.ToName();
            output.WriteLine($"{hits,10:N0}  {who,-28} {change.Identity.ToName(),-13} {Met(change.Was)} -> {Met(change.Would)}");
        }
        if (changes.Count > ChangesShown)
            output.WriteLine($"and {changes.Count - ChangesShown:N0} more; --json has them all.");
    }

    private static string Sentence(RuleTally tally, PolicyOutcome outcome)
    {
        string of = $"{outcome.Replay.Requests:N0} in {outcome.Days} {(outcome.Days == 1 ? "day" : "days")}";
        return tally.Rule.Action switch
        {
            PolicyAction.Block => $"would have blocked {tally.Refused:N0} of {of}, {tally.RefusedLikelyPeople:N0} likely people",
            PolicyAction.Price => $"would have asked a price of {tally.Refused:N0} of {of}, {tally.RefusedLikelyPeople:N0} likely people",
            PolicyAction.Limit => $"would have refused {tally.Refused:N0} of the {tally.Matched:N0} that it matches, of {of}, {tally.RefusedLikelyPeople:N0} likely people",
            PolicyAction.Tag => $"would have tagged {tally.Matched:N0} of {of}",
            _ => $"would have let {tally.Matched:N0} of {of} pass",
        };
    }

    private static void WriteJson(PolicyOutcome outcome, TextWriter output)
    {
        JsonText.WriteLine(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("site", outcome.Site.Value);
            json.WriteNumber("days", outcome.Days);
            json.WriteString("from", outcome.From);
            json.WriteString("to", outcome.To);
            json.WriteBoolean("isCut", outcome.IsCut);
            json.WriteNumber("hits", outcome.Replay.Requests);
            json.WriteStartArray("rules");
            foreach (var tally in outcome.Replay.Rules)
            {
                json.WriteStartObject();
                json.WriteString("name", tally.Rule.Name);
                json.WriteString("action", tally.Rule.Action.ToName());
                json.WriteString("mode", Mode(tally));
                json.WriteNumber("matched", tally.Matched);
                json.WriteNumber("refused", tally.Refused);
                json.WriteNumber("refusedLikelyPeople", tally.RefusedLikelyPeople);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("changes");
            foreach (var (change, hits) in outcome.Replay.Changes)
            {
                json.WriteStartObject();
                json.WriteNumber("hits", hits);
                json.WriteString("crawler", change.Crawler);
                json.WriteString("kind", change.Kind.ToName());
                json.WriteString("identity", change.Identity.ToName());
                json.WriteString("was", Met(change.Was));
                json.WriteString("would", Met(change.Would));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static string Mode(RuleTally tally) => tally.Rule.IsEnforced ? "enforce" : "dry-run";

    private static string Met(PolicyAction action) => action == PolicyAction.None ? "pass" : action.ToName();
}
