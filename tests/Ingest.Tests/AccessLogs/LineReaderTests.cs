using System.Text;
using CsCheck;
using Weir.Ingest.AccessLogs;

namespace Weir.Ingest.Tests.AccessLogs;

public class LineReaderTests
{
    [Fact]
    public void Lines_are_those_of_a_plain_split() => Gen.Byte[10, 13].Array[0, 60].Sample(bytes =>
    {
        string text = Encoding.Latin1.GetString(bytes);
        Assert.Equal(Split(text), Read(bytes, chunk: 3).Select(l => l.Text));
    });

    [Fact]
    public void A_line_of_just_the_longest_length_is_read()
    {
        byte[] bytes = Encoding.ASCII.GetBytes($"a\n{new string('x', LineReader.LineBytesMax)}\nb");
        var lines = Read(bytes, 100_000);
        Assert.Equal(["a", new string('x', LineReader.LineBytesMax), "b"], lines.Select(l => l.Text));
        Assert.DoesNotContain(lines, l => l.IsTooLong);
    }

    [Theory]
    [InlineData(LineReader.LineBytesMax + 1)]
    [InlineData(LineReader.LineBytesMax * 5)]
    public void A_longer_line_is_passed_over_and_the_next_is_read(int length)
    {
        byte[] bytes = Encoding.ASCII.GetBytes($"a\nhead{new string('x', length - 4)}\nb\nc");
        var lines = Read(bytes, 100_000);
        Assert.Equal([("a", false), ("head", true), ("b", false), ("c", false)], lines.Select(l => (l.IsTooLong ? l.Text[..4] : l.Text, l.IsTooLong)));
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_first_line() => Assert.Equal(["a"], Read([0xEF, 0xBB, 0xBF, (byte)'a'], 1).Select(l => l.Text));

    [Fact]
    public void The_same_line_counts_up_and_a_new_log_begins_anew()
    {
        var table = new OccurrenceTable();
        Assert.Equal([0u, 0u, 1u, 2u, 1u], new[] { 7ul, 8ul, 7ul, 7ul, 8ul }.Select(table.CountBefore));
        table.Clear();
        Assert.Equal(0u, table.CountBefore(7));
    }

    // What is behind the last line end is a line unless it is empty; so is nothing of an empty file.
    private static List<string> Split(string text)
    {
        var lines = text.Split('\n').ToList();
        if (lines[^1] is "" or "\r")
            lines.RemoveAt(lines.Count - 1);
        return [.. lines.Select(l => l.EndsWith('\r') ? l[..^1] : l)];
    }

    private static List<(string Text, bool IsTooLong)> Read(byte[] bytes, int chunk)
    {
        using var reader = new LineReader(new ChunkStream(bytes, chunk));
        List<(string, bool)> lines = [];
        while (reader.TryRead(out var line, out bool isTooLong))
            lines.Add((Encoding.Latin1.GetString(line), isTooLong));
        return lines;
    }

    // Gives a few bytes at a time, as a pipe does.
    private sealed class ChunkStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, chunk));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, chunk)]);
    }
}
