using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;

namespace Weir.Commands;

/// <summary><c>weir keys create|list|revoke</c>: the keys that open the API.</summary>
internal static class KeysCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Write JSON.", Recursive = true };
        return new Command("keys", "Makes, lists and revokes API keys.")
        {
            ControlAccess.Data, ControlAccess.Config, json, CreateCreate(json), CreateList(json), CreateRevoke(json),
        };
    }

    private static Command CreateCreate(Option<bool> json)
    {
        var scope = new Option<string[]>("--scope")
        {
            Description = $"What the key allows, separated by commas: {string.Join(", ", Scopes.All)}.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var tenant = new Option<string>("--tenant") { Description = "Whose data it opens; made when new.", DefaultValueFactory = _ => Tenant.Default };
        var site = new Option<string[]>("--site") { Description = "The only sites it opens, separated by commas; all of the tenant's without it.", AllowMultipleArgumentsPerToken = true };
        var expires = new Option<string?>("--expires") { Description = "When it ends: 90d, 12h, or a time such as 2027-01-31." };
        var name = new Option<string>("--name") { Description = "What people call it.", DefaultValueFactory = _ => "" };
        scope.Validators.Add(r => AddErrors(r, Split(r.GetValueOrDefault<string[]>()).Where(s => !Scopes.All.Contains(s)),
            s => $"--scope: '{s}' is not a scope. Known scopes: {string.Join(", ", Scopes.All)}."));
        site.Validators.Add(r => AddErrors(r, Split(r.GetValueOrDefault<string[]>()).Where(s => !SiteId.TryParse(s, null, out _)),
            s => $"--site: '{s}' is not a site id. Use {SiteId.Rule}."));
        tenant.Validators.Add(r => AddErrors(r, new[] { r.GetValueOrDefault<string>() ?? "" }.Where(t => !Tenant.IsValid(t)),
            t => $"--tenant: '{t}' is not a tenant id. Use {Tenant.Rule}."));
        expires.Validators.Add(r => AddErrors(r, new[] { r.GetValueOrDefault<string?>() }.OfType<string>().Where(t => !TryTime(t, TimeProvider.System.GetUtcNow(), out _)),
            t => $"--expires: '{t}' is not a time to come. Write a span such as 90d or 12h, or a time such as 2027-01-31."));
        var command = new Command("create", "Makes a key and shows it once.") { scope, tenant, site, expires, name };
        command.SetAction((parsed, stop) => WithKeysAsync(parsed, async keys =>
        {
            DateTimeOffset end = default;
            bool ends = parsed.GetValue(expires) is { } text && TryTime(text, TimeProvider.System.GetUtcNow(), out end);
            string[] sites = Split(parsed.GetValue(site));
            var made = await keys.CreateAsync(
                new NewApiKey(Split(parsed.GetRequiredValue(scope)), parsed.GetRequiredValue(tenant), sites.Length == 0 ? null : [.. sites.Select(SiteId.Parse)],
                    ends ? end : null, parsed.GetRequiredValue(name)),
                stop);
            WriteCreated(made, parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        }, stop));
        return command;
    }

    private static Command CreateList(Option<bool> json)
    {
        var tenant = new Option<string?>("--tenant") { Description = "Only this tenant's keys." };
        var command = new Command("list", "Lists keys; never their secrets.") { tenant };
        command.SetAction((parsed, stop) => WithKeysAsync(parsed, async keys =>
        {
            var all = await keys.ListAsync(parsed.GetValue(tenant), stop);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                output.WriteLine(JsonSerializer.Serialize(all.Select(Form), Json));
            else
                WriteTable(all, output);
        }, stop));
        return command;
    }

    private static Command CreateRevoke(Option<bool> json)
    {
        var id = new Argument<string>("KEY") { Description = "Public id of the key, as keys list shows it; or the key itself." };
        var command = new Command("revoke", "Makes a key open nothing from now on.") { id };
        command.SetAction((parsed, stop) => WithKeysAsync(parsed, async keys =>
        {
            string given = parsed.GetRequiredValue(id);
            string known = given.StartsWith("weir_", StringComparison.Ordinal) && given.Length > 15 ? given[5..15] : given;
            if (!await keys.RevokeAsync(known, Actor.Account, stop))
                throw new CommandException($"No key has the id '{TerminalText.Clean(known, 80)}'. See weir keys list.");
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { id = known, revoked = true }, Json)
                : $"Key {known} is revoked; running programs follow within five seconds.");
        }, stop));
        return command;
    }

    private static Task<int> WithKeysAsync(ParseResult parsed, Func<IApiKeys, Task> work, CancellationToken stop) => ControlAccess.RunAsync(
        parsed, store => work(new SqlApiKeys(store, TimeProvider.System, NullLogger<SqlApiKeys>.Instance)), stop);

    private static void WriteCreated(CreatedApiKey made, bool asJson, TextWriter output, TextWriter error)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(new { key = made.Text, made.Key.Id, made.Key.Tenant, made.Key.Scopes, Sites = made.Key.Sites?.Select(s => s.Value), made.Key.Expires }, Json));
            return;
        }
        // The key alone on standard output, so that KEY=$(weir keys create …) works.
        output.WriteLine(made.Text);
        error.WriteLine($"Key {made.Key.Id} of tenant {made.Key.Tenant}: {string.Join(", ", made.Key.Scopes)}"
            + (made.Key.Expires is { } end ? $", until {end:u}" : "") + ". It is shown this once.");
    }

    private static void WriteTable(IReadOnlyList<ApiKey> keys, TextWriter output)
    {
        var table = new Table { Border = TableBorder.None };
        table.AddColumns("ID", "TENANT", "NAME", "SCOPES", "SITES", "CREATED", "LAST USED", "STATE");
        var now = TimeProvider.System.GetUtcNow();
        foreach (var key in keys)
        {
            string state = key.Revoked is not null ? "revoked" : !key.IsActive(now) ? "expired" : key.Expires is { } end ? $"until {end:yyyy-MM-dd}" : "active";
            table.AddRow(new[]
            {
                key.Id, key.Tenant, TerminalText.Clean(key.Name, 40), string.Join(' ', key.Scopes), key.Sites is null ? "all" : string.Join(' ', key.Sites),
                key.Created.ToString("yyyy-MM-dd"), key.LastUsed?.ToString("yyyy-MM-dd HH:mm") ?? "never", state,
            }.Select(Markup.Escape).ToArray());
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        // A file or pipe has no width: one key stays one line.
        if (Console.IsOutputRedirected)
            console.Profile.Width = 300;
        console.Write(table);
    }

    private static object Form(ApiKey key) => new
    {
        key.Id,
        key.Tenant,
        key.Name,
        key.Scopes,
        Sites = key.Sites?.Select(s => s.Value),
        key.Created,
        key.Expires,
        key.LastUsed,
        key.Revoked,
    };

    /// <summary>The words of an option that may be given several times, and several in one, separated by commas.</summary>
    internal static string[] Split(string[]? values) =>
        [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static void AddErrors(System.CommandLine.Parsing.OptionResult result, IEnumerable<string> wrong, Func<string, string> message)
    {
        foreach (string text in wrong)
            result.AddError(message(TerminalText.Clean(text, 80)));
    }

    /// <summary>Reads a span from now (<c>90d</c>, <c>12h</c>, <c>30m</c>) or a time; false when it is neither or not to come.</summary>
    internal static bool TryTime(string text, DateTimeOffset now, out DateTimeOffset end)
    {
        end = default;
        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count))
        {
            double days = text[^1] switch { 'd' => count, 'h' => count / 24, 'm' => count / 1440, _ => -1 };
            if (days is > 0 and <= 36_500)
            {
                end = now.AddDays(days);
                return true;
            }
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out end) && end > now;
    }
}
