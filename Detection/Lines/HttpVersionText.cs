namespace Weir.Detection.Lines;

/// <summary>Reads an HTTP version that somebody wrote down.</summary>
public static class HttpVersionText
{
    /// <summary>What to write, for error messages.</summary>
    public const string Rule = "1.0, 1.1, 2 or 3";

    /// <summary>Reads "1.1", "2", "2.0", "HTTP/3"; see <see cref="HeaderFacts.HttpVersion"/>. Never throws.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out byte version)
    {
        text = text.Trim();
        if (text.StartsWith("HTTP/", StringComparison.OrdinalIgnoreCase))
            text = text["HTTP/".Length..];
        version = text switch
        {
            "1.0" => 10,
            "1.1" => 11,
            "2" or "2.0" => 20,
            "3" or "3.0" => 30,
            _ => 0,
        };
        return version != 0;
    }
}
