using System.IO.Hashing;
using System.Runtime.InteropServices;
using Weir.Detection.Content;

namespace Weir.Proxy.Content;

/// <summary>What a page showed, as far as a sighting tells it.</summary>
/// <param name="Hash">Exact hash of its main text.</param>
/// <param name="TitleHash">Exact hash of its title.</param>
/// <param name="SimHash">Similarity hash of its main text.</param>
/// <param name="Words">Words of its main text.</param>
/// <param name="Indicators">Signs of generated text.</param>
internal readonly record struct PageFigures(ulong Hash, ulong TitleHash, ulong SimHash, uint Words, byte Indicators)
{
    /// <summary>The figures of a reading.</summary>
    public static PageFigures Of(ContentReading reading) =>
        new(reading.Hash, XxHash3.HashToUInt64(MemoryMarshal.AsBytes(reading.Title.AsSpan())), reading.SimHash, (uint)reading.Words, (byte)reading.Signature.Indicators.Count);
}

/// <summary>Remembers what pages showed by their bytes, so that the same bytes are unpacked and parsed once, whoever fetches them and however
/// often: parsing 1 KB of HTML costs some 60 µs, hashing it less than one. The oldest is forgotten first. For one thread.</summary>
/// <remarks>By a 128-bit hash that is not secret: who could make two of their pages meet in it would deceive themselves alone.</remarks>
internal sealed class ReadPages
{
    // About 110 bytes each with its place in the queue: 6 MB.
    private const int Capacity = 50_000;

    private readonly RecentKeys<UInt128, PageFigures> _figures = new(Capacity);

    /// <summary>Names a copy by its bytes and what its headers say of them.</summary>
    public static UInt128 KeyOf(ContentCopy copy)
    {
        var hash = new XxHash128();
        hash.Append(copy.Bytes.AsSpan(0, copy.Length));
        hash.Append(MemoryMarshal.AsBytes($"\0{copy.Facts.Encoding}\0{copy.Facts.Charset}".AsSpan()));
        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>Finds what the same bytes showed.</summary>
    public bool TryFind(UInt128 key, out PageFigures figures) => _figures.TryFind(key, out figures);

    /// <summary>Remembers what a page showed.</summary>
    public void Keep(UInt128 key, PageFigures figures) => _figures.Set(key, figures);
}
