using System.Diagnostics;
using Weir.Reporting;

namespace Weir.Ladder;

/// <summary>Runs and starts other programs.</summary>
internal static class Tool
{
    /// <summary>Runs a program to its end and returns what it printed.</summary>
    /// <exception cref="BenchException">It is missing or failed.</exception>
    public static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new BenchException($"{program} could not be started.");
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output + errors.Result : throw new BenchException($"{program} {string.Join(' ', arguments)} failed: {output}{errors.Result}");
    }

    /// <summary>Starts a program on one core and leaves it running, its output in a file.</summary>
    public static Process Start(string log, int core, string program, params string[] arguments) =>
        Launch(log, $"exec taskset -c {core}", program, arguments);

    /// <summary>Starts a .NET program on both cores and leaves it running, its output in a file. It sees one core, since it will be left one.</summary>
    public static Process StartToWarmUp(string log, params string[] arguments) => Launch(log, "DOTNET_PROCESSOR_COUNT=1 exec", "dotnet", arguments);

    private static Process Launch(string log, string prefix, string program, string[] arguments)
    {
        string command = $"{prefix} \"$@\" >'{log}' 2>&1";
        return Process.Start(new ProcessStartInfo("bash", ["-c", command, "bash", program, .. arguments]) { UseShellExecute = false, RedirectStandardInput = true })
            ?? throw new BenchException($"{program} could not be started.");
    }
}
