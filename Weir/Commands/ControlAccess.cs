using System.CommandLine;
using Weir.Control;
using Weir.Hosting;
using Weir.Settings;

namespace Weir.Commands;

/// <summary>Opens the control store of an installation for commands that read or change it while it runs.</summary>
internal static class ControlAccess
{
    /// <summary>The data folder; the settings' when it is not given.</summary>
    public static Option<string?> Data { get; } = new("--data") { Description = "Data folder of the installation.", Recursive = true };

    /// <summary>The settings file.</summary>
    public static Option<string?> Config { get; } = new("--config") { Description = "Settings file; ./weir.json when it is there.", Recursive = true };

    /// <summary>The installation's settings, its data folder from the flag where one was given.</summary>
    /// <exception cref="CommandException">The settings are wrong.</exception>
    public static WeirSettings Settings(ParseResult parsed) => Read(parsed, SettingsReader.Read);

    /// <summary>What people call the settings file.</summary>
    public static string FileName(ParseResult parsed) => FileOf(parsed) ?? "weir.json";

    /// <summary>Opens the store, works, and closes it. Sites that are wrong in the settings are no hindrance.</summary>
    /// <exception cref="CommandException">The store cannot be used, or the work broke a rule of it.</exception>
    public static async Task<int> RunAsync(ParseResult parsed, Func<IControlStore, Task> work, CancellationToken stop)
    {
        var settings = Read(parsed, SettingsReader.ReadForEdge);
        await ControlStores.UseAsync(settings.SharedControl, settings.Data, work, stop);
        return 0;
    }

    private static WeirSettings Read(ParseResult parsed, Func<string?, IReadOnlyList<SettingOverride>, IReadOnlyList<SettingOverride>, WeirSettings> read)
    {
        try
        {
            return read(FileOf(parsed), SettingsReader.Environment(),
                parsed.GetValue(Data) is { } folder ? [SettingOverride.Flag("--data", "data", folder)] : []);
        }
        catch (SettingsException e)
        {
            throw new CommandException(string.Join("\nweir: ", e.Errors), e);
        }
    }

    private static string? FileOf(ParseResult parsed) => parsed.GetValue(Config) ?? SettingFlags.DefaultFileOrNull();
}
