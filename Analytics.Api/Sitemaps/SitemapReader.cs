using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;
using Weir.Analytics.Api.Reports;

namespace Weir.Analytics.Api.Sitemaps;

/// <summary>A page of a sitemap.</summary>
/// <param name="Host">Its host, in small letters.</param>
/// <param name="Path">Path as a client sends it, percent-encoded.</param>
/// <param name="Query">Query without its question mark; empty without one.</param>
/// <param name="LastModified">When the site says that it last changed; null when it does not say.</param>
internal readonly record struct SitemapPage(string Host, string Path, string Query, DateTimeOffset? LastModified);

/// <summary>What a sitemap says.</summary>
/// <param name="Pages">Its pages, each once.</param>
/// <param name="Children">Addresses of further sitemaps, when it is an index.</param>
/// <param name="Refused">Entries that are no address of a page: relative, of another scheme, or over 2,048 characters.</param>
internal sealed record Sitemap(IReadOnlyList<SitemapPage> Pages, IReadOnlyList<string> Children, int Refused);

/// <summary>Reads sitemaps (sitemaps.org 0.9): XML, an index, or a text with an address a line; each plain or as gzip. Bounded in bytes and pages.</summary>
internal static class SitemapReader
{
    /// <summary>Bytes before and after unpacking: what the protocol allows.</summary>
    public const int BytesMax = 50 * 1024 * 1024;

    /// <summary>Pages of one sitemap. The protocol allows 50,000 in a file; a text may be put together of several.</summary>
    public const int PagesMax = 500_000;

    private const int AddressMaxLength = 2_048, ChildrenMax = 50_000;

    private static readonly XmlReaderSettings Safe = new()
    {
        Async = true,
        // No entity is expanded and nothing is fetched, whatever the file says.
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = BytesMax,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    /// <summary>Reads one.</summary>
    /// <exception cref="SitemapException">It is none, or too large.</exception>
    public static async Task<Sitemap> ReadAsync(Stream body, CancellationToken stop)
    {
        byte[] bytes = await BytesOfAsync(body, stop);
        try
        {
            if (bytes is [0x1f, 0x8b, ..])
            {
                await using var packed = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
                bytes = await BytesOfAsync(packed, stop);
            }
            var entries = new Entries();
            if (IsXml(bytes))
                await ReadXmlAsync(bytes, entries, stop);
            else
                ReadText(bytes, entries);
            return new Sitemap([.. entries.Pages.Values], entries.Children, entries.Refused);
        }
        catch (Exception e) when (e is XmlException or InvalidDataException)
        {
            throw new SitemapException(e is XmlException xml
                ? $"Line {xml.LineNumber}, character {xml.LinePosition}: this is no XML that is read here (no document type is)." : "The gzip data is damaged.", e);
        }
    }

    private static async Task<byte[]> BytesOfAsync(Stream stream, CancellationToken stop)
    {
        using var whole = new MemoryStream();
        byte[] piece = new byte[81_920];
        int read;
        while ((read = await stream.ReadAsync(piece, stop)) > 0)
        {
            if (whole.Length + read > BytesMax)
                throw new SitemapException($"A sitemap has at most {BytesMax / 1024 / 1024} MB, unpacked.");
            whole.Write(piece, 0, read);
        }
        return whole.ToArray();
    }

    private static bool IsXml(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> space = " \t\r\n"u8;
        bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        return bytes.TrimStart(space) is [(byte)'<', ..] || bytes is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..];
    }

    private static async Task ReadXmlAsync(byte[] bytes, Entries entries, CancellationToken stop)
    {
        using var xml = XmlReader.Create(new MemoryStream(bytes), Safe);
        await xml.MoveToContentAsync();
        bool isIndex = xml.LocalName == "sitemapindex";
        if (!isIndex && xml.LocalName != "urlset")
            throw new SitemapException($"The root is '{xml.LocalName[..Math.Min(40, xml.LocalName.Length)]}'; a sitemap has urlset or sitemapindex.");
        string? address = null, modified = null;
        await xml.ReadAsync();
        while (!xml.EOF)
        {
            stop.ThrowIfCancellationRequested();
            // Deeper ones are of extensions: images, videos, other languages. Reading an element's text moves behind it.
            if (xml is { NodeType: XmlNodeType.Element, Depth: 2, LocalName: "loc" })
                address = await xml.ReadElementContentAsStringAsync();
            else if (xml is { NodeType: XmlNodeType.Element, Depth: 2, LocalName: "lastmod" })
                modified = await xml.ReadElementContentAsStringAsync();
            else
            {
                if (xml is { NodeType: XmlNodeType.EndElement, Depth: 1 })
                {
                    entries.Add(address, modified, isIndex);
                    (address, modified) = (null, null);
                }
                await xml.ReadAsync();
            }
        }
    }

    private static void ReadText(byte[] bytes, Entries entries)
    {
        using var text = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
        while (text.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
                entries.Add(line, null, isIndex: false);
        }
    }

    private sealed class Entries
    {
        public Dictionary<(string, string, string), SitemapPage> Pages { get; } = [];
        public List<string> Children { get; } = [];
        public int Refused { get; private set; }

        public void Add(string? address, string? modified, bool isIndex)
        {
            if (Parse(address) is not { } uri)
            {
                Refused++;
                return;
            }
            if (isIndex)
            {
                if (Children.Count < ChildrenMax)
                    Children.Add(uri.AbsoluteUri);
                return;
            }
            var page = new SitemapPage(uri.IdnHost, uri.AbsolutePath, uri.Query.TrimStart('?'), Time(modified));
            Pages[(page.Host, page.Path, page.Query)] = page;
            if (Pages.Count > PagesMax)
                throw new SitemapException(string.Create(CultureInfo.InvariantCulture, $"A sitemap has at most {PagesMax:N0} pages."));
        }

        private static Uri? Parse(string? address)
        {
            string text = address?.Trim() ?? "";
            return text.Length is > 0 and <= AddressMaxLength && Uri.TryCreate(text, UriKind.Absolute, out var uri)
                && (uri.Scheme is "http" or "https") && uri.UserInfo.Length == 0 ? uri : null;
        }

        // W3C datetime; a year alone or a month says little and is passed over.
        private static DateTimeOffset? Time(string? text) =>
            text?.Trim() is { Length: > 0 and <= 40 } time && TimeRange.TryParseTime(time, out var at) ? at : null;
    }
}

/// <summary>A sitemap that cannot be used, in words for whoever sent it.</summary>
internal sealed class SitemapException(string why, Exception? inner = null) : Exception(why, inner);
