using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Proxy.Certificates;

namespace Weir.Commands;

/// <summary><c>weir certificates add|list|remove</c>: certificates that the control store keeps; edges that share it follow.</summary>
internal static class StoredCertificatesCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly Option<bool> AsJson = new("--json") { Description = "Write JSON." };

    /// <summary>The command that adds one.</summary>
    public static Command CreateAdd()
    {
        var chain = new Argument<string>("CHAIN") { Description = "PEM file with the certificate first, then its chain." };
        var key = new Argument<string>("KEY") { Description = "PEM file with its private key; may be the same file." };
        var name = new Option<string?>("--name") { Description = "What it is called in the store; its first host without it. One of that name is replaced." };
        var command = new Command("add", "Adds a certificate to the control store, its private key sealed; edges that share the store show it within seconds.")
        {
            chain, key, name, ControlAccess.Data, ControlAccess.Config,
        };
        command.SetAction((parsed, stop) => ControlAccess.RunAsync(parsed, async store =>
        {
            var (given, problem) = GivenCertificate.Read(parsed.GetRequiredValue(chain), parsed.GetRequiredValue(key), TimeProvider.System.GetUtcNow());
            if (given is null || problem is { IsWarning: false })
                throw new CommandException(TerminalText.Clean($"{problem}", 1000));
            var added = await Certificates(parsed, store).PutAsync(parsed.GetValue(name) ?? given.Names[0], given.Chain, given.Key, stop);
            if (problem is not null)
                parsed.InvocationConfiguration.Error.WriteLine($"weir: warning: {TerminalText.Clean($"{problem}", 1000)}");
            parsed.InvocationConfiguration.Output.WriteLine(
                $"Certificate {added.Name} is stored as version {added.Version}: for {HostsOf(given.Names)}, until {given.NotAfter:yyyy-MM-dd}.");
        }, stop));
        return command;
    }

    /// <summary>The command that lists all.</summary>
    public static Command CreateList()
    {
        var command = new Command("list", "Lists the certificates of the control store, and what is wrong with them.") { AsJson, ControlAccess.Data, ControlAccess.Config };
        command.SetAction((parsed, stop) => ControlAccess.RunAsync(parsed, async store =>
        {
            var certificates = Certificates(parsed, store);
            var all = new List<Line>();
            foreach (var entry in await certificates.ListAsync(stop))
                all.Add(await ReadAsync(certificates, entry, stop));
            if (parsed.GetValue(AsJson))
                parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(all, Json));
            else
                WriteTable(all, parsed.InvocationConfiguration.Output);
        }, stop));
        return command;
    }

    /// <summary>The command that removes one.</summary>
    public static Command CreateRemove()
    {
        var name = new Argument<string>("NAME") { Description = "Its name, as list shows it." };
        var command = new Command("remove", "Removes a certificate from the control store, and so from every edge that shares it.") { name, ControlAccess.Data, ControlAccess.Config };
        command.SetAction((parsed, stop) => ControlAccess.RunAsync(parsed, async store =>
        {
            string given = parsed.GetRequiredValue(name);
            if (!await Certificates(parsed, store).RemoveAsync(given, stop))
                throw new CommandException($"the control store has no certificate '{TerminalText.Clean(given, 253)}'. See weir certificates list.");
            parsed.InvocationConfiguration.Output.WriteLine($"Certificate {given} is removed.");
        }, stop));
        return command;
    }

    private static SqlStoredCertificates Certificates(ParseResult parsed, IControlStore store) =>
        new(store, ControlAccess.Settings(parsed).CertificateKey, TimeProvider.System);

    private static async Task<Line> ReadAsync(SqlStoredCertificates certificates, CertificateEntry entry, CancellationToken stop)
    {
        try
        {
            if (await certificates.FindAsync(entry.Name, stop) is not { } found)
                return new Line(entry.Name, [], null, entry.Version, entry.Changed, "It was removed just now.");
            var (given, problem) = GivenCertificate.Of(entry.Name, found.Chain, entry.Name, found.Key, TimeProvider.System.GetUtcNow());
            return new Line(entry.Name, given?.Names ?? [], given?.NotAfter, entry.Version, entry.Changed, problem is null ? null : $"{problem.What} {problem.Mend}");
        }
        catch (ControlException e)
        {
            return new Line(entry.Name, [], null, entry.Version, entry.Changed, e.Message);
        }
    }

    private static string HostsOf(IReadOnlyList<string> names) =>
        TerminalText.Clean(names.Count <= 3 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more", 1000);

    private static void WriteTable(List<Line> all, TextWriter output)
    {
        if (all.Count == 0)
        {
            output.WriteLine("The control store holds no certificate. Add one with weir certificates add CHAIN.pem KEY.pem.");
            return;
        }
        var table = new Table { Border = TableBorder.None };
        table.AddColumns("NAME", "HOSTS", "UNTIL", "PROBLEM");
        foreach (var line in all)
            table.AddRow(Markup.Escape(line.Name), Markup.Escape(HostsOf(line.Hosts)), $"{line.NotAfter:yyyy-MM-dd}", Markup.Escape(TerminalText.Clean(line.Problem ?? "", 1000)));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
            console.Profile.Width = 300;
        console.Write(table);
    }

    private sealed record Line(string Name, IReadOnlyList<string> Hosts, DateTimeOffset? NotAfter, long Version, DateTimeOffset Changed, string? Problem);
}
