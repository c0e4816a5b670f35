using System.Text;

namespace Weir.Ingest.Embedded.Server;

/// <summary>Texts as ClickHouse literals and names.</summary>
internal static class SqlText
{
    /// <summary>A string literal.</summary>
    public static string Quote(string text) => Wrap(text, '\'');

    /// <summary>An identifier.</summary>
    public static string QuoteName(string text) => Wrap(text, '`');

    static string Wrap(string text, char quote)
    {
        StringBuilder quoted = new(text.Length + 2);
        quoted.Append(quote);
        foreach (char c in text)
        {
            if (c == quote || c == '\\') quoted.Append('\\');
            quoted.Append(c);
        }
        return quoted.Append(quote).ToString();
    }
}
