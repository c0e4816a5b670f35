using System.CommandLine;
using System.Net;
using Weir.Hosting;
using Weir.Proxy.Certificates.Orders;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir certificates order</c>: has certbot, or another ACME client, order what the sites lack.</summary>
internal static class CertificatesCommand
{
    private static readonly Option<string[]> Expect = new("--expect-address")
    {
        Description = "Address that leads to this edge from the world; several times for several. Without it: this machine's own public ones.",
    };

    private static readonly Option<string?> Program = new("--command")
    {
        Description = "Another ACME client's command line, with {host} and {webroot} in it; certbot without it.",
    };

    private static readonly Option<string?> Server = new("--server") { Description = "Directory URL of another authority, or of one for tests; for certbot." };

    private static readonly Option<string?> Email = new("--email")
    {
        Description = "Agree to the authority's terms and register with this address; for certbot, when it has no account yet.",
    };

    private static readonly Option<int> Days = Number("--days", 30, 1, 365, "Renew a certificate in its last days; never before the last third of its life.");
    private static readonly Option<int> PerRun = Number("--per-run", 5, 1, 1000, "Orders of one run at most.");
    private static readonly Option<int> PerDay = Number("--per-day", 20, 1, 10_000, "Orders of any 24 hours at most, failed ones included.");
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would be done for each host, and why. Orders nothing." };
    private static readonly Option<bool> Watch = new("--watch") { Description = "Stay, and do it again every ten minutes, with the settings as they are then." };

    /// <summary>The command.</summary>
    public static Command Create() => new("certificates", "Certificates of the sites.") { CreateOrder(), StoredCertificatesCommand.CreateAdd(), StoredCertificatesCommand.CreateList(), StoredCertificatesCommand.CreateRemove() };

    private static Command CreateOrder()
    {
        Expect.Validators.Add(r =>
        {
            foreach (string text in (r.GetValueOrDefault<string[]>() ?? []).Where(t => !IPAddress.TryParse(t, out _)))
                r.AddError($"--expect-address: '{text}' is not an address. Write one such as 203.0.113.9.");
        });
        Server.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps))
                r.AddError($"--server: '{text}' is not an https URL.");
        });
        var command = new Command("order", "Orders certificates for the sites' hosts that have none or one that ends soon, where DNS points here.")
        {
            SettingFlags.Config, SettingFlags.Data, DryRun, Watch, Days, PerRun, PerDay, Expect, Email, Server, Program,
        };
        command.Validators.Add(r =>
        {
            if (r.GetValue(Program) is not null && (r.GetValue(Server) is not null || r.GetValue(Email) is not null))
                r.AddError("--server and --email are for certbot: write them into --command as your client wants them.");
        });
        command.SetAction(async parsed =>
        {
            using var signals = new StopSignals();
            var run = new CertificateOrderRun(OptionsOf(parsed), parsed.GetValue(DryRun), ProgramOf(parsed), TimeProvider.System, parsed.InvocationConfiguration.Output);
            return parsed.GetValue(Watch)
                ? await run.WatchAsync(() => SettingFlags.ReadForEdge(parsed), SettingsSource.Of(parsed), parsed.InvocationConfiguration.Error, signals.Token)
                : await run.OnceAsync(SettingFlags.ReadForEdge(parsed), SettingsSource.Of(parsed), signals.Token) ? 0 : CommandLine.Failed;
        });
        return command;
    }

    private static OrderOptions OptionsOf(ParseResult parsed)
    {
        IReadOnlyList<IPAddress> expected = parsed.GetValue(Expect) is { Length: > 0 } given ? [.. given.Select(IPAddress.Parse)] : DnsWatch.PublicAddresses();
        if (expected.Count == 0)
            throw new CommandException("this machine has private addresses only, so nobody knows whether a host points here. Say which public addresses lead to it with --expect-address.");
        return new OrderOptions
        {
            Expected = expected,
            RenewWithin = TimeSpan.FromDays(parsed.GetValue(Days)),
            PerRun = parsed.GetValue(PerRun),
            PerDay = parsed.GetValue(PerDay),
        };
    }

    private static Func<WeirSettings, AcmeProgram> ProgramOf(ParseResult parsed)
    {
        if (parsed.GetValue(Program) is not { } text)
        {
            var server = parsed.GetValue(Server) is { } url ? new Uri(url) : null;
            return settings => AcmeProgram.Certbot(Path.GetFullPath(settings.Certificates.Folder!), server, parsed.GetValue(Email), TimeProvider.System);
        }
        try
        {
            var program = AcmeProgram.Parse(text, TimeProvider.System);
            return _ => program;
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"--command: {e.Message.Split(" (Parameter", 2)[0]}.", e);
        }
    }

    private static Option<int> Number(string name, int otherwise, int least, int most, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is var value && (value < least || value > most))
                r.AddError($"{name}: {value} is out of range. Write a number from {least} to {most}.");
        });
        return option;
    }
}
