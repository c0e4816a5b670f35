using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir sites list|show|put|remove</c>: sites that the control store defines.</summary>
internal static class SitesCommand
{
    private const int PageRows = 1000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static readonly Option<string> TenantName = new("--tenant") { Description = "Whose sites.", DefaultValueFactory = _ => Tenant.Default, Recursive = true };
    private static readonly Option<bool> AsJson = new("--json") { Description = "Write JSON.", Recursive = true };
    private static readonly Argument<SiteId> Site = new("SITE") { Description = "The site's id.", CustomParser = ReadSite };
    private static readonly Option<long?> IfVersion = new("--if-version")
    {
        Description = "Only when the definition has this version, as list shows it; 0 only when there is none.",
    };

    /// <summary>The command.</summary>
    public static Command Create() => new("sites", "Lists, shows, writes and removes the sites that the control store defines; edges that share it follow.")
    {
        ControlAccess.Data, ControlAccess.Config, TenantName, AsJson, CreateList(), CreateShow(), CreatePut(), CreateRemove(), SiteStatusCommand.Create(),
    };

    private static Command CreateList()
    {
        var command = new Command("list", "Lists the sites that the store defines.");
        command.SetAction((parsed, stop) => ControlAccess.RunAsync(parsed, async store =>
        {
            var all = new List<SiteDefinition>();
            IReadOnlyList<SiteDefinition> page;
            do
                all.AddRange(page = await Definitions(store).ListAsync(parsed.GetRequiredValue(TenantName), all.Count == 0 ? null : all[^1].Id, PageRows, stop));
            while (page.Count == PageRows);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(AsJson))
                output.WriteLine(JsonSerializer.Serialize(all.Select(d => new { site = d.Id.Value, d.Version, d.Changed }), Json));
            else
                WriteTable(all, output);
        }, stop));
        return command;
    }

    private static Command CreateShow()
    {
        var command = new Command("show", "Writes a site's definition.") { Site };
        command.SetAction((parsed, stop) => ControlAccess.RunAsync(parsed, async store =>
        {
            var id = parsed.GetRequiredValue(Site);
            var found = await Definitions(store).FindAsync(id, stop);
            if (found is null || found.Tenant != parsed.GetRequiredValue(TenantName))
                throw None(id);
            parsed.InvocationConfiguration.Output.WriteLine(found.Json);
        }, stop));
        return command;
    }

    private static Command CreatePut()
    {
        var file = new Argument<string>("FILE") { Description = "A JSON file with the site as it would stand in sites of weir.json; - for standard input." };
        var command = new Command("put", "Makes or changes a site.") { Site, file, IfVersion };
        command.SetAction((parsed, stop) => ControlAccess.RunAsync(parsed, async store =>
        {
            var id = parsed.GetRequiredValue(Site);
            string json = SiteDefinitionText.WithId(await ReadAsync(parsed.GetRequiredValue(file), stop), id);
            var settings = ControlAccess.Settings(parsed);
            var check = new SiteDefinitionCheck(SiteSurroundings.Unknown, new SiteFiles(settings.Sites.Select(s => new FileSite(s, ControlAccess.FileName(parsed)))));
            if (settings.Sites.Any(s => s.Id == id))
                throw new CommandException($"site {id} stands in {ControlAccess.FileName(parsed)}. Change it there, or remove it there and put it here.");
            if (check.Check(id, json) is { Count: > 0 } errors)
                throw new CommandException(string.Join("\nweir: ", errors));
            var put = await Definitions(store).PutAsync(
                id, parsed.GetRequiredValue(TenantName), SiteDefinitionText.Normalize(json), parsed.GetValue(IfVersion), Actor.Account, stop: stop);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(AsJson)
                ? JsonSerializer.Serialize(new { site = id.Value, put.Version, put.Changed }, Json)
                : $"Site {id} is written as version {put.Version}.");
        }, stop));
        return command;
    }

    private static Command CreateRemove()
    {
        var command = new Command("remove", "Removes a site from every edge; its hits stay.") { Site, IfVersion };
        command.SetAction((parsed, stop) => ControlAccess.RunAsync(parsed, async store =>
        {
            var id = parsed.GetRequiredValue(Site);
            if (!await Definitions(store).RemoveAsync(id, parsed.GetRequiredValue(TenantName), parsed.GetValue(IfVersion), Actor.Account, stop))
                throw None(id);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(AsJson)
                ? JsonSerializer.Serialize(new { site = id.Value, removed = true }, Json)
                : $"Site {id} is removed.");
        }, stop));
        return command;
    }

    private static SqlSiteDefinitions Definitions(IControlStore store) => new SqlSiteDefinitions(store, TimeProvider.System);

    private static async Task<string> ReadAsync(string file, CancellationToken stop)
    {
        if (file == "-")
            return await Console.In.ReadToEndAsync(stop);
        if (File.Exists(file) && new FileInfo(file).Length > SiteDefinitions.BytesMax)
            throw new CommandException($"{TerminalText.Clean(file)} is larger than {SiteDefinitions.BytesMax} bytes. Name the file of one site.");
        return await File.ReadAllTextAsync(file, stop);
    }

    private static CommandException None(SiteId id) => new($"the control store has no definition of site {id}. See weir sites list.");

    private static SiteId ReadSite(System.CommandLine.Parsing.ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!SiteId.TryParse(text, null, out var site))
            result.AddError($"'{TerminalText.Clean(text, 80)}' is not a site id. Use {SiteId.Rule}.");
        return site;
    }

    private static void WriteTable(List<SiteDefinition> all, TextWriter output)
    {
        if (all.Count == 0)
        {
            output.WriteLine("The control store defines no site. Make one with weir sites put SITE FILE.");
            return;
        }
        var table = new Table { Border = TableBorder.None };
        table.AddColumns("SITE", "VERSION", "CHANGED");
        foreach (var site in all)
            table.AddRow(Markup.Escape(site.Id.Value), $"{site.Version}", site.Changed.ToString("yyyy-MM-dd HH:mm"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
            console.Profile.Width = 300;
        console.Write(table);
    }
}
