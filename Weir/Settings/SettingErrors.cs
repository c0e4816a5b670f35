namespace Weir.Settings;

/// <summary>One thing wrong with the settings.</summary>
/// <param name="At">Where: file, line and column, an environment variable or a flag.</param>
/// <param name="Path">The setting, such as <c>sites[0].origins[1]</c>; empty for the file as a whole.</param>
/// <param name="What">What is wrong: one sentence.</param>
/// <param name="Mend">What to write instead: one sentence.</param>
internal sealed record SettingError(string At, string Path, string What, string Mend)
{
    /// <summary>The one line for people.</summary>
    public override string ToString() => Path.Length == 0 ? $"{At} {What} {Mend}" : $"{At} {Path}: {What} {Mend}";
}

/// <summary>Gathers every error, so that one start shows them all.</summary>
internal sealed class SettingErrors
{
    private readonly List<SettingError> _all = [];

    public IReadOnlyList<SettingError> All => _all;

    /// <summary>What works, and is hardly meant.</summary>
    public List<SettingError> Warnings { get; } = [];

    public void Add(string at, string path, string what, string mend) => _all.Add(new SettingError(at, path, what, mend));
}

/// <summary>The settings cannot be used; the message holds one line for each error.</summary>
internal sealed class SettingsException(IReadOnlyList<SettingError> errors) : Exception(string.Join('\n', errors))
{
    public IReadOnlyList<SettingError> Errors { get; } = errors;
}
