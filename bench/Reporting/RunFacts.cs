using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Weir.Reporting;

/// <summary>What a report must say of the run that made it.</summary>
public sealed record RunFacts
{
    /// <summary>Processor, cores, memory and system.</summary>
    public required string Machine { get; init; }

    /// <summary>The commit that was measured, and whether files had changed since.</summary>
    public required string Commit { get; init; }

    /// <summary>How to run it again.</summary>
    public required string Command { get; init; }

    /// <summary>The day it ran.</summary>
    public required string Day { get; init; }

    /// <summary>Programs and their versions.</summary>
    public required IReadOnlyList<(string Name, string Version)> Versions { get; init; }

    /// <summary>Programs that wanted a core when the run ended, by the kernel's average over a minute; 0 where unknown.</summary>
    public required double Load { get; init; }

    /// <summary>Facts of this machine and checkout.</summary>
    /// <param name="command">How to run it again.</param>
    /// <param name="versions">Programs and their versions, besides .NET.</param>
    public static RunFacts Of(string command, IEnumerable<(string Name, string Version)> versions) => new()
    {
        Machine = $"{Processor()}, {Environment.ProcessorCount} cores, "
            + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription}",
        Commit = Git("rev-parse", "--short=12", "HEAD") + (Git("status", "--porcelain", "--untracked-files=no", "--", ":!bench/reports").Length > 0 ? " with changes" : ""),
        Load = File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : 0,
        Command = command,
        Day = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd"),
        Versions = [(".NET", Environment.Version.ToString()), .. versions],
    };

    /// <summary>The facts as a list.</summary>
    public string Markdown => $"- measured {Day} at commit {Commit}\n- machine: {Machine}; load average {Load:0.0} at the end\n"
        + $"- versions: {string.Join(", ", Versions.Select(v => $"{v.Name} {v.Version}"))}\n- again: `{Command}`\n";

    /// <summary>The facts for programs.</summary>
    public JsonObject Json() => new()
    {
        ["day"] = Day,
        ["commit"] = Commit,
        ["machine"] = Machine,
        ["load"] = Load,
        ["command"] = Command,
        ["versions"] = new JsonObject(Versions.Select(v => KeyValuePair.Create(v.Name, (JsonNode?)v.Version))),
    };

    private static string Processor()
    {
        const string Label = "model name";
        return File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith(Label, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':') + 1)..].Trim() : RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        string output = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return git.ExitCode == 0 ? output : "unknown";
    }
}
