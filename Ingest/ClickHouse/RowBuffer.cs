using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Text;

namespace Weir.Ingest.ClickHouse;

/// <summary>Rows in ClickHouse's RowBinary format, in pooled memory that grows. For one thread at a time.</summary>
/// <remarks>Format: https://clickhouse.com/docs/interfaces/formats/RowBinary. Numbers are little-endian, texts are UTF-8 behind a LEB128
/// length, columns follow each other with nothing between.</remarks>
internal sealed class RowBuffer : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private readonly List<int> _rowEnds = [];
    private int _length;

    public int Rows => _rowEnds.Count;

    /// <summary>Bytes of whole rows and of the one under way.</summary>
    public int Length => _length;

    /// <summary>The bytes of some rows; valid until the next write.</summary>
    public ReadOnlyMemory<byte> Slice(int firstRow, int rows)
    {
        int from = StartOf(firstRow);
        return _bytes.AsMemory(from, _rowEnds[firstRow + rows - 1] - from);
    }

    /// <summary>Rows as a stream that the caller may send and dispose; valid until the next write.</summary>
    public MemoryStream AsStream(int firstRow, int rows)
    {
        int from = StartOf(firstRow);
        return new MemoryStream(_bytes, from, rows == 0 ? 0 : _rowEnds[firstRow + rows - 1] - from, writable: false);
    }

    public void EndRow() => _rowEnds.Add(_length);

    /// <summary>Forgets what was written since the last whole row.</summary>
    public void DropRow() => _length = _rowEnds.Count == 0 ? 0 : _rowEnds[^1];

    /// <summary>Copies a whole row from another buffer.</summary>
    public void CopyRow(RowBuffer from, int row)
    {
        WriteRow(from.Slice(row, 1).Span);
    }

    /// <summary>Takes a whole row that was encoded before.</summary>
    public void WriteRow(ReadOnlySpan<byte> row)
    {
        row.CopyTo(Room(row.Length));
        EndRow();
    }

    public void Clear()
    {
        _length = 0;
        _rowEnds.Clear();
    }

    public void Write(byte value) => Room(1)[0] = value;

    public void Write(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Room(2), value);

    public void Write(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);

    public void Write(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);

    public void Write(float value) => BinaryPrimitives.WriteSingleLittleEndian(Room(4), value);

    /// <summary>An IPv6 column: the one number that travels in network order.</summary>
    public void WriteIPv6(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Room(16), value);

    /// <summary>A text of any bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVarInt(Room(VarIntLength(bytes.Length)), bytes.Length);
        bytes.CopyTo(Room(bytes.Length));
    }

    /// <summary>A text; what is no text (lone surrogates) becomes U+FFFD. Longer than <paramref name="maxChars"/>: its head.</summary>
    public void Write(ReadOnlySpan<char> text, int maxChars)
    {
        if (text.Length > maxChars)
            text = text[..(char.IsHighSurrogate(text[maxChars - 1]) ? maxChars - 1 : maxChars)];
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Reserve(most + 5);
        // The length goes before the text and is known after it: room for its digits is guessed from the characters, which is right
        // for ASCII; other texts are moved by a byte or two.
        int digits = VarIntLength(text.Length);
        int bytes = Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length + digits));
        int needed = VarIntLength(bytes);
        if (needed != digits)
            _bytes.AsSpan(_length + digits, bytes).CopyTo(_bytes.AsSpan(_length + needed));
        WriteVarInt(_bytes.AsSpan(_length), bytes);
        _length += needed + bytes;
    }

    public void Dispose()
    {
        var bytes = Interlocked.Exchange(ref _bytes, []);
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>Reads a LEB128 number; moves <paramref name="bytes"/> behind it.</summary>
    internal static int ReadVarInt(ref ReadOnlySpan<byte> bytes)
    {
        int value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = bytes[0];
            bytes = bytes[1..];
            value |= (b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
    }

    private int StartOf(int row) => row == 0 ? 0 : _rowEnds[row - 1];

    private Span<byte> Room(int size)
    {
        Reserve(size);
        var room = _bytes.AsSpan(_length, size);
        _length += size;
        return room;
    }

    private void Reserve(int size)
    {
        if (_bytes.Length - _length >= size)
            return;
        Debug.Assert(_bytes.Length > 0, "written after Dispose");
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + size));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }

    private static int VarIntLength(int value) => (BitOperations.Log2((uint)value | 1) / 7) + 1;

    /// <summary>Writes a LEB128 number; returns its length.</summary>
    internal static int WriteVarInt(Span<byte> to, int value)
    {
        int i = 0;
        uint rest = (uint)value;
        for (; rest >= 0x80; rest >>= 7)
            to[i++] = (byte)(rest | 0x80);
        to[i] = (byte)rest;
        return i + 1;
    }
}
