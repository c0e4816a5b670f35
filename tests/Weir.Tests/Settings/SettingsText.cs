using System.Text;
using Weir.Settings;

namespace Weir.Tests.Settings;

/// <summary>Reads settings from a text, as a start would.</summary>
internal static class SettingsText
{
    public static WeirSettings Read(string json, params (string Name, string Value)[] environment) => Read(json, environment, []);

    public static WeirSettings Read(string json, (string Name, string Value)[] environment, SettingOverride[] flags) => SettingsReader.Read(
        Encoding.UTF8.GetBytes(json), "weir.json",
        SettingOverride.FromEnvironment(environment.Select(e => new KeyValuePair<string, string>(e.Name, e.Value))), flags).Settings;

    /// <summary>The error lines that reading gives.</summary>
    public static string[] Errors(string json, params (string Name, string Value)[] environment) =>
        [.. Assert.Throws<SettingsException>(() => Read(json, environment)).Errors.Select(e => e.ToString())];
}
