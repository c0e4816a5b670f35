using System.IO.Hashing;
using System.Runtime.InteropServices;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Weir.Detection.Content;

/// <summary>Reads a page: HTML → main text, hashes and signature. Safe from any thread; keeps nothing; loads nothing.</summary>
public static class ContentReader
{
    /// <summary>Bytes of a page that are read; what stands behind them is not looked at.</summary>
    public const int BytesMax = 512 * 1024;

    // Real pages of that size hold some 13,000.
    private const int ElementsMax = 20_000;

    // Real pages nest some tens deep; browsers and this parser stop at 512, but go on counting what is open, and building a tree costs the
    // square of that: 20,000 open elements took 4 s.
    private const int DepthMax = 400;
    private const int ElementsBetweenDepthChecks = 256;

    private const int MetaTagsMax = 100;
    private const int LibrariesMax = 50;
    private const int HeadingsMax = 50;
    private const int NameCharactersMax = 80;

    // Search engines show some 60.
    private const int TitleCharactersMax = 300;

    // As the baseline preset has it: a piece of the body, and the tags that may stand in it.
    private const int StructureCharacters = 500;
    private const int StructureTagsMax = 18;

    /// <summary>Reads a page. Never throws, whatever the bytes.</summary>
    /// <param name="html">The page as sent, content encoding undone; over 512 KiB it is judged by its head.</param>
    /// <param name="charset">The charset that the Content-Type header names; null for none.</param>
    /// <param name="reading">What it shows; null when it is false.</param>
    /// <returns>False when the page holds too many elements, or nests them too deep, to be looked at.</returns>
    public static bool TryRead(ReadOnlySpan<byte> html, string? charset, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ContentReading? reading)
    {
        string text = HtmlDecoder.Decode(html.Length > BytesMax ? html[..BytesMax] : html, charset);
        reading = null;
        if (!TryParse(text, out var document))
            return false;
        using (document)
        {
            if (document.Body is not { } body)
                return false;
            string main = MainText.Of(body);
            ulong simHash = SimHash.Of(main, out int words);
            reading = new ContentReading(Bound(document.Title ?? "", TitleCharactersMax), main, words, XxHash3.HashToUInt64(MemoryMarshal.AsBytes(main.AsSpan())), simHash, SignatureOf(text, document, body));
            return true;
        }
    }

    private static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AngleSharp.Html.Dom.IHtmlDocument? document)
    {
        int elements = 0;
        var parser = new HtmlParser(new HtmlParserOptions
        {
            // Throwing is the one way to leave the parser.
            OnCreated = (element, _) =>
            {
                if (++elements > ElementsMax || (elements % ElementsBetweenDepthChecks == 0 && OpenDepth(element.Owner) > DepthMax))
                    throw new TooComplexException();
            },
        });
        document = null;
        try
        {
            document = parser.ParseDocument(text);
            return true;
        }
        catch (TooComplexException)
        {
            return false;
        }
    }

    // What is being built is the last of everything.
    private static int OpenDepth(IDocument? document)
    {
        int depth = 0;
        for (INode? node = document?.DocumentElement; node is not null && depth <= DepthMax; node = node.LastChild)
            depth++;
        return depth;
    }

    private static ContentSignature SignatureOf(string html, IDocument document, IElement body)
    {
        var metaTags = new SortedSet<string>(StringComparer.Ordinal);
        var libraries = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var element in HtmlWalk.Elements(document.DocumentElement))
        {
            if (element.LocalName == "meta" && (element.GetAttribute("name") ?? element.GetAttribute("property")) is { Length: > 0 } name && metaTags.Count < MetaTagsMax)
                metaTags.Add(Bound(name.ToLowerInvariant(), NameCharactersMax));
            if (element.LocalName == "script" && element.GetAttribute("src") is { Length: > 0 } source && libraries.Count < LibrariesMax)
                libraries.Add(LibraryOf(source));
        }
        int elements = 0;
        var headings = new List<string>();
        int depth = HtmlWalk.Nodes(body, node =>
        {
            if (node is not IElement element || node == body)
                return true;
            elements++;
            if (element.LocalName is ['h', >= '1' and <= '6'] && headings.Count < HeadingsMax)
                headings.Add(element.LocalName);
            return true;
        });
        double ratio = html.Length == 0 ? 0 : Math.Min(1, (double)MainText.AllOf(body).Length / html.Length);
        return new ContentSignature(ratio, [.. metaTags], [.. libraries], elements, depth, string.Join(' ', headings),
            [.. IndicatorsOf(html, ratio, metaTags, libraries)]);
    }

    private static IEnumerable<ContentIndicator> IndicatorsOf(string html, double ratio, SortedSet<string> metaTags, SortedSet<string> libraries)
    {
        if (ratio > 0.8)
            yield return ContentIndicator.HighTextRatio;
        if (!metaTags.Contains("description"))
            yield return ContentIndicator.NoDescription;
        if (!metaTags.Contains("og:title"))
            yield return ContentIndicator.NoOpenGraphTitle;
        if (libraries.Count == 0)
            yield return ContentIndicator.NoScriptLibraries;
        if (TagsAtBodysBegin(html) <= StructureTagsMax)
            yield return ContentIndicator.SimpleStructure;
    }

    private static int TagsAtBodysBegin(string html)
    {
        int body = html.IndexOf("<body", StringComparison.OrdinalIgnoreCase);
        int begin = body < 0 ? 0 : html.IndexOf('>', body) + 1;
        return html.AsSpan(begin, Math.Min(StructureCharacters, html.Length - begin)).Count('<');
    }

    // "https://cdn.example.com/jquery-3.7.1.min.js?v=2" → "jquery"
    private static string LibraryOf(string source)
    {
        int end = source.AsSpan().IndexOfAny("?#");
        var name = end < 0 ? source.AsSpan() : source.AsSpan(0, end);
        name = name[(name.LastIndexOf('/') + 1)..];
        foreach (string ending in new[] { ".js", ".mjs", ".min", ".prod", ".production", ".bundle", ".slim", ".esm", ".umd" })
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                name = name[..^ending.Length];
        }
        var bare = name.TrimEnd("0123456789.-_@v");
        return Bound((bare.Length == 0 ? name : bare).ToString().ToLowerInvariant(), NameCharactersMax);
    }

    private static string Bound(string text, int charactersMax) => text.Length <= charactersMax ? text : text[..charactersMax];

    private sealed class TooComplexException : Exception;
}
