using System.CommandLine;
using Microsoft.Extensions.Logging;
using Weir.Control.Postgres;
using Weir.Control.Sql;
using Weir.Hosting;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Commands;

/// <summary><c>weir edge</c>: the edge alone, for set-ups with a ClickHouse server.</summary>
internal static class EdgeCommand
{
    public static Command Create()
    {
        var command = new Command("edge", "Run the edge alone: sites of weir.json and of the shared control store, hits to the ClickHouse server of the settings.")
        {
            SettingFlags.Config, SettingFlags.Data, SettingFlags.Listen,
        };
        command.SetAction((parsed, _) => RunAsync(SettingsSource.Of(parsed), SettingFlags.ReadForEdge(parsed)));
        return command;
    }

    private static async Task RunAsync(SettingsSource source, WeirSettings settings)
    {
        if (settings.ClickHouse is null)
            throw new CommandException("weir edge writes to a ClickHouse server. Set clickhouse.url in weir.json, or use weir up for an embedded one.");
        if (settings.Sites.Count + settings.SiteErrors.Count == 0 && settings.SitesFolder is null && settings.SharedControl is null)
        {
            throw new CommandException("there is no site to serve. Write sites into weir.json (see config/weir.example.json), name a folder of site files in sitesFolder, "
                + "or the control store that defines them in control.url.");
        }
        if (settings.Edge.IsTlsUsed && settings.Certificates.Folder is null && settings.SharedControl is null)
        {
            throw new CommandException("https:// in listen ends TLS without certificates. Write \"certificates\": { \"folder\": \"certificates\" }: the folder of PEM files; "
                + "or the control store that holds them in control.url.");
        }
        using var signals = new StopSignals();
        using var folder = DataFolder.Hold(settings.Data);
        using var logs = Logs.CreateFactory();
        await using var telemetry = await Telemetry.StartAsync(settings.Metrics, signals.Token);
        await using var control = settings.SharedControl is { } shared ? PostgresStore.Create(shared) : null;
        using var sites = SiteSources.Open(settings, source, folder.Path, hasControl: control is not null, logs);
        if (control is not null)
            await FollowAsync(sites, control, settings, logs, signals.Token);
        await using var detector = EdgeDetector.Create(settings, folder, logs);
        var certificates = control is null ? null : new SqlStoredCertificates(control, settings.CertificateKey, TimeProvider.System);
        await using var edge = await EdgeRole.StartAsync(settings, settings.ClickHouse, detector, sites, certificates, signals.Token);
        Console.Out.WriteLine($"  Edge       {Banner.Reachable(edge.Urls[0])}  →  {sites.Describe()}");
        Banner.WriteMetrics(Console.Out, telemetry);
        Console.Out.WriteLine("  Stop       Ctrl-C; hits under way are written first");
        await signals.WaitAsync();
    }

    private static async Task FollowAsync(SiteSources sites, PostgresStore control, WeirSettings settings, ILoggerFactory logs, CancellationToken stop)
    {
        await sites.FollowAsync(new SqlSiteDefinitions(control, TimeProvider.System), settings, logs, stop);
        // An edge that serves nothing would answer every visitor with an error; a service manager starts it again.
        if (sites.IsControlAway && sites.InForce.Sites.Count == 0)
            throw new CommandException($"the control store {control} does not answer, and no earlier run kept sites of it in {settings.Data}. See the warning above.");
    }
}
