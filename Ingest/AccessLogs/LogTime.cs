using System.Buffers.Text;

namespace Weir.Ingest.AccessLogs;

/// <summary>Reads the times that access logs write. All of them come out as milliseconds since 1970-01-01 UTC.</summary>
internal static class LogTime
{
    /// <summary>Length of <c>17/May/2015:10:05:03 +0000</c>.</summary>
    public const int CommonLength = 26;

    /// <summary>Reads <c>17/May/2015:10:05:03 +0000</c>, the time of the common and combined formats.</summary>
    public static bool TryReadCommon(ReadOnlySpan<byte> text, out long timeMs)
    {
        timeMs = 0;
        if (text.Length != CommonLength || text[2] != '/' || text[6] != '/' || text[11] != ':' || text[14] != ':' || text[17] != ':'
            || text[20] != ' ' || text[21] is not ((byte)'+' or (byte)'-'))
            return false;
        int month = MonthOf(text.Slice(3, 3));
        int zone = (Digits(text.Slice(22, 2)) * 60) + Digits(text.Slice(24, 2));
        return zone is >= 0 and <= 18 * 60 && month > 0
            && TryJoin(Digits(text.Slice(7, 4)), month, Digits(text[..2]), text.Slice(12, 8), text[21] == '-' ? -zone : zone, out timeMs);
    }

    /// <summary>Reads <c>2026-01-05</c> and <c>12:00:59</c>, both UTC, as W3C logs have them.</summary>
    public static bool TryReadW3c(ReadOnlySpan<byte> date, ReadOnlySpan<byte> time, out long timeMs)
    {
        timeMs = 0;
        return date.Length == 10 && date[4] == '-' && date[7] == '-' && time.Length >= 8
            && TryJoin(Digits(date[..4]), Digits(date.Slice(5, 2)), Digits(date.Slice(8, 2)), time[..8], 0, out timeMs);
    }

    /// <summary>Reads seconds since 1970 with or without a fraction, ISO 8601 with a zone, or the common format.</summary>
    public static bool TryReadAny(ReadOnlySpan<byte> text, out long timeMs)
    {
        if (Utf8Parser.TryParse(text, out double seconds, out int used) && used == text.Length)
        {
            timeMs = (long)Math.Round(Math.Clamp(seconds, -1, 1e11) * 1000);
            return seconds is > 0 and < 1e11;
        }
        if (TryReadCommon(text, out timeMs))
            return true;
        Span<char> chars = stackalloc char[40];
        if (text.Length > chars.Length || !System.Text.Ascii.IsValid(text))
            return false;
        int length = System.Text.Encoding.ASCII.GetChars(text, chars);
        if (!DateTimeOffset.TryParse(chars[..length], null, System.Globalization.DateTimeStyles.AssumeUniversal, out var time))
            return false;
        timeMs = time.ToUnixTimeMilliseconds();
        return true;
    }

    private static bool TryJoin(int year, int month, int day, ReadOnlySpan<byte> clock, int zoneMinutes, out long timeMs)
    {
        timeMs = 0;
        int hour = Digits(clock[..2]), minute = Digits(clock.Slice(3, 2)), second = Digits(clock.Slice(6, 2));
        if (clock[2] != ':' || clock[5] != ':' || year is < 1 or > 9998 || month is < 1 or > 12 || day < 1
            || day > DateTime.DaysInMonth(year, month) || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
            return false;
        long days = new DateOnly(year, month, day).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        timeMs = ((days * 86_400) + (hour * 3600) + ((minute - zoneMinutes) * 60) + second) * 1000;
        return true;
    }

    // -1 or less when a byte is no digit.
    private static int Digits(ReadOnlySpan<byte> text)
    {
        int number = 0;
        foreach (byte b in text)
        {
            if (b is < (byte)'0' or > (byte)'9')
                return -10_000;
            number = (number * 10) + b - '0';
        }
        return number;
    }

    private static int MonthOf(ReadOnlySpan<byte> name) => (name[0] << 16 | name[1] << 8 | name[2]) switch
    {
        'J' << 16 | 'a' << 8 | 'n' => 1,
        'F' << 16 | 'e' << 8 | 'b' => 2,
        'M' << 16 | 'a' << 8 | 'r' => 3,
        'A' << 16 | 'p' << 8 | 'r' => 4,
        'M' << 16 | 'a' << 8 | 'y' => 5,
        'J' << 16 | 'u' << 8 | 'n' => 6,
        'J' << 16 | 'u' << 8 | 'l' => 7,
        'A' << 16 | 'u' << 8 | 'g' => 8,
        'S' << 16 | 'e' << 8 | 'p' => 9,
        'O' << 16 | 'c' << 8 | 't' => 10,
        'N' << 16 | 'o' << 8 | 'v' => 11,
        'D' << 16 | 'e' << 8 | 'c' => 12,
        _ => 0,
    };
}
