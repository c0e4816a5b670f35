using System.CommandLine;
using Weir.Hosting;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir edge</c>: the edge alone, for set-ups with a ClickHouse server.</summary>
internal static class EdgeCommand
{
    public static Command Create()
    {
        var command = new Command("edge", "Run the edge alone: sites of weir.json, hits to the ClickHouse server of the settings.")
        {
            SettingFlags.Config, SettingFlags.Data, SettingFlags.Listen,
        };
        command.SetAction((parsed, _) => RunAsync(SettingFlags.Read(parsed), new SiteSource(parsed)));
        return command;
    }

    private static async Task RunAsync(WeirSettings settings, SiteSource source)
    {
        if (settings.ClickHouse is null)
            throw new CommandException("weir edge writes to a ClickHouse server. Set clickhouse.url in weir.json, or use weir up for an embedded one.");
        if (settings.Sites.Count == 0)
            throw new CommandException("there is no site to serve. Write sites into weir.json (see config/weir.example.json).");
        using var signals = new StopSignals();
        using var folder = DataFolder.Hold(settings.Data);
        using var logs = Logs.CreateFactory();
        await using var detector = EdgeDetector.Create(settings, folder, logs);
        await using var edge = await EdgeRole.StartAsync(settings, settings.ClickHouse, detector, source, signals.Token);
        Console.Out.WriteLine($"  Edge       {Banner.Reachable(edge.Urls[0])}  →  {Banner.Count(settings.Sites.Count, "site")}");
        Console.Out.WriteLine("  Stop       Ctrl-C; hits under way are written first");
        await signals.WaitAsync();
    }
}
