using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Weir.Ingest.Spool;

/// <summary>What a segment's file holds, found by its heads alone: payloads are checked when they are read.</summary>
/// <remarks>A file begins with <c>WEIRSPOL</c>, the version of its format (u32), the length of the columns' names (u32), these names, and the
/// XxHash3 of all that; the records follow.</remarks>
internal sealed class SegmentScan
{
    /// <summary>The format that this program writes, and the only one that it reads.</summary>
    public const int Version = 1;

    private const int FixedBytes = 16;
    private const int ColumnsBytesMax = 64 * 1024;
    private static readonly SearchValues<byte> ColumnBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_, "u8);

    private static ReadOnlySpan<byte> Magic => "WEIRSPOL"u8;

    /// <summary>The columns of its rows, in order.</summary>
    public string Columns { get; private set; } = "";

    /// <summary>Its records in order, with the place where each begins.</summary>
    public List<(long Offset, SpoolRecord Record)> Records { get; } = [];

    /// <summary>Where the last whole record ends.</summary>
    public long SoundBytes { get; private set; }

    /// <summary>The file ends within a record, as after a crash while it was written: what is behind <see cref="SoundBytes"/> was never acknowledged.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Behind <see cref="SoundBytes"/> is what this program never wrote there.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>A later Weir wrote it.</summary>
    public bool IsNewer { get; private set; }

    /// <summary>The bytes that a new segment begins with.</summary>
    public static byte[] WriteHead(string columns)
    {
        var head = new byte[FixedBytes + columns.Length + sizeof(ulong)];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), columns.Length);
        Encoding.ASCII.GetBytes(columns, head.AsSpan(FixedBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(FixedBytes + columns.Length), XxHash3.HashToUInt64(head.AsSpan(0, FixedBytes + columns.Length)));
        return head;
    }

    /// <summary>Reads a file from its start.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SegmentScan Of(Stream file)
    {
        var scan = new SegmentScan();
        file.Position = 0;
        if (scan.ReadHead(file))
            scan.ReadRecords(file);
        return scan;
    }

    private bool ReadHead(Stream file)
    {
        var first = new byte[FixedBytes];
        int read = file.ReadAtLeast(first, FixedBytes, throwOnEndOfStream: false);
        if (!Magic[..Math.Min(read, Magic.Length)].SequenceEqual(first.AsSpan(0, Math.Min(read, Magic.Length))))
            return !(IsDamaged = true);
        if (read < FixedBytes)
            return !(IsTorn = true);
        int columnsBytes = BinaryPrimitives.ReadInt32LittleEndian(first.AsSpan(12));
        if (columnsBytes is <= 0 or > ColumnsBytesMax)
            return !(IsDamaged = true);
        var head = new byte[FixedBytes + columnsBytes + sizeof(ulong)];
        first.CopyTo(head, 0);
        if (file.ReadAtLeast(head.AsSpan(FixedBytes), head.Length - FixedBytes, throwOnEndOfStream: false) < head.Length - FixedBytes)
            return !(IsTorn = true);
        var summed = head.AsSpan(0, FixedBytes + columnsBytes);
        if (XxHash3.HashToUInt64(summed) != BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(summed.Length)) || !AreColumns(summed[FixedBytes..]))
            return !(IsDamaged = true);
        if (BinaryPrimitives.ReadInt32LittleEndian(first.AsSpan(8)) != Version)
            return !(IsNewer = true);
        Columns = Encoding.ASCII.GetString(summed[FixedBytes..]);
        SoundBytes = head.Length;
        return true;
    }

    private void ReadRecords(Stream file)
    {
        var head = new byte[SpoolRecord.HeadBytes];
        while (SoundBytes < file.Length)
        {
            file.Position = SoundBytes;
            if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
            {
                IsTorn = true;
                return;
            }
            if (!SpoolRecord.TryRead(head, out var record))
            {
                IsDamaged = true;
                return;
            }
            if (SoundBytes + head.Length + record.PayloadBytes > file.Length)
            {
                IsTorn = true;
                return;
            }
            Records.Add((SoundBytes, record));
            SoundBytes += head.Length + record.PayloadBytes;
        }
    }

    // They become part of a statement.
    private static bool AreColumns(ReadOnlySpan<byte> columns) => columns.IndexOfAnyExcept(ColumnBytes) < 0;
}
