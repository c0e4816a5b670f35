using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Weir.Ingest.ClickHouse;

/// <summary>The different texts of a column, each once, and for each row the number of its text. For one thread at a time.</summary>
internal sealed class TextDictionary(int rows)
{
    // Hashing starts with few places: most columns have fewer different texts than this.
    private const int FirstPlaces = 64;

    // Texts are hostile: which of them fall on one place must not be known before.
    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private readonly int[] _numbers = new int[rows];
    private int[] _places = new int[FirstPlaces];  // number of a text, plus one; 0 is free
    private (int Start, int Length, ulong Hash)[] _texts = new (int, int, ulong)[16];
    private byte[] _keys = new byte[512];
    private int _keysLength;
    private int _last = -1;

    /// <summary>How many texts are different.</summary>
    public int Count { get; private set; }

    /// <summary>Rows added.</summary>
    public int Rows { get; private set; }

    /// <summary>The different texts in their order, each behind its length.</summary>
    public ReadOnlyMemory<byte> Keys => _keys.AsMemory(0, _keysLength);

    /// <summary>Adds a row's text.</summary>
    /// <param name="whole">With its length in front.</param>
    /// <param name="text">Without.</param>
    public void Add(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> text)
    {
        // The same text as in the row before is the commonest case by far.
        if (_last < 0 || !TextOf(_last).SequenceEqual(text))
            _last = NumberOf(whole, text);
        _numbers[Rows++] = _last;
    }

    /// <summary>Each row's number, and the sort that its width is: 0 for a byte, 1 for two, 2 for four.</summary>
    public (ReadOnlyMemory<byte> Bytes, byte Kind) Numbers()
    {
        if (Count <= byte.MaxValue + 1)
            return (Array.ConvertAll(_numbers, n => (byte)n), 0);
        if (Count <= ushort.MaxValue + 1)
            return (MemoryMarshal.AsBytes(Array.ConvertAll(_numbers, n => (ushort)n).AsSpan()).ToArray(), 1);
        return (MemoryMarshal.AsBytes(_numbers.AsSpan()).ToArray(), 2);
    }

    private ReadOnlySpan<byte> TextOf(int number) => _keys.AsSpan(_texts[number].Start, _texts[number].Length);

    private int NumberOf(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> text)
    {
        ulong hash = XxHash3.HashToUInt64(text, Seed);
        int mask = _places.Length - 1;
        int place = (int)hash & mask;
        for (; _places[place] != 0; place = (place + 1) & mask)
        {
            int number = _places[place] - 1;
            if (_texts[number].Hash == hash && TextOf(number).SequenceEqual(text))
                return number;
        }
        _places[place] = Count + 1;
        Keep(whole, text.Length, hash);
        if (Count * 2 > _places.Length)
            Spread();
        return Count - 1;
    }

    private void Keep(ReadOnlySpan<byte> whole, int textLength, ulong hash)
    {
        if (_keys.Length - _keysLength < whole.Length)
            Array.Resize(ref _keys, Math.Max(_keys.Length * 2, _keysLength + whole.Length));
        if (_texts.Length == Count)
            Array.Resize(ref _texts, Count * 2);
        whole.CopyTo(_keys.AsSpan(_keysLength));
        _keysLength += whole.Length;
        _texts[Count++] = (_keysLength - textLength, textLength, hash);
    }

    private void Spread()
    {
        _places = new int[_places.Length * 2];
        int mask = _places.Length - 1;
        for (int number = 0; number < Count; number++)
        {
            int place = (int)_texts[number].Hash & mask;
            while (_places[place] != 0)
                place = (place + 1) & mask;
            _places[place] = number + 1;
        }
    }
}
