using System.Text;
using CsCheck;
using Weir.Ingest.ClickHouse;
using Weir.TestKit;

namespace Weir.Ingest.Tests.ClickHouse;

public class RowBufferTests
{
    [Fact]
    public void A_text_is_its_length_and_its_UTF8() => Gen.String.Sample(text =>
    {
        using var rows = new RowBuffer();
        rows.Write(text, 8192);
        rows.EndRow();
        var bytes = rows.Slice(0, 1).Span;
        int length = RowBuffer.ReadVarInt(ref bytes);
        return length == bytes.Length && Encoding.UTF8.GetString(bytes) == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    });

    [Theory]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(9000)]
    public void A_long_text_keeps_its_head(int length)
    {
        using var rows = new RowBuffer();
        rows.Write(new string('ä', length), 8192);
        rows.EndRow();
        var bytes = rows.Slice(0, 1).Span;
        Assert.Equal(Math.Min(length, 8192) * 2, RowBuffer.ReadVarInt(ref bytes));
    }

    [Fact]
    public void The_head_of_a_text_ends_at_a_whole_character()
    {
        using var rows = new RowBuffer();
        rows.Write("a😀b", 2);
        rows.EndRow();
        Assert.Equal([1, (byte)'a'], rows.Slice(0, 1).ToArray());
    }

    [Fact]
    public void Encoding_a_hit_allocates_nothing_while_there_is_room()
    {
        using var rows = new RowBuffer();
        var hit = Hits.Number(1);
        for (int i = 0; i < 1_000; i++)
            HitEncoder.TryWrite(rows, hit, Salts.Any);
        AllocationBudget.Bytes(0, () =>
        {
            if (rows.Rows == 1_000)
                rows.Clear();
            HitEncoder.TryWrite(rows, hit, Salts.Any);
        });
    }

    [Fact]
    public void The_month_is_ClickHouses() => Gen.Long[0, 10_413_792_000_000 - 1].Sample(timeMs =>
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(timeMs);
        return HitEncoder.MonthOf(timeMs) == (time.Year * 100) + time.Month;
    });
}
