namespace Weir.Control;

/// <summary>The customer that sites, keys and targets belong to; nobody sees another tenant's.</summary>
public static class Tenant
{
    /// <summary>The tenant of an installation that needs only one.</summary>
    public const string Default = "default";

    /// <summary>What a tenant's id may look like, for error messages.</summary>
    public const string Rule = "1 to 64 lower-case letters, digits, dots, dashes or underscores, starting with a letter or digit";

    /// <summary>Whether a text may be a tenant's id; see <see cref="Rule"/>.</summary>
    public static bool IsValid(string? id) =>
        id is { Length: >= 1 and <= 64 } && IsLetterOrDigit(id[0]) && id.All(c => IsLetterOrDigit(c) || c is '.' or '-' or '_');

    private static bool IsLetterOrDigit(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}
