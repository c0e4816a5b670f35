using System.Reflection;

namespace Weir.Detection.Places;

/// <summary>The file of countries that a build fetches once a machine: Places.targets puts it where this looks.</summary>
public static class BundledCountries
{
    /// <summary>Name of the file.</summary>
    public const string Name = "geo-whois-asn-country.mmdb";

    /// <summary>The file: beside the program (an image that ships it), else in the cache that the build filled; null when it is in neither.</summary>
    public static string? Find() => Candidates().FirstOrDefault(File.Exists);

    private static IEnumerable<string> Candidates()
    {
        yield return Path.Combine(AppContext.BaseDirectory, Name);
        string? hash = typeof(BundledCountries).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(a => string.Equals(a.Key, "PlacesLock", StringComparison.Ordinal))?.Value;
        if (hash is not null)
            yield return Path.Combine(CacheFolder(), "places", hash, Name);
    }

    // The same order as Places.targets.
    private static string CacheFolder()
    {
        if (Environment.GetEnvironmentVariable("WEIR_CACHE") is { Length: > 0 } own)
            return own;
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } shared)
            return Path.Combine(shared, "weir");
        return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "weir");
    }
}
