using System.Collections;

namespace Weir.Settings;

/// <summary>Reads the settings: the file, then the environment over it, then flags over both.</summary>
internal static class SettingsReader
{
    /// <summary>Reads everything and checks it all.</summary>
    /// <param name="file">Path of <c>weir.json</c>; null for none.</param>
    /// <param name="environment">Variables to look through, from <see cref="SettingOverride.FromEnvironment"/>.</param>
    /// <param name="flags">Flags that were given.</param>
    /// <exception cref="SettingsException">Something is wrong; every error is in it.</exception>
    public static WeirSettings Read(
        string? file, IReadOnlyList<SettingOverride> environment, IReadOnlyList<SettingOverride> flags)
    {
        var errors = new SettingErrors();
        byte[] utf8 = file is null ? "{}"u8.ToArray() : ReadFile(file, errors);
        return Read(utf8, file, environment, flags, errors).Settings;
    }

    /// <summary>Reads everything for an edge that may have kept good sites: when nothing but <c>sites</c> is wrong, the settings come without sites
    /// and with <see cref="WeirSettings.SiteErrors"/>.</summary>
    /// <exception cref="SettingsException">Something else is wrong.</exception>
    public static WeirSettings ReadForEdge(string? file, IReadOnlyList<SettingOverride> environment, IReadOnlyList<SettingOverride> flags)
    {
        try
        {
            return Read(file, environment, flags);
        }
        catch (SettingsException e) when (file is not null && e.Errors.All(w => w.Path == "sites" || w.Path.StartsWith("sites[", StringComparison.Ordinal)))
        {
            var (settings, _) = Read(File.ReadAllBytes(file), file, environment, flags, ignoresSites: true);
            return settings with { SiteErrors = e.Errors };
        }
    }

    /// <summary>Reads settings whose file was read already.</summary>
    /// <returns>The settings, and the tree they came from.</returns>
    /// <exception cref="SettingsException">Something is wrong; every error is in it.</exception>
    public static (WeirSettings Settings, SettingNode Root) Read(
        byte[] utf8, string? file, IReadOnlyList<SettingOverride> environment, IReadOnlyList<SettingOverride> flags, SettingErrors? errors = null,
        bool ignoresSites = false)
    {
        errors ??= new SettingErrors();
        string name = Path.GetFileName(file ?? "weir.json");
        if (errors.All.Count > 0 || PositionedJson.Read(utf8, name, errors) is not { } root)
            throw new SettingsException(errors.All);
        if (root.Kind != NodeKind.Object)
        {
            errors.Add(root.At, "", "The settings are not an object.", "Begin the file with { and end it with }.");
            throw new SettingsException(errors.All);
        }
        foreach (var given in environment.Concat(flags))
            SettingOverrides.Apply(root, given, errors);
        if (ignoresSites)
            root.Members.RemoveAll(m => m.Name == "sites");
        SettingChecks.Check(root, SettingKey.Root, "", errors);
        string folder = Path.GetDirectoryName(Path.GetFullPath(file ?? "weir.json")) ?? ".";
        var settings = SettingsBinder.Bind(new Section(root, "", errors), folder);
        return errors.All.Count == 0 ? (settings, root) : throw new SettingsException(errors.All);
    }

    /// <summary>The settings among this process's environment variables.</summary>
    public static IReadOnlyList<SettingOverride> Environment() => SettingOverride.FromEnvironment(
        System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(e => new KeyValuePair<string, string>((string)e.Key, (string?)e.Value ?? "")));

    private static byte[] ReadFile(string file, SettingErrors errors)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            errors.Add(file, "", "There is no such file.", "Name an existing file, or copy config/weir.example.json there.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(file, "", "The file cannot be read.", "Give this account the right to read it; a folder is no file.");
        }
        return [];
    }
}
