namespace Weir.Control;

/// <summary>E-mail addresses as members are known by: ASCII and lower case, so that no two that look alike are different people.</summary>
public static class EmailAddress
{
    /// <summary>What one may look like, for error messages.</summary>
    public const string Rule = "an address such as ann@example.com: at most 254 ASCII characters, one @, no blanks";

    private const int CharsMax = 254, LocalCharsMax = 64;

    /// <summary>Reads an address; false for anything else, names and brackets around it included.</summary>
    public static bool TryParse(string? text, out string address)
    {
        address = "";
        string given = (text ?? "").Trim();
        int at = given.IndexOf('@');
        if (given.Length > CharsMax || at is < 1 or > LocalCharsMax || at != given.LastIndexOf('@'))
            return false;
        // Before it is made lower case: letters outside of ASCII may turn into ASCII ones.
        if (!given.All(c => c is > ' ' and < '\x7f' and not ('<' or '>' or '(' or ')' or ',' or ';' or ':' or '"' or '\\' or '[' or ']')))
            return false;
        if (Uri.CheckHostName(given[(at + 1)..]) != UriHostNameType.Dns)
            return false;
        address = given.ToLowerInvariant();
        return true;
    }
}
