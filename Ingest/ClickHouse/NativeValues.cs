using System.Buffers;
using System.Buffers.Binary;

namespace Weir.Ingest.ClickHouse;

/// <summary>The values of one column of a block.</summary>
internal sealed class NativeValues : IDisposable
{
    // SerializationLowCardinality.cpp: keys travel with the block, and numbers are of the width that the lowest byte says.
    private const ulong KeysInBlock = 0x600;
    private const long DictionaryVersion = 1;

    private readonly NativeColumn _column;
    private readonly TextDictionary? _dictionary;
    private byte[] _bytes;
    private int _length;
    private byte[]? _front;

    public NativeValues(NativeColumn column, int rows)
    {
        _column = column;
        _dictionary = column.IsDictionary ? new TextDictionary(rows) : null;
        _bytes = _dictionary is null ? ArrayPool<byte>.Shared.Rent(Math.Max(256, rows * Math.Max(column.Width, 16))) : [];
    }

    /// <summary>Bytes of a value; 0 for texts.</summary>
    public int Width => _column.Width;

    /// <summary>Adds a value of fixed width.</summary>
    public void Add(ReadOnlySpan<byte> value)
    {
        if (_bytes.Length - _length < value.Length)
            Grow(value.Length);
        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
    }

    /// <summary>Adds a text.</summary>
    /// <param name="whole">With its length in front.</param>
    /// <param name="text">Without.</param>
    public void AddText(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> text)
    {
        if (_dictionary is { } dictionary)
            dictionary.Add(whole, text);
        else
            Add(whole);
    }

    /// <summary>Appends the column's bytes.</summary>
    public void AddTo(List<ReadOnlyMemory<byte>> segments)
    {
        segments.Add(_column.Head);
        if (_dictionary is not { } dictionary)
        {
            segments.Add(_bytes.AsMemory(0, _length));
            return;
        }
        var (numbers, kind) = dictionary.Numbers();
        _front = new byte[24 + 8];
        BinaryPrimitives.WriteInt64LittleEndian(_front, DictionaryVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(_front.AsSpan(8), KeysInBlock | kind);
        BinaryPrimitives.WriteInt64LittleEndian(_front.AsSpan(16), dictionary.Count);
        BinaryPrimitives.WriteInt64LittleEndian(_front.AsSpan(24), dictionary.Rows);
        segments.Add(_front.AsMemory(0, 24));
        segments.Add(dictionary.Keys);
        segments.Add(_front.AsMemory(24));
        segments.Add(numbers);
    }

    public void Dispose()
    {
        var bytes = Interlocked.Exchange(ref _bytes, []);
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Grow(int atLeast)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + atLeast));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
