using System.Collections.Frozen;
using Weir.Detection.Catalog;

namespace Weir.Detection.Robots;

/// <summary>The names by which robots.txt files speak to one crawler. Immutable.</summary>
public sealed class RobotsAgent
{
    // What operators document beyond RFC 9309, so that nobody is accused of breaking a rule that was not theirs. Google's lists of common
    // and special-case crawlers and Apple's page about Applebot, read 2026-11-25.
    private static readonly FrozenDictionary<string, string[]> SubstitutesById = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["googlebot-image"] = ["Googlebot"],
        ["googlebot-news"] = ["Googlebot"],
        ["googlebot-video"] = ["Googlebot"],
        ["google-favicon"] = ["Googlebot-Image", "Googlebot"],
        ["google-inspectiontool"] = ["Googlebot"],
        ["googleother-image"] = ["GoogleOther"],
        ["googleother-video"] = ["GoogleOther"],
        ["applebot"] = ["Googlebot"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> NotOfAll =
        new[] { "adsbot-google", "adsbot-google-mobile", "apis-google", "mediapartners-google" }.ToFrozenSet(StringComparer.Ordinal);

    private RobotsAgent(IReadOnlyList<string> names) => Names = names;

    /// <summary>Its own names; a group that holds any of them is its own.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Names of others whose group it keeps to, in order, when no group names it.</summary>
    public IReadOnlyList<string> Substitutes { get; private init; } = [];

    /// <summary>Whether the group of <c>*</c> is for it, too. Its operator documents it where it is not.</summary>
    public bool ObeysGroupOfAll { get; private init; } = true;

    /// <summary>An agent of one name, such as <c>GPTBot</c>.</summary>
    public static RobotsAgent Named(string name) => new([name]);

    /// <summary>A crawler of the catalog.</summary>
    public static RobotsAgent Of(Crawler crawler)
    {
        ArgumentNullException.ThrowIfNull(crawler);
        return new([.. crawler.Tokens.Select(t => t.TrimEnd('/')).Distinct(StringComparer.OrdinalIgnoreCase)])
        {
            Substitutes = SubstitutesById.GetValueOrDefault(crawler.Id) ?? [],
            ObeysGroupOfAll = !NotOfAll.Contains(crawler.Id),
        };
    }

    /// <summary>Whether a text is a product token: letters, underscores and hyphens only (RFC 9309 §2.2.1).</summary>
    public static bool IsProductToken(ReadOnlySpan<char> text) => text.Length > 0 && TokenLength(text) == text.Length;

    /// <summary>Whether a user-agent line's value names an agent, in any case.</summary>
    /// <remarks>A value counts as far as it is a product token: <c>Googlebot/2.1</c> names Googlebot. Names that are none, because of
    /// their digits or dots (MJ12bot, bigsur.ai), are compared whole: their first letters are not them. A name of several words cannot be
    /// written in a robots.txt file.</remarks>
    internal static bool IsNamedBy(ReadOnlySpan<char> value, ReadOnlySpan<char> name)
    {
        if (name.Length == 0 || name.IndexOfAny(' ', '\t') >= 0)
            return false;
        int length = TokenLength(value);
        if (!IsProductToken(name))
        {
            int end = value.IndexOfAny(" \t/");
            length = end < 0 ? value.Length : end;
        }
        return value[..length].Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a user-agent line's value stands for every crawler that no group names.</summary>
    internal static bool IsAll(string value) => value == "*" || value.StartsWith("* ", StringComparison.Ordinal) || value.StartsWith("*\t", StringComparison.Ordinal);

    /// <summary>How much of a text is a product token.</summary>
    internal static int TokenLength(ReadOnlySpan<char> text)
    {
        int length = 0;
        while (length < text.Length && (char.IsAsciiLetter(text[length]) || text[length] is '-' or '_'))
            length++;
        return length;
    }
}
