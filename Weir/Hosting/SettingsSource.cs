using System.CommandLine;
using Weir.Commands;
using Weir.Settings;

namespace Weir.Hosting;

/// <summary>What the settings of a run are made of, so that they can be read again.</summary>
/// <param name="File">The settings file as typed; null for none.</param>
/// <param name="Environment">Overrides of the environment at the start.</param>
/// <param name="Flags">Overrides of the command line.</param>
internal sealed record SettingsSource(string? File, IReadOnlyList<SettingOverride> Environment, IReadOnlyList<SettingOverride> Flags)
{
    /// <summary>The file as it was when this was made, which is before the settings are read: later changes are the reloader's. Empty for none.</summary>
    public byte[] FileBytes { get; } = File is null ? [] : SiteReloader.TryRead(File) ?? [];

    /// <summary>The source of a command line's settings.</summary>
    public static SettingsSource Of(ParseResult parsed) =>
        new(SettingFlags.FileOf(parsed), SettingsReader.Environment(), SettingFlags.Overrides(parsed));
}
