using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Weir.Accuracy;

/// <summary>What one detector says of each row.</summary>
/// <param name="Name">The detector.</param>
/// <param name="Version">Its version.</param>
/// <param name="IsProgram">Its answer, row by row.</param>
internal sealed record Answers(string Name, string Version, bool[] IsProgram);

/// <summary>The detectors that Weir is measured beside. They run under Node, from packages that `bench/run` installs.</summary>
/// <param name="folder">Where they are installed.</param>
internal sealed class NodePeers(string folder)
{
    /// <summary>Version of Node, known after the first answer.</summary>
    public string NodeVersion { get; private set; } = "";

    /// <summary>Asks every peer about every user agent.</summary>
    public IReadOnlyList<Answers> Detect(IEnumerable<string> userAgents)
    {
        var input = new StringBuilder();
        foreach (string userAgent in userAgents)
            input.Append(JsonSerializer.Serialize(userAgent)).Append('\n');
        using var json = JsonDocument.Parse(Run("detect.mjs", input.ToString()));
        NodeVersion = json.RootElement.GetProperty("node").GetString()!;
        return [.. json.RootElement.GetProperty("answers").EnumerateArray().Select(a => new Answers(
            a.GetProperty("name").GetString()!,
            a.GetProperty("version").GetString()!,
            [.. a.GetProperty("isProgram").EnumerateArray().Select(answer => answer.GetInt32() == 1)]))];
    }

    /// <summary>Runs one of the scripts to its end and returns what it wrote.</summary>
    /// <exception cref="BenchException">Node is missing or the script failed.</exception>
    public string Run(string script, string input)
    {
        var start = new ProcessStartInfo("node", [script])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var node = Process.Start(start) ?? throw new BenchException("node could not be started. Install Node.js 20.");
        // Read beside writing: a script that answers early would otherwise wait for us while we wait for it.
        var output = Task.Run(node.StandardOutput.ReadToEnd);
        node.StandardInput.Write(input);
        node.StandardInput.Close();
        string text = output.GetAwaiter().GetResult();
        node.WaitForExit();
        return node.ExitCode == 0 ? text : throw new BenchException($"{script} failed (its message is above). Run bench/run again: it installs the packages.");
    }
}
