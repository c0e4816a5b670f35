namespace Weir.Proxy.Policies;

/// <summary>Paths that no rule touches: who may not read the rules cannot keep to them, and a certificate must renew.</summary>
internal static class FreePaths
{
    /// <summary>robots.txt, everything below /.well-known/ (ACME, security.txt, key directories) and /.weir/, and the favicon.</summary>
    /// <param name="path">A normal path.</param>
    public static bool IsFree(ReadOnlySpan<char> path) =>
        path is "/robots.txt" or "/favicon.ico" || path.StartsWith("/.well-known/", StringComparison.Ordinal)
        || path.StartsWith("/.weir/", StringComparison.Ordinal);

    /// <summary>Whether a path is a feed by its usual names. Feeds are made for programs: only a rule that names their path refuses them.</summary>
    /// <param name="path">A normal path.</param>
    public static bool IsFeed(ReadOnlySpan<char> path)
    {
        if (path.EndsWith(".rss", StringComparison.Ordinal) || path.EndsWith(".atom", StringComparison.Ordinal))
            return true;
        path = path.TrimEnd('/');
        return path[(path.LastIndexOf('/') + 1)..] is "feed" or "rss" or "atom" or "feed.xml" or "rss.xml" or "atom.xml" or "feed.json";
    }
}
