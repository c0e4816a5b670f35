using System.Buffers;

namespace Weir.Ingest.ClickHouse;

/// <summary>Encoded rows as one block of ClickHouse's Native format, column by column and in the table's order. For one thread at a time.</summary>
/// <remarks>
/// Rows are what batches are made, halved, compared and kept on disk by. They are turned into columns only to travel: the server then
/// copies where it would have to read value by value, and rows in order need not be sorted there. Values have the same bytes in both
/// formats. https://clickhouse.com/docs/interfaces/formats/Native, and SerializationLowCardinality.cpp for dictionaries.
/// </remarks>
internal sealed class NativeBlock : IDisposable
{
    private readonly NativeValues[] _values;
    private readonly byte[] _head = new byte[10];
    private readonly int _headLength;

    private NativeBlock(NativeColumn[] columns, int rows)
    {
        _values = Array.ConvertAll(columns, c => new NativeValues(c, rows));
        _headLength = RowBuffer.WriteVarInt(_head, columns.Length);
        _headLength += RowBuffer.WriteVarInt(_head.AsSpan(_headLength), rows);
    }

    /// <summary>Makes the block of some rows.</summary>
    /// <param name="rows">Encoded as the columns say, time, site and id first.</param>
    /// <param name="firstRow">The first of them.</param>
    /// <param name="count">How many, at least one.</param>
    /// <param name="columns">Their columns.</param>
    public static NativeBlock Of(RowBuffer rows, int firstRow, int count, NativeColumn[] columns)
    {
        var block = new NativeBlock(columns, count);
        int[]? order = OrderOf(rows, firstRow, count);
        for (int i = 0; i < count; i++)
            block.Add(rows.Slice(order is null ? firstRow + i : order[i], 1).Span);
        return block;
    }

    /// <summary>The block's bytes; valid until this is disposed.</summary>
    public Stream AsStream()
    {
        var segments = new List<ReadOnlyMemory<byte>>((_values.Length * 4) + 1) { _head.AsMemory(0, _headLength) };
        foreach (var values in _values)
            values.AddTo(segments);
        return new SegmentStream(segments);
    }

    public void Dispose()
    {
        foreach (var values in _values)
            values.Dispose();
    }

    private void Add(ReadOnlySpan<byte> row)
    {
        foreach (var values in _values)
        {
            if (values.Width > 0)
            {
                values.Add(row[..values.Width]);
                row = row[values.Width..];
                continue;
            }
            var behind = row;
            int length = RowBuffer.ReadVarInt(ref behind);
            int whole = row.Length - behind.Length + length;
            values.AddText(row[..whole], behind[..length]);
            row = row[whole..];
        }
    }

    // Rows of one site sorted by time and id, as the table keeps them; null when they are, or are of several sites.
    private static int[]? OrderOf(RowBuffer rows, int firstRow, int count)
    {
        var keys = ArrayPool<UInt128>.Shared.Rent(count);
        try
        {
            bool isSorted = true;
            var site = HitEncoder.SiteOf(rows.Slice(firstRow, 1).Span);
            for (int i = 0; i < count; i++)
            {
                var row = rows.Slice(firstRow + i, 1).Span;
                if (!HitEncoder.SiteOf(row).SequenceEqual(site))
                    return null;
                var (timeMs, hitId) = rows.KeyOf(firstRow + i);
                keys[i] = new UInt128((ulong)timeMs, hitId);
                isSorted &= i == 0 || keys[i - 1] <= keys[i];
            }
            if (isSorted)
                return null;
            int[] order = new int[count];
            for (int i = 0; i < count; i++)
                order[i] = firstRow + i;
            Array.Sort(keys, order, 0, count);
            return order;
        }
        finally
        {
            ArrayPool<UInt128>.Shared.Return(keys);
        }
    }
}
