using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Weir.Control;
using Weir.Control.Sql;

namespace Weir.Commands;

/// <summary><c>weir members add|list|role|remove</c>: the people of an organisation, the first owner among them.</summary>
internal static class MembersCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static readonly Option<bool> AsJson = new("--json") { Description = "Write JSON.", Recursive = true };
    private static readonly Option<string> TenantName = new("--tenant")
    {
        Description = "The organisation's id; made when new.",
        DefaultValueFactory = _ => Tenant.Default,
        Recursive = true,
    };

    private static readonly Argument<string> Email = new("EMAIL") { Description = "The address that they sign in with." };
    private static readonly Argument<string> Role = new("ROLE") { Description = $"One of {string.Join(", ", Roles.All)}." };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Role.AcceptOnlyFromAmong([.. Roles.All]);
        return new Command("members", "Adds, lists, changes and removes the members of an organisation, who sign in by OpenID Connect.")
        {
            ControlAccess.Data, ControlAccess.Config, TenantName, AsJson, CreateAdd(), CreateList(), CreateRole(), CreateRemove(),
        };
    }

    private static Command CreateAdd() => new Command("add", "Makes somebody a member.") { Email, Role }.Runs(async (parsed, organisations, stop) =>
    {
        var member = await organisations.InviteAsync(
            parsed.GetRequiredValue(TenantName), parsed.GetRequiredValue(Email), parsed.GetRequiredValue(Role), Actor.Account, stop);
        return (Form(member), $"{member.Email} is {member.Role} of {member.Tenant}, and may sign in by OpenID Connect (docs/access.md).");
    });

    private static Command CreateRole() => new Command("role", "Gives a member another role.") { Email, Role }.Runs(async (parsed, organisations, stop) =>
    {
        var known = await FindAsync(parsed, organisations, stop);
        var member = await organisations.ChangeAsync(known.Tenant, known.Id, parsed.GetRequiredValue(Role), Actor.Account, stop) ?? throw None(parsed);
        return (Form(member), $"{member.Email} is {member.Role} of {member.Tenant} from the next request on.");
    });

    private static Command CreateRemove() => new Command("remove", "Removes a member and ends their sessions.") { Email }.Runs(async (parsed, organisations, stop) =>
    {
        var known = await FindAsync(parsed, organisations, stop);
        return await organisations.RemoveAsync(known.Tenant, known.Id, Actor.Account, stop)
            ? (new { known.Id, known.Email, removed = true }, $"{known.Email} is no member of {known.Tenant} any more.") : throw None(parsed);
    });

    private static Command CreateList()
    {
        var command = new Command("list", "Lists the members of an organisation.");
        command.SetAction((parsed, stop) => ControlAccess.RunAsync(parsed, async store =>
        {
            var members = await AllAsync(new SqlOrganisations(store, TimeProvider.System), parsed.GetRequiredValue(TenantName), stop);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(AsJson))
                output.WriteLine(JsonSerializer.Serialize(members.Select(Form), Json));
            else
                WriteTable(members, output);
        }, stop));
        return command;
    }

    private static Command Runs(this Command command, Func<ParseResult, IOrganisations, CancellationToken, Task<(object Form, string Says)>> work)
    {
        command.SetAction((parsed, stop) => ControlAccess.RunAsync(parsed, async store =>
        {
            var (form, says) = await work(parsed, new SqlOrganisations(store, TimeProvider.System), stop);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(AsJson) ? JsonSerializer.Serialize(form, Json) : says);
        }, stop));
        return command;
    }

    private static Task<IReadOnlyList<Member>> AllAsync(IOrganisations organisations, string tenant, CancellationToken stop) =>
        organisations.ListMembersAsync(tenant, limit: IOrganisations.MembersMax, stop: stop);

    private static async Task<Member> FindAsync(ParseResult parsed, IOrganisations organisations, CancellationToken stop) =>
        EmailAddress.TryParse(parsed.GetRequiredValue(Email), out string email)
            ? (await AllAsync(organisations, parsed.GetRequiredValue(TenantName), stop)).FirstOrDefault(m => m.Email == email) ?? throw None(parsed)
            : throw None(parsed);

    private static CommandException None(ParseResult parsed) => new(
        $"{parsed.GetValue(TenantName)} has no member '{TerminalText.Clean(parsed.GetRequiredValue(Email), 80)}'. See weir members list.");

    private static object Form(Member member) => new
    {
        member.Id,
        member.Tenant,
        member.Email,
        member.Role,
        hasSignedIn = member.IsBound,
        member.Created,
        member.SignedIn,
    };

    private static void WriteTable(IReadOnlyList<Member> members, TextWriter output)
    {
        if (members.Count == 0)
        {
            output.WriteLine("There are no members. Add the first owner with weir members add EMAIL owner.");
            return;
        }
        var table = new Table { Border = TableBorder.None };
        table.AddColumns("E-MAIL", "ROLE", "ID", "ADDED", "LAST SIGN-IN");
        foreach (var member in members)
        {
            table.AddRow(new[]
            {
                member.Email, member.Role, member.Id, member.Created.ToString("yyyy-MM-dd"), member.SignedIn?.ToString("yyyy-MM-dd HH:mm") ?? "never",
            }.Select(Markup.Escape).ToArray());
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
            console.Profile.Width = 300;
        console.Write(table);
    }
}
