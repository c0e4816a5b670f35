namespace Weir.Ingest.AccessLogs;

/// <summary>The formats that Weir reads, and how it tells them apart.</summary>
internal static class LogFormats
{
    // Enough lines to outvote a few broken ones.
    private const int SampleLines = 50;

    /// <summary>Every format by name, for messages.</summary>
    public const string Known = "combined, common, nginx JSON, Caddy JSON, CloudFront, IIS W3C";

    /// <summary>Finds the format that reads most of a file's first lines; null when none reads any.</summary>
    public static LogFormat? Detect(ReadOnlySpan<byte> head)
    {
        LogFormat? best = null;
        int mostRead = 0;
        foreach (var format in All())
        {
            int read = CountRead(format, head);
            if (read > mostRead)
                (best, mostRead) = (format, read);
        }
        return best?.Fresh();
    }

    /// <summary>Each before its first line.</summary>
    public static LogFormat[] All() => [new CombinedLog(isCommon: false), new CombinedLog(isCommon: true),
        new NginxJsonLog(), new CaddyJsonLog(), new W3cLog(isCloudFront: true), new W3cLog(isCloudFront: false)];

    /// <summary>Whether a format reads any of a file's first lines.</summary>
    public static bool Reads(LogFormat format, ReadOnlySpan<byte> head) => CountRead(format, head) > 0;

    private static int CountRead(LogFormat format, ReadOnlySpan<byte> head)
    {
        var scratch = new LineScratch();
        int read = 0;
        for (int lines = 0; lines < SampleLines && head.Length > 0; lines++)
        {
            int end = head.IndexOf((byte)'\n');
            var text = end < 0 ? head : head[..end];
            head = end < 0 ? default : head[(end + 1)..];
            if (text.Length > 0 && text[^1] == '\r')
                text = text[..^1];
            LogLine line = default;
            if (format.TryRead(text, scratch, ref line) == LineResult.Read)
                read++;
        }
        return read;
    }
}
