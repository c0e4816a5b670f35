using System.CommandLine;
using Weir.Settings;

namespace Weir.Commands;

/// <summary>Flags that stand over weir.json and the environment, shared by the commands that run roles.</summary>
internal static class SettingFlags
{
    private const string DefaultFile = "weir.json";

    public static Option<string?> Config { get; } = new("--config")
    {
        Description = "Settings file; ./weir.json when it is there.",
    };

    public static Option<string?> Data { get; } = new("--data")
    {
        Description = "Folder that keeps everything; ./weir-data unless the settings say otherwise.",
    };

    public static Option<string?> Listen { get; } = new("--listen")
    {
        Description = "Where the edge listens: a port, address:port or URL; :8080 unless the settings say otherwise.",
    };

    public static Option<string?> Api { get; } = new("--api")
    {
        Description = "Where API and dashboard listen; 127.0.0.1:8090 unless the settings say otherwise.",
    };

    /// <summary>A flag for another store than the settings', of commands that work on stored hits; to be given to <see cref="Read(ParseResult, Option{string})"/>.</summary>
    /// <param name="whatFor">What it names, up to the example.</param>
    /// <param name="behind">What follows the example.</param>
    public static Option<string?> ClickHouse(string whatFor = "A ClickHouse server to use instead", string behind = "") =>
        new("--clickhouse") { Description = $"{whatFor}, such as http://127.0.0.1:8123{behind}." };

    /// <summary>The settings file of a command line; null when there is none.</summary>
    public static string? FileOf(ParseResult parsed) => parsed.GetValue(Config) ?? DefaultFileOrNull();

    /// <summary>The settings file of the working folder; null when there is none.</summary>
    public static string? DefaultFileOrNull() => File.Exists(DefaultFile) ? DefaultFile : null;

    /// <summary>Overrides given as flags.</summary>
    public static IReadOnlyList<SettingOverride> Overrides(ParseResult parsed)
    {
        List<SettingOverride> given = [];
        foreach (var (option, path) in (ReadOnlySpan<(Option<string?>, string)>)[(Data, "data"), (Listen, "listen"), (Api, "api")])
        {
            if (parsed.CommandResult.Command.Options.Contains(option) && parsed.GetValue(option) is { } value)
                given.Add(SettingOverride.Flag(option.Name, path, value));
        }
        return given;
    }

    /// <summary>File, environment and flags as checked settings.</summary>
    /// <exception cref="CommandException">Something is wrong; every error is in the message, a line each.</exception>
    public static WeirSettings Read(ParseResult parsed, params ReadOnlySpan<SettingOverride> more)
    {
        try
        {
            return SettingsReader.Read(FileOf(parsed), SettingsReader.Environment(), [.. Overrides(parsed), .. more]);
        }
        catch (SettingsException e)
        {
            throw new CommandException(string.Join("\nweir: ", e.Errors), e);
        }
    }

    /// <summary>The same, with the store that a flag of <see cref="ClickHouse"/> names.</summary>
    /// <exception cref="CommandException">Something is wrong.</exception>
    public static WeirSettings Read(ParseResult parsed, Option<string?> clickhouse) =>
        Read(parsed, parsed.GetValue(clickhouse) is { } server ? [SettingOverride.Flag(clickhouse.Name, "clickhouse.url", server)] : []);

    /// <summary>As <see cref="Read(ParseResult, ReadOnlySpan{SettingOverride})"/>, but errors in <c>sites</c> alone are handed on in <see cref="WeirSettings.SiteErrors"/>.</summary>
    /// <exception cref="CommandException">Something else is wrong.</exception>
    public static WeirSettings ReadForEdge(ParseResult parsed)
    {
        try
        {
            return SettingsReader.ReadForEdge(FileOf(parsed), SettingsReader.Environment(), Overrides(parsed));
        }
        catch (SettingsException e)
        {
            throw new CommandException(string.Join("\nweir: ", e.Errors), e);
        }
    }
}
