using System.Diagnostics.CodeAnalysis;

namespace Weir.Detection;

/// <summary>Names one website of a tenant, in settings, URLs, tables and logs.</summary>
/// <remarks>1–128 characters of <c>a–z 0–9 . _ -</c>, starting and ending with a letter or digit, so that it is safe in a path, a file
/// name and SQL. Upper case is folded on the way in.</remarks>
public readonly record struct SiteId : IParsable<SiteId>
{
    /// <summary>The longest allowed id: a host name of half the DNS limit, which every real one meets.</summary>
    public const int MaxLength = 128;

    private readonly string? _value;

    private SiteId(string value) => _value = value;

    /// <summary>The id's text; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>Reads an id, or throws <see cref="FormatException"/> with the rule that was broken.</summary>
    public static SiteId Parse(string s) => Parse(s, null);

    /// <inheritdoc/>
    public static SiteId Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var site) ? site : throw new FormatException($"'{s}' is not a site id. Use {Rule}.");

    /// <summary>What an id may look like, for error messages.</summary>
    public const string Rule = "1 to 128 letters, digits, dots, dashes or underscores, starting and ending with a letter or digit";

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SiteId result)
    {
        result = default;
        if (s is null || s.Length is 0 or > MaxLength || !char.IsAsciiLetterOrDigit(s[0]) || !char.IsAsciiLetterOrDigit(s[^1]))
            return false;
        foreach (char c in s)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                return false;
        }
        result = new SiteId(s.ToLowerInvariant());
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
