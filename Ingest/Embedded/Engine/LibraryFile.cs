using System.Reflection;
using System.Runtime.InteropServices;

namespace Weir.Ingest.Embedded.Engine;

/// <summary>Where libchdb.so is, and the sentence to show when it is not.</summary>
internal static class LibraryFile
{
    const string Name = "libchdb.so";
    const string Otherwise = "set clickhouse.url in weir.json (or WEIR__CLICKHOUSE__URL) to a ClickHouse server";

    /// <summary>Finds the library: beside the program (an image that ships it), else in the cache that the build filled.</summary>
    /// <param name="path">Full path, or null.</param>
    /// <param name="problem">One line for people, or null.</param>
    public static bool TryFind(out string? path, out string? problem)
    {
        path = null;
        problem = null;
        if (!IsPlatformSupported)
        {
            problem = $"The embedded ClickHouse is not available on this platform (it needs Linux x64 with glibc): {Otherwise}.";
            return false;
        }
        foreach (string candidate in Candidates())
        {
            if (!File.Exists(candidate)) continue;
            path = candidate;
            return true;
        }
        problem = $"The embedded ClickHouse is not installed: install Node.js 20 or newer with npm and build again, or {Otherwise}.";
        return false;
    }

    /// <summary>Binds the imports of <see cref="LibChdb"/> to this file. Once a process.</summary>
    public static void Register(string path) =>
        NativeLibrary.SetDllImportResolver(
            typeof(LibChdb).Assembly,
            (name, _, _) => string.Equals(name, "weir-chdb", StringComparison.Ordinal) ? NativeLibrary.Load(path) : 0);

    static bool IsPlatformSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);

    static IEnumerable<string> Candidates()
    {
        yield return Path.Combine(AppContext.BaseDirectory, Name);
        string? hash = typeof(LibraryFile).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(a => string.Equals(a.Key, "ChdbLock", StringComparison.Ordinal))?.Value;
        if (hash is not null) yield return Path.Combine(CacheFolder(), "chdb", hash, Name);
    }

    // The same order as Chdb.targets.
    static string CacheFolder()
    {
        if (Environment.GetEnvironmentVariable("WEIR_CACHE") is { Length: > 0 } own) return own;
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } shared) return Path.Combine(shared, "weir");
        return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "weir");
    }
}
