using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Weir.Detection.Identification;

/// <summary>What a range list file says.</summary>
/// <param name="Prefixes">Every prefix, in file order.</param>
/// <param name="CreatedAt">The file's own creation time; null when it states none.</param>
/// <param name="ContentHash">The first 12 hex digits of the SHA-256 of its bytes.</param>
internal sealed record RangeListContent(IReadOnlyList<Prefix> Prefixes, DateTimeOffset? CreatedAt, string ContentHash);

/// <summary>Reads range lists in the shapes that operators and mirrors publish: JSON of several kinds, one a line, CSV.</summary>
/// <remarks>A creation time without a zone is UTC: Google and Apple write it so.</remarks>
internal static class RangeListReader
{
    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 16 };

    /// <summary>Reads a file. Throws <see cref="RangeListException"/> with the place and the mend, and nothing else.</summary>
    public static RangeListContent Read(string file, ReadOnlyMemory<byte> content, string? section)
    {
        var bytes = content.Span;
        if (bytes.StartsWith("\uFEFF"u8))
            content = content[3..];
        string hash = Convert.ToHexStringLower(SHA256.HashData(content.Span)).Substring(0, 12);
        var first = content.Span.TrimStart(" \t\r\n"u8);
        if (first.IsEmpty)
            return new RangeListContent([], null, hash);
        return first[0] switch
        {
            (byte)'{' or (byte)'[' => ReadJson(file, content, section, hash),
            (byte)'<' => throw new RangeListException(RefusalReason.Unreadable, file, "line 1", "this is an HTML page, not a list.",
                "Fetch the list itself; the page may link to it."),
            _ => new RangeListContent(ReadLines(file, content.Span), null, hash),
        };
    }

    private static RangeListContent ReadJson(string file, ReadOnlyMemory<byte> content, string? section, string hash)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(content, Options);
        }
        catch (JsonException error)
        {
            throw new RangeListException(RefusalReason.Unreadable, file, $"line {error.LineNumber + 1}", "this is not JSON.",
                "Fetch it again: it may have been cut short.");
        }
        using (document)
        {
            var walk = new RangeListWalk(file);
            try
            {
                walk.Read(document.RootElement, section);
            }
            catch (InvalidOperationException) // a text that is not UTF-8 is only found when it is read
            {
                throw new RangeListException(RefusalReason.Unreadable, file, "$", "a text in it is not UTF-8.", "Fetch it again.");
            }
            return new RangeListContent(walk.Prefixes, walk.CreatedAt, hash);
        }
    }

    private static List<Prefix> ReadLines(string file, ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        List<Prefix> prefixes = [];
        int number = 0;
        foreach (var rawLine in text.AsSpan().EnumerateLines())
        {
            number++;
            var line = rawLine;
            int comment = line.IndexOfAny('#', ';');
            if (comment >= 0)
                line = line[..comment];
            int comma = line.IndexOf(',');
            var field = (comma < 0 ? line : line[..comma]).Trim(" \t\"");
            if (field.IsEmpty)
                continue;
            if (Prefix.TryParse(field, out var prefix))
                prefixes.Add(prefix);
            else if (number > 1 || comma < 0) // a CSV may begin with the names of its columns
                throw NotAPrefix(file, $"line {number}", field);
        }
        return prefixes;
    }

    internal static RangeListException NotAPrefix(string file, string place, ReadOnlySpan<char> text) =>
        new(RefusalReason.Unreadable, file, place, $"'{(text.Length > 60 ? text[..60] : text)}' is not a prefix.",
            "Write an address, or an address and a length, such as 203.0.113.0/24.");

    internal static bool TryReadTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
