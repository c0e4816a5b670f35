using System.Diagnostics;
using Weir.TestKit;

namespace Weir.Tidy;

/// <summary>The files of this repository as git knows them.</summary>
internal static class Repository
{
    /// <summary>Paths of all tracked and new files, relative to the root.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    public static string Read(string path) => File.ReadAllText(RepositoryRoot.Of(path));

    private static string[] ListFiles()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = RepositoryRoot.Path,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var git = Process.Start(start)!;
        var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        return [.. files.Where(f => File.Exists(RepositoryRoot.Of(f)))];
    }
}
