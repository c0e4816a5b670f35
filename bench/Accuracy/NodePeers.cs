using System.Text;
using System.Text.Json;
using Weir.Reporting;

namespace Weir.Accuracy;

/// <summary>What one detector says of each row.</summary>
/// <param name="Name">The detector.</param>
/// <param name="Version">Its version.</param>
/// <param name="IsProgram">Its answer, row by row.</param>
internal sealed record Answers(string Name, string Version, bool[] IsProgram);

/// <summary>The detectors that Weir is measured beside. They run under Node, from packages that `bench/run` installs.</summary>
/// <param name="scripts">Where they are installed.</param>
internal sealed class NodePeers(NodeScripts scripts)
{
    /// <summary>Version of Node, known after the first answer.</summary>
    public string NodeVersion { get; private set; } = "";

    /// <summary>Asks every peer about every user agent.</summary>
    public IReadOnlyList<Answers> Detect(IEnumerable<string> userAgents)
    {
        var input = new StringBuilder();
        foreach (string userAgent in userAgents)
            input.Append(JsonSerializer.Serialize(userAgent)).Append('\n');
        using var json = JsonDocument.Parse(scripts.Run("detect.mjs", input.ToString()));
        NodeVersion = json.RootElement.GetProperty("node").GetString()!;
        return [.. json.RootElement.GetProperty("answers").EnumerateArray().Select(a => new Answers(
            a.GetProperty("name").GetString()!,
            a.GetProperty("version").GetString()!,
            [.. a.GetProperty("isProgram").EnumerateArray().Select(answer => answer.GetInt32() == 1)]))];
    }
}
