using System.Text;
using Weir.Ingest.AccessLogs;

namespace Weir.Ingest.Tests.AccessLogs;

/// <summary>A line as read, with texts that tests can compare.</summary>
internal sealed record ReadLine(
    DateTimeOffset Time, string Address, string Method, string Host, string Path, string Query, int Version, int Status, ulong Bytes,
    uint DurationUs, string UserAgent, string Referrer)
{
    /// <summary>Reads lines in one format; null stands for a line that was rejected, comments are left out.</summary>
    public static List<ReadLine?> All(LogFormat format, params string[] lines)
    {
        List<ReadLine?> read = [];
        var scratch = new LineScratch();
        foreach (string text in lines)
        {
            LogLine line = default;
            var result = format.TryRead(Encoding.UTF8.GetBytes(text), scratch, ref line);
            if (result != LineResult.Comment)
                read.Add(result == LineResult.Read ? Of(line) : null);
        }
        return read;
    }

    private static ReadLine Of(in LogLine line) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(line.TimeMs), line.ClientAddress.ToString(), Text(line.Method), Text(line.Host), Text(line.Path),
        Text(line.Query), line.HttpVersion, line.Status, line.BytesSent, line.DurationUs, Text(line.UserAgent), Text(line.Referrer));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
