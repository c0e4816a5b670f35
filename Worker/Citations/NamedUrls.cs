using System.Text.RegularExpressions;

namespace Weir.Worker.Citations;

/// <summary>A URL that an answer names.</summary>
/// <param name="At">Where in the text; the text's length and beyond for sources beside it.</param>
/// <param name="Length">How long it is there; 0 for sources beside the text.</param>
/// <param name="Url">The URL.</param>
/// <param name="Host">Its host, as <see cref="BrandMarks.HostOf"/> makes it.</param>
internal readonly record struct NamedUrl(int At, int Length, string Url, string Host);

/// <summary>Finds the URLs of an answer, in its order. Pure.</summary>
internal static partial class NamedUrls
{
    private const int UrlsMax = 500, UrlCharsMax = 2048;

    /// <summary>URLs of a clean text, then the sources that it does not hold. What a browser would open counts: of <c>https://a.test@b.test</c> the host is b.test.</summary>
    public static IReadOnlyList<NamedUrl> Find(string text, IReadOnlyList<string> links)
    {
        List<NamedUrl> found = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var match in UrlPattern().EnumerateMatches(text))
        {
            if (found.Count == UrlsMax)
                return found;
            string url = Trim(text.AsSpan(match.Index, Math.Min(match.Length, UrlCharsMax))).ToString();
            if (HostOf(url) is { } host)
            {
                found.Add(new NamedUrl(match.Index, url.Length, url, host));
                seen.Add(url);
            }
        }
        foreach (string link in links)
        {
            if (found.Count == UrlsMax)
                return found;
            string url = AnswerText.Clean(link);
            if (url.Length <= UrlCharsMax && HostOf(url) is { } host && seen.Add(url))
                found.Add(new NamedUrl(text.Length + found.Count, 0, url, host));
        }
        return found;
    }

    // Sentences and Markdown end behind a URL; a bracket belongs to it when it was opened inside.
    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> url)
    {
        while (url.Length > 0)
        {
            char last = url[^1];
            bool isOpened = last == ')' && url.Count('(') >= url.Count(')');
            if (isOpened || !".,;:!?)*_~…".Contains(last, StringComparison.Ordinal))
                break;
            url = url[..^1];
        }
        return url;
    }

    private static string? HostOf(string url)
    {
        try
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.IdnHost.Length > 0
                ? BrandMarks.HostOf(parsed.IdnHost) : null;
        }
        catch (UriFormatException)
        {
            return null; // such as https://xn--ü, which is a URI for TryCreate and no host in DNS
        }
    }

    [GeneratedRegex("""https?://[^\s<>"'`|\\^{}\[\]]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex UrlPattern();
}
