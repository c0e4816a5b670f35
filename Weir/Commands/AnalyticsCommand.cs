using System.CommandLine;
using Weir.Control;
using Weir.Hosting;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir analytics</c>: API, dashboard and scheduler alone, over a ClickHouse server.</summary>
internal static class AnalyticsCommand
{
    public static Command Create()
    {
        var command = new Command("analytics", "Run the API, the dashboard and the scheduler alone, over the ClickHouse server of the settings.")
        {
            SettingFlags.Config, SettingFlags.Data, SettingFlags.Api,
        };
        command.SetAction((parsed, _) => RunAsync(SettingFlags.Read(parsed), SettingFlags.FileOf(parsed)));
        return command;
    }

    private static async Task RunAsync(WeirSettings settings, string? file)
    {
        if (settings.ClickHouse is null)
            throw new CommandException("weir analytics reads from a ClickHouse server. Set clickhouse.url in weir.json, or use weir up for an embedded one.");
        using var signals = new StopSignals();
        using var folder = DataFolder.Hold(settings.Data);
        using var logs = Logs.CreateFactory();
        await using var telemetry = await Telemetry.StartAsync(settings.Metrics, signals.Token);
        await using var analytics = await AnalyticsRole.StartAsync(
            settings, [.. settings.Sites.Select(s => new FileSite(s, file ?? "the environment"))], folder.Path, settings.ClickHouse, Catalogs.Load(), logs, signals.Token);
        Banner.WriteDashboard(Console.Out, analytics, folder);
        Banner.WriteMetrics(Console.Out, telemetry);
        Console.Out.WriteLine("  Stop       Ctrl-C");
        await signals.WaitAsync();
    }
}
