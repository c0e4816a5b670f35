using System.Text;
using Microsoft.Extensions.Primitives;
using Weir.Proxy.Beacon;
using Weir.Proxy.Caching;

namespace Weir.Fuzz;

/// <summary>Readers of what origins and browsers write.</summary>
internal static class WebTargets
{
    // The last byte says where the page is cut: what comes in pieces must be read as what comes whole.
    public static void ReadHtmlHead(byte[] bytes)
    {
        if (bytes.Length == 0)
            return;
        var page = bytes.AsSpan(0, bytes.Length - 1);
        int whole = PlaceIn(page, page.Length), pieces = PlaceIn(page, 1 + bytes[^1]);
        Target.Require(whole == pieces, $"the place is {whole} in one piece, {pieces} in pieces of {1 + bytes[^1]} bytes");
        Target.Require(whole < 0 || page[whole..].StartsWith("</"u8) || page[whole..].StartsWith("<"u8), $"no tag stands at {whole}");
    }

    // Lines of one header. What a second line says may make an answer staler, never keep what the first forbids.
    public static void ReadCacheControl(byte[] bytes)
    {
        string[] lines = Encoding.Latin1.GetString(bytes).Split('\n');
        var read = CacheControl.Read(new StringValues(lines));
        Target.Require(read.MaxAge is null or >= 0 && read.SharedMaxAge is null or >= 0 && read.StaleIfError is null or >= 0 && read.MaxStale is null or >= 0
            && read.MinFresh >= 0 && read.StaleWhileRevalidate >= 0, $"a time below 0: {read}");
        var more = CacheControl.Read(new StringValues([.. lines, "max-age=7, s-maxage=7, stale-while-revalidate=7, stale-if-error=7"]));
        Target.Require(!read.NoStore || more.NoStore, "a further line took no-store away");
        Target.Require(!IsWhole(lines[^1]) || ((read.MaxAge ?? 7) == more.MaxAge && (read.SharedMaxAge ?? 7) == more.SharedMaxAge && (read.StaleIfError ?? 7) == more.StaleIfError), $"the first is not what counts: {read}, then {more}");
    }

    // Within a quoted text a line's end is part of it.
    private static bool IsWhole(string line) => !line.Contains('"', StringComparison.Ordinal);

    private static int PlaceIn(ReadOnlySpan<byte> page, int piece)
    {
        var scanner = new HtmlHeadScanner();
        int begin = 0;
        for (int end = Math.Min(piece, page.Length); ; end = Math.Min(end + piece, page.Length))
        {
            int place = scanner.Scan(page[begin..end], out int taken);
            Target.Require(taken >= 0 && taken <= end - begin, $"{taken} bytes taken of {end - begin}");
            if (place >= 0)
                return begin + place;
            if (scanner.IsDone || end == page.Length)
                return -1;
            begin += taken;
        }
    }
}
