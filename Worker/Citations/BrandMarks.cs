using System.Globalization;

namespace Weir.Worker.Citations;

/// <summary>What a brand is known by in an answer. Made of checked texts; safe from any thread.</summary>
public sealed class BrandMarks
{
    private const int NameCharsMin = 2, MarksMax = 200;
    private static readonly IdnMapping Idn = new();

    /// <summary>Gathers marks; what cannot be one is left out.</summary>
    /// <param name="names">Names that an answer may call it by; shorter ones than two characters would be found anywhere.</param>
    /// <param name="hosts">Hosts of its sites: exact, or <c>*.example.com</c>; <c>*</c> alone says nothing.</param>
    public BrandMarks(IEnumerable<string> names, IEnumerable<string> hosts)
    {
        Names = [.. names.Select(n => AnswerText.Clean(n).Trim()).Where(n => n.Length >= NameCharsMin).Distinct(StringComparer.OrdinalIgnoreCase).Take(MarksMax)];
        Hosts = [.. hosts.Select(HostOf).Where(h => h.Contains('.', StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Take(MarksMax)];
    }

    /// <summary>Names, cleaned.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Hosts in lower case and ASCII form, without <c>www.</c> and <c>*.</c>; each covers what is below it.</summary>
    public IReadOnlyList<string> Hosts { get; }

    /// <summary>Whether a host is one of the brand's, or below one.</summary>
    /// <param name="host">As a URL names it.</param>
    public bool Owns(string host)
    {
        string asked = HostOf(host);
        foreach (string own in Hosts)
        {
            if (asked == own || (asked.Length > own.Length && asked[^(own.Length + 1)] == '.' && asked.EndsWith(own, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    /// <summary>A host as hosts are compared: lower case, ASCII, without <c>www.</c>, <c>*.</c> and the root's dot.</summary>
    internal static string HostOf(string host)
    {
        string plain = host.Trim().TrimEnd('.').ToLowerInvariant();
        if (plain.StartsWith("*.", StringComparison.Ordinal))
            plain = plain[2..];
        if (plain.StartsWith("www.", StringComparison.Ordinal))
            plain = plain[4..];
        try
        {
            return plain.Any(c => c > 127) ? Idn.GetAscii(plain) : plain;
        }
        catch (ArgumentException)
        {
            return "";
        }
    }
}
