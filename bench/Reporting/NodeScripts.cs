using System.Diagnostics;
using System.Text;

namespace Weir.Reporting;

/// <summary>Runs scripts under Node, in the folder that their packages are installed in.</summary>
/// <param name="folder">That folder.</param>
public sealed class NodeScripts(string folder)
{
    /// <summary>The peers that `bench/run` installs, from the repository's root.</summary>
    public static NodeScripts Peers { get; } = new(Path.Combine("bench", "Accuracy", "peers"));

    /// <summary>Runs a script to its end and returns what it wrote.</summary>
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
