using System.IO.Hashing;
using System.Text;

namespace Weir.Ingest.AccessLogs;

/// <summary>Makes strings of log texts, and the same string of the same text: paths and user agents of a log repeat. For one thread at a
/// time; memory has a bound.</summary>
internal sealed class TextCache
{
    private const int Places = 1 << 15;  // a power of two; × at most 512 characters
    private const int CharsMax = 512;
    private readonly string?[] _texts = new string?[Places];

    /// <summary>The text as a string; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Get(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0)
            return "";
        // The look-up compares bytes with characters, which only ASCII allows; anything else is rare in a log.
        if (text.Length > CharsMax || !Ascii.IsValid(text))
            return Encoding.UTF8.GetString(text);
        ref string? place = ref _texts[XxHash3.HashToUInt64(text) & (Places - 1)];
        if (place is not null && Ascii.Equals(text, place))
            return place;
        return place = Encoding.ASCII.GetString(text);
    }
}
