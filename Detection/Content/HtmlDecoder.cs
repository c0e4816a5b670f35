using System.Buffers;
using System.Text;

namespace Weir.Detection.Content;

/// <summary>Finds the encoding of a page and decodes it. Never throws, whatever the bytes and names.</summary>
internal static class HtmlDecoder
{
    // The HTML standard asks browsers to look so far for a declaration.
    private const int DeclarationBytes = 1024;

    private static readonly SearchValues<char> NameEnds = SearchValues.Create("\"'>;/ \t\r\n");

    /// <summary>The page as text: by byte order mark, else the header's charset, else the page's own declaration, else UTF-8.</summary>
    public static string Decode(ReadOnlySpan<byte> html, string? charset)
    {
        var encoding = OfMark(html) ?? Named(charset) ?? Named(Declared(html)) ?? Encoding.UTF8;
        return encoding.GetString(html);
    }

    private static Encoding? OfMark(ReadOnlySpan<byte> html) => html switch
    {
        [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        _ => null,
    };

    private static Encoding? Named(string? name)
    {
        name = name?.Trim(' ', '"', '\'').ToLowerInvariant();
        if (string.IsNullOrEmpty(name) || name.Length > 40)
            return null;
        // As browsers do (encoding.spec.whatwg.org): these names stand for windows-1252, and a page whose declaration can be read byte by
        // byte is not in UTF-16.
        if (name is "iso-8859-1" or "latin1" or "us-ascii" or "ascii" or "windows-1252")
            return CodePagesEncodingProvider.Instance.GetEncoding(1252);
        if (name.StartsWith("utf", StringComparison.Ordinal))
            return Encoding.UTF8;
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static string? Declared(ReadOnlySpan<byte> html)
    {
        string head = Encoding.Latin1.GetString(html[..Math.Min(html.Length, DeclarationBytes)]);
        int at = head.IndexOf("charset", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        var rest = head.AsSpan(at + "charset".Length).TrimStart();
        if (rest is not ['=', ..])
            return null;
        rest = rest[1..].TrimStart(" \"'");
        int end = rest.IndexOfAny(NameEnds);
        return (end < 0 ? rest : rest[..end]).ToString();
    }
}
