using System.Buffers.Text;
using System.Text;

namespace Weir.Ingest.AccessLogs;

/// <summary>Undoes what log writers do to texts, and makes bytes fit to be shown.</summary>
internal static class LogText
{
    /// <summary>Whether a log writes this for "nothing": empty or a dash.</summary>
    public static bool IsNothing(ReadOnlySpan<byte> text) => text.Length == 0 || (text.Length == 1 && text[0] == '-');

    /// <summary>The text, or nothing for a dash.</summary>
    public static ReadOnlySpan<byte> OrNothing(ReadOnlySpan<byte> text) => IsNothing(text) ? default : text;

    /// <summary>Finds the quote that ends a quoted text, from its first byte; -1 when there is none. Backslashes escape.</summary>
    public static int IndexOfClosingQuote(ReadOnlySpan<byte> text)
    {
        for (int at = 0; ;)
        {
            int next = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
                return -1;
            at += next;
            if (text[at] == '"')
                return at;
            at += 2;
            if (at >= text.Length)
                return -1;
        }
    }

    /// <summary>Undoes backslash escapes: Apache's (\" \\ \n \xhh), nginx's (\x22) and JSON's (\u00e4). Others stay as they are.</summary>
    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> text, LineScratch scratch)
    {
        if (text.IndexOf((byte)'\\') < 0)
            return text;
        var to = scratch.Room(text.Length);
        int written = 0;
        while (text.Length > 0)
        {
            if (text[0] == '\\' && text.Length > 1)
                written += Escape(ref text, to[written..]);
            else
            {
                to[written++] = text[0];
                text = text[1..];
            }
        }
        return scratch.Take(written);
    }

    /// <summary>Undoes %hh, as CloudFront writes user agents; a stray percent sign stays.</summary>
    public static ReadOnlySpan<byte> UnescapePercent(ReadOnlySpan<byte> text, LineScratch scratch)
    {
        if (text.IndexOf((byte)'%') < 0)
            return text;
        var to = scratch.Room(text.Length);
        int written = 0;
        while (text.Length > 0)
        {
            bool isEscape = TryHex(text, 1, 2, out int value) && text[0] == '%';
            to[written++] = isEscape ? (byte)value : text[0];
            text = text[(isEscape ? 3 : 1)..];
        }
        return scratch.Take(written);
    }

    /// <summary>Turns plus signs into spaces, as IIS writes user agents.</summary>
    public static ReadOnlySpan<byte> UnescapePlus(ReadOnlySpan<byte> text, LineScratch scratch)
    {
        if (text.IndexOf((byte)'+') < 0)
            return text;
        text.Replace(scratch.Room(text.Length), (byte)'+', (byte)' ');
        return scratch.Take(text.Length);
    }

    /// <summary>The head of a hostile line, in printable ASCII: what else is in it is shown as \xhh.</summary>
    public static string Printable(ReadOnlySpan<byte> line, int maxBytes)
    {
        var shown = new StringBuilder(maxBytes + 8);
        foreach (byte b in line[..Math.Min(line.Length, maxBytes)])
        {
            if (b is >= 0x20 and < 0x7F)
                shown.Append((char)b);
            else
                shown.Append($"\\x{b:x2}");
        }
        if (line.Length > maxBytes)
            shown.Append('…');
        return shown.ToString();
    }

    /// <summary>A number that is the whole text; a dash is 0.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        return IsNothing(text) || (Utf8Parser.TryParse(text, out number, out int used) && used == text.Length);
    }

    /// <summary>A status of three digits.</summary>
    public static bool TryStatus(ReadOnlySpan<byte> text, out ushort status)
    {
        bool isRead = TryNumber(text, out ulong number) && number <= 999;
        status = isRead ? (ushort)number : (ushort)0;
        return isRead;
    }

    /// <summary>Seconds with a fraction as microseconds, bounded; 0 when it is none.</summary>
    public static uint Microseconds(ReadOnlySpan<byte> seconds) =>
        Utf8Parser.TryParse(seconds, out double value, out int used) && used == seconds.Length && value > 0
            ? (uint)Math.Min(value * 1_000_000, uint.MaxValue)
            : 0;

    // Reads one escape at the start of text; returns how many bytes it wrote.
    private static int Escape(ref ReadOnlySpan<byte> text, Span<byte> to)
    {
        byte kind = text[1];
        if (kind == 'x' && TryHex(text, 2, 2, out int value))
        {
            text = text[4..];
            to[0] = (byte)value;
            return 1;
        }
        if (kind == 'u' && TryHex(text, 2, 4, out value))
            return Unicode(ref text, value, to);
        int plain = kind switch
        {
            (byte)'"' or (byte)'\\' or (byte)'/' => kind,
            (byte)'n' => '\n',
            (byte)'r' => '\r',
            (byte)'t' => '\t',
            (byte)'b' => '\b',
            (byte)'f' => '\f',
            (byte)'v' => '\v',
            _ => -1,
        };
        to[0] = plain < 0 ? (byte)'\\' : (byte)plain;
        text = text[(plain < 0 ? 1 : 2)..];
        return 1;
    }

    private static int Unicode(ref ReadOnlySpan<byte> text, int value, Span<byte> to)
    {
        text = text[6..];
        if (char.IsHighSurrogate((char)value) && text.Length >= 6 && text[0] == '\\' && text[1] == 'u'
            && TryHex(text, 2, 4, out int low) && char.IsLowSurrogate((char)low))
        {
            value = char.ConvertToUtf32((char)value, (char)low);
            text = text[6..];
        }
        return (Rune.TryCreate(value, out var rune) ? rune : Rune.ReplacementChar).EncodeToUtf8(to);
    }

    private static bool TryHex(ReadOnlySpan<byte> text, int at, int digits, out int value)
    {
        value = 0;
        if (text.Length < at + digits)
            return false;
        foreach (byte b in text.Slice(at, digits))
        {
            int digit = HexDigit(b);
            if (digit < 0)
                return false;
            value = (value << 4) | digit;
        }
        return true;
    }

    private static int HexDigit(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };
}
