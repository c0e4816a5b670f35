using System.Globalization;

namespace Weir.Proxy.Policies;

/// <summary>Brings a path to the one form that rules are compared with, so that <c>/%70rivate</c>, <c>//private</c> and <c>/x/../private</c>
/// do not slip past a rule for <c>/private</c>: what most servers make of them.</summary>
internal static class NormalPath
{
    /// <summary>The path without needless escapes, empty segments and dot segments. Allocates nothing.</summary>
    /// <param name="path">As sent, with its leading slash; hostile.</param>
    /// <param name="buffer">Room for as many characters, used when the path is not normal already.</param>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> path, Span<char> buffer) => IsNormal(path) ? path : Write(path, buffer);

    /// <summary>Whether nothing has to be changed. Some normal paths with a dot behind a slash are not seen as such.</summary>
    public static bool IsNormal(ReadOnlySpan<char> path) =>
        !path.Contains('%') && path.IndexOf("//", StringComparison.Ordinal) < 0 && path.IndexOf("/.", StringComparison.Ordinal) < 0;

    private static ReadOnlySpan<char> Write(ReadOnlySpan<char> path, Span<char> to)
    {
        int length = 0;
        for (int i = 0; i < path.Length; i++)
        {
            char c = path[i];
            if (c == '%' && TryDecode(path[i..], out char decoded))
            {
                c = decoded;
                i += 2;
            }
            if (c == '/')
                length = EndSegment(to, length);
            if (c != '/' || length == 0 || to[length - 1] != '/')
                to[length++] = c;
        }
        return to[..EndSegment(to, length)];
    }

    // An escaped slash, question mark, hash or percent means something else than the bare one; other visible characters do not.
    private static bool TryDecode(ReadOnlySpan<char> text, out char c)
    {
        c = '\0';
        if (text.Length < 3 || !byte.TryParse(text.Slice(1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            return false;
        c = (char)value;
        return value is > 0x20 and < 0x7F && c is not ('/' or '?' or '#' or '%' or '*' or '$');
    }

    // "." goes, ".." takes the segment before along.
    private static int EndSegment(ReadOnlySpan<char> written, int length)
    {
        int slash = written[..length].LastIndexOf('/');
        if (slash < 0)
            return length;
        var segment = written[(slash + 1)..length];
        if (segment is ".")
            return slash + 1;
        if (segment is not "..")
            return length;
        int before = written[..slash].LastIndexOf('/');
        return Math.Max(before, 0) + 1;
    }
}
