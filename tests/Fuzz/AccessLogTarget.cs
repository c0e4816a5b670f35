using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.AccessLogs;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Privacy;

namespace Weir.Fuzz;

/// <summary>Lines of access logs, which anybody who makes requests has a part in.</summary>
internal static class AccessLogTarget
{
    private static readonly Lazy<LogHits> Hits = new(() => new LogHits(SiteId.Parse("fuzz"), new Detector(CrawlerCatalog.Load())));
    private static readonly LogTimeline Timeline = new();
    private static readonly DailySalts Salts = new(null, TimeProvider.System);

    /// <summary>Reads the bytes as a log of every format; what is read must be storable.</summary>
    public static void Read(byte[] bytes)
    {
        foreach (var format in (LogFormat[])[.. LogFormats.All(), PatternLog.Of("$remote_addr [$time_local] \"$request\" $status \"$http_user_agent\"")])
            ReadLines(format, bytes);
        using var lines = new LineReader(new MemoryStream(bytes));
        _ = LogFormats.Detect(lines.Peek());
        long before = -1;
        while (lines.TryRead(out var line, out _))
        {
            Target.Require(lines.Offset > before && lines.Offset <= bytes.Length, $"line of {line.Length} bytes ends at {lines.Offset} of {bytes.Length}");
            before = lines.Offset;
        }
        Target.Require(lines.Offset == bytes.Length, $"{lines.Offset} bytes of {bytes.Length} were read");
    }

    private static void ReadLines(LogFormat format, byte[] bytes)
    {
        var scratch = new LineScratch();
        using var rows = new RowBuffer();
        Timeline.Begin();
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            var text = bytes.AsSpan()[range];
            LogLine line = default;
            if (format.TryRead(text, scratch, ref line) != LineResult.Read)
                continue;
            Target.Require(line.Status <= 999, $"{format.Name}: status {line.Status}");
            var hit = Hits.Value.HitOf(text, line, Timeline);
            Target.Require(HitEncoder.TryWrite(rows, hit, Salts) == HitEncoder.CanHoldTime(line.TimeMs), $"{format.Name}: a line was read that cannot be stored");
        }
    }
}
