using System.IO.Enumeration;

namespace Weir.Scheduling.Targets;

/// <summary>The pages that a link speaks of: a path (<c>/pricing</c>), what lies below one (<c>/docs/*</c>), all (<c>*</c>), or any path
/// with <c>*</c> for some characters (<c>/blog/*/comments</c>).</summary>
/// <remarks>Case counts. A closing slash does not: <c>/pricing</c> and <c>/pricing/</c> are one page, and <c>/docs/*</c> has <c>/docs</c>
/// in it. Percent-escapes are compared unescaped. Queries are no part of it.</remarks>
public static class PagePattern
{
    /// <summary>The longest allowed pattern, the longest path that a hit keeps.</summary>
    public const int MaxLength = 2048;

    /// <summary>What a pattern may look like, for error messages.</summary>
    public const string Rule = "a path such as /pricing, a path with * for any characters such as /docs/*, or * for every page";

    /// <summary>Whether a text may be a pattern; see <see cref="Rule"/>.</summary>
    public static bool IsValid(string? pattern) =>
        pattern is { Length: >= 1 and <= MaxLength } && (pattern[0] == '/' || pattern == "*")
        && !pattern.AsSpan().ContainsAny('?', '#') && !pattern.Any(char.IsControl);

    /// <summary>Whether a path is one of the pattern's pages: the plain meaning, against which <see cref="TargetIndex"/> is tested.</summary>
    public static bool IsMatch(string pattern, string path)
    {
        string plainPath = Normalise(path);
        string plainPattern = pattern == "*" ? "/*" : Normalise(pattern);
        return plainPattern.Contains('*')
            ? Glob(plainPattern, plainPath) || Glob(plainPattern, plainPath + "/")
            : plainPattern == plainPath;
    }

    /// <summary>A path or pattern in the form in which they are compared.</summary>
    internal static string Normalise(string path)
    {
        int end = path.AsSpan().IndexOfAny('?', '#');
        string plain = end < 0 ? path : path[..end];
        if (plain.Contains('%'))
            plain = Uri.UnescapeDataString(plain);
        return plain.Length > 1 && plain[^1] == '/' ? plain.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/" : plain;
    }

    internal static bool Glob(string pattern, string path) =>
        // MatchesSimpleExpression reads ? and \ too; both are taken literally here.
        FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\").Replace("?", "\\?"), path, ignoreCase: false);
}
