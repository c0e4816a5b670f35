using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Weir.Ingest.AccessLogs;

/// <summary>The first bytes of an unpacked log, by which it is known again under another name, packed or copied: its first lines have times.</summary>
/// <param name="Length">How many bytes were there, at most <see cref="LengthMax"/>.</param>
/// <param name="Hash">XxHash3 of them.</param>
internal readonly record struct LogHead(int Length, ulong Hash)
{
    /// <summary>Most bytes that are looked at: a few lines.</summary>
    public const int LengthMax = 1024;

    /// <summary>The head of a log that begins so; an empty one for NULs, which are no sign of any log.</summary>
    public static LogHead Of(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, LengthMax)];
        if (bytes.IndexOfAnyExcept((byte)0) < 0)
            return default;
        return new LogHead(bytes.Length, XxHash3.HashToUInt64(bytes));
    }

    /// <summary>The head of a plain file, wherever it is being read.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LogHead Of(SafeFileHandle file)
    {
        Span<byte> bytes = stackalloc byte[LengthMax];
        return Of(bytes[..RandomAccess.Read(file, bytes, 0)]);
    }

    /// <summary>Whether a log that begins with these bytes may be the one of this head, which may have grown since. An empty head is nobody's.</summary>
    public bool IsOf(ReadOnlySpan<byte> bytes) => Length > 0 && bytes.Length >= Length && Of(bytes[..Length]) == this;

    /// <summary>Whether a plain file may be the log of this head.</summary>
    public bool IsOf(SafeFileHandle file)
    {
        Span<byte> bytes = stackalloc byte[LengthMax];
        return IsOf(bytes[..RandomAccess.Read(file, bytes, 0)]);
    }
}
