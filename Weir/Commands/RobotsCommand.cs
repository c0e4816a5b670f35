using System.CommandLine;
using System.Text;
using Weir.Detection;
using Weir.Detection.Robots;
using Weir.Hosting;
using Weir.Ingest.AccessLogs;

namespace Weir.Commands;

/// <summary><c>weir robots</c>: asks a robots.txt file, and judges the crawlers of an access log by it.</summary>
internal static class RobotsCommand
{
    /// <summary>The command.</summary>
    public static Command Create() => new("robots", "Asks a robots.txt file, and finds out who keeps to it.") { CreateShow(), CreateTest(), CreateAudit() };

    private static Command CreateShow()
    {
        var site = SiteOption("Whose file.", isRequired: true);
        var host = HostOption();
        var command = new Command("show", "Prints /robots.txt as the edge would serve it by the settings; where the origin has a part in it, the origin is asked.") { site, host, SettingFlags.Config };
        command.SetAction(async (parsed, stop) =>
        {
            var served = await RobotsInput.ServedAsync(parsed, SiteId.Parse(parsed.GetValue(site)!), parsed.GetValue(host), stop);
            parsed.InvocationConfiguration.Output.Write(TerminalText.CleanLines(Encoding.UTF8.GetString(served)));
            return 0;
        });
        return command;
    }

    private static Option<string?> HostOption() => new("--host") { Description = "Which of the site's hosts; the first without it." };

    private static Option<string?> SiteOption(string description, bool isRequired)
    {
        var site = new Option<string?>("--site") { Description = description, Required = isRequired };
        site.Validators.Add(r =>
        {
            if (!SiteId.TryParse(r.GetValueOrDefault<string?>(), null, out _))
                r.AddError($"--site: '{TerminalText.Clean(r.GetValueOrDefault<string?>() ?? "", 80)}' is not a site id. Use {SiteId.Rule}.");
        });
        return site;
    }

    private static Command CreateTest()
    {
        var file = new Option<string?>("--file") { Description = "The robots.txt file; - is standard input." };
        var site = SiteOption("Instead of --file: the site of the settings whose robots.txt is asked, as the edge would serve it.", isRequired: false);
        var host = HostOption();
        var agent = new Option<string>("--agent") { Description = "Who asks: a product token such as GPTBot.", Required = true };
        var path = new Option<string>("--path") { Description = "What is asked for: a path with its query, or a whole address.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print the answer as JSON." };
        agent.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && (text.Length == 0 || text.AsSpan().IndexOfAny(" \t/;(") >= 0))
                r.AddError($"--agent: '{TerminalText.Clean(text, 80)}' is not a product token. Write the name that robots.txt uses, such as GPTBot.");
        });
        var command = new Command("test", "Says whether a robots.txt file allows a crawler a path, by which line, and why (RFC 9309).") { file, site, host, SettingFlags.Config, agent, path, json };
        command.Validators.Add(r =>
        {
            if ((r.GetResult(file) is null) == (r.GetResult(site) is null))
                r.AddError("Name a file with --file, or a site of the settings with --site.");
        });
        command.SetAction(async (parsed, stop) =>
        {
            string asked = parsed.GetRequiredValue(path), name = parsed.GetValue(file) ?? "robots.txt";
            byte[] content = parsed.GetValue(site) is { } id ? await RobotsInput.ServedAsync(parsed, SiteId.Parse(id), parsed.GetValue(host), stop) : RobotsInput.Read(name);
            var robots = RobotsFile.Parse(content);
            foreach (string note in RobotsInput.Notes(name, robots))
                parsed.InvocationConfiguration.Error.WriteLine($"weir: {note}");
            var rules = robots.RulesFor(AgentOf(parsed.GetRequiredValue(agent)));
            asked = asked.StartsWith('/') ? asked : RobotsRules.PathOf(asked);
            RobotsReport.WriteAnswer(rules, rules.Decide(asked), parsed.GetValue(json), parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    // A crawler of the catalog may go by several names, and keep to another's group.
    private static RobotsAgent AgentOf(string name)
    {
        var crawler = Catalogs.Load().Crawlers.FirstOrDefault(c => RobotsAgent.Of(c).Names.Contains(name, StringComparer.OrdinalIgnoreCase));
        return crawler is null ? RobotsAgent.Named(name) : RobotsAgent.Of(crawler);
    }

    private static Command CreateAudit()
    {
        var logs = new Argument<string[]>("LOG")
        {
            Description = $"Access logs ({LogImporter.KnownFormats}), plain, .gz or .zst; - is standard input, in the order of time. Without any: what is stored.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var robots = new Option<string[]>("--robots")
        {
            Description = "With logs: the site's robots.txt as FILE@TIME, from when it was served; give it again for each version. One without @TIME held all along.",
        };
        var days = new Option<int>("--days") { Description = "Without logs: how far back; 30 days without it.", DefaultValueFactory = _ => 30 };
        var clickhouse = SettingFlags.ClickHouse("Without logs: a ClickHouse server to read");
        var site = SiteOption("Whose logs or hits they are.", isRequired: true);
        var json = new Option<bool>("--json") { Description = "Print the audit as JSON." };
        var command = new Command("audit", "Judges every crawler of an access log, or of the stored hits, by the robots.txt that it could have read: the version that it last fetched, else the one served 24 hours before. Changes nothing.")
        {
            logs, robots, site, days, SettingFlags.Config, SettingFlags.Data, clickhouse, json,
        };
        command.Validators.Add(r =>
        {
            if ((r.GetResult(logs)?.Tokens.Count > 0) != (r.GetResult(robots)?.Tokens.Count > 0))
                r.AddError("Logs need the robots.txt of their time, --robots FILE@TIME, and stored hits have it stored: give both or neither.");
        });
        PolicyCommand.Between(days, 1, 36_500);
        command.SetAction(async (parsed, stop) =>
        {
            var id = SiteId.Parse(parsed.GetValue(site)!);
            if (parsed.GetValue(logs) is { Length: > 0 } files)
                return AuditLogs(parsed, id, files, parsed.GetValue(robots)!, parsed.GetValue(json));
            var settings = SettingFlags.Read(parsed, clickhouse);
            var audit = await RobotsStoredAudit.ReadAsync(settings, id, parsed.GetValue(days), stop);
            RobotsReport.WriteStored(audit, parsed.GetValue(json), parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    private static int AuditLogs(ParseResult parsed, SiteId site, string[] logs, string[] robots, bool asJson)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var history = RobotsInput.HistoryOf(robots, note => error.WriteLine($"weir: {note}"));
        var audit = new RobotsAudit(history);
        var summary = Read(site, logs, audit);
        RobotsReport.WriteAudit(summary, history, audit.Crawlers, asJson, output);
        foreach (string failure in summary.Failures)
            error.WriteLine($"weir: {failure}");
        return summary.Failures.Count == 0 ? 0 : CommandLine.Failed;
    }

    private static LogSummary Read(SiteId site, string[] logs, RobotsAudit audit)
    {
        try
        {
            return new LogHitReader(site, new Detector(Catalogs.Load())).Read(logs, audit.Take);
        }
        catch (ImportException e)
        {
            throw new CommandException(e.Message, e);
        }
    }
}
