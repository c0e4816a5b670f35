using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Spool;

/// <summary>One file of batches, written at its end only, and beside it a file that says which of them are stored.</summary>
/// <remarks>Each write goes to the operating system at once and not to the disk: it outlives the program, and not always the machine.
/// The caller lets one thread at a time change it; reading may go on beside.</remarks>
internal sealed class SpoolSegment : IDisposable
{
    public const string Suffix = ".spool";
    public const string DamagedSuffix = ".damaged";
    public const string AckedSuffix = ".acked";
    private const int AckBytes = 16;
    private const ulong AckCheck = 0x5745_4952_4143_4B44;  // tells a written entry from a hole of zeros

    private readonly SafeFileHandle _file;
    private FileStream? _acked;

    private SpoolSegment(string path, SafeFileHandle file, string columns, long bytes)
    {
        (Path, _file, Columns, Bytes) = (path, file, columns, bytes);
    }

    public string Path { get; }

    public string Columns { get; }

    /// <summary>Length of the file.</summary>
    public long Bytes { get; private set; }

    /// <summary>Its batches that are not stored yet.</summary>
    public int Pending { get; set; }

    /// <summary>Kept under another name, for people to look at, once its sound batches are stored.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Starts a file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static SpoolSegment Create(string path)
    {
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var head = SegmentScan.WriteHead(HitEncoder.Columns);
            RandomAccess.Write(file, head, 0);
            return new SpoolSegment(path, file, HitEncoder.Columns, head.Length);
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a file of an earlier run, cuts a torn end off, and gives the batches in it that are not stored, oldest first.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SpoolSegment Open(string path, out SegmentScan scan, out List<SpooledBatch> pending)
    {
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            scan = SegmentScan.Of(stream);
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        if (scan.IsTorn && !scan.IsDamaged)
            RandomAccess.SetLength(file, scan.SoundBytes);
        var segment = new SpoolSegment(path, file, scan.Columns, RandomAccess.GetLength(file)) { IsDamaged = scan.IsDamaged };
        var acked = segment.ReadAcked();
        pending = [.. scan.Records.Where(r => !acked.Contains(r.Offset)).Select(r => new SpooledBatch(segment, r.Offset, r.Record))];
        segment.Pending = pending.Count;
        return segment;
    }

    /// <summary>Writes a batch at the end.</summary>
    /// <exception cref="IOException">The disk is full or broken; nothing of the batch is left in the file.</exception>
    public SpooledBatch Append(HitBatch batch, byte[] front)
    {
        long offset = Bytes;
        var rows = batch.Rows.Slice(0, batch.Rows.Rows);
        try
        {
            RandomAccess.Write(_file, [front, rows], offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RandomAccess.SetLength(_file, offset);
            throw;
        }
        SpoolRecord.TryRead(front, out var record);
        Bytes += front.Length + rows.Length;
        Pending++;
        return new SpooledBatch(this, offset, record);
    }

    /// <summary>Reads a batch back. Null when it is damaged.</summary>
    /// <exception cref="IOException">The disk does not give it.</exception>
    public HitBatch? Read(SpooledBatch batch, long startedAt)
    {
        int size = batch.Record.PayloadBytes;
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            int read = 0;
            while (read < size)
            {
                int more = RandomAccess.Read(_file, bytes.AsSpan(read, size - read), batch.Offset + SpoolRecord.HeadBytes + read);
                if (more == 0)
                    return null;
                read += more;
            }
            return batch.Record.Read(bytes.AsSpan(0, size), Columns, startedAt);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Notes that a batch is stored, so that the next run does not send it again.</summary>
    /// <exception cref="IOException">It cannot be noted; the next run finds the batch in the store.</exception>
    public void NoteAcked(SpooledBatch batch)
    {
        var entry = new byte[AckBytes];
        BinaryPrimitives.WriteInt64LittleEndian(entry, batch.Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(8), (ulong)batch.Offset ^ AckCheck);
        _acked ??= OpenAcked();
        _acked.Write(entry);
        _acked.Flush();
    }

    /// <summary>Closes the file and takes it away, or aside when it is damaged.</summary>
    /// <exception cref="IOException">It cannot be.</exception>
    public void Remove()
    {
        Dispose();
        if (IsDamaged)
            File.Move(Path, System.IO.Path.ChangeExtension(Path, DamagedSuffix), overwrite: true);
        else
            File.Delete(Path);
        File.Delete(System.IO.Path.ChangeExtension(Path, AckedSuffix));
    }

    public void Dispose()
    {
        _file.Dispose();
        _acked?.Dispose();
    }

    // A crash may have left half an entry, behind which entries would be out of step.
    private FileStream OpenAcked()
    {
        var file = new FileStream(System.IO.Path.ChangeExtension(Path, AckedSuffix), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Position = file.Length / AckBytes * AckBytes;
        return file;
    }

    private HashSet<long> ReadAcked()
    {
        string path = System.IO.Path.ChangeExtension(Path, AckedSuffix);
        if (!File.Exists(path))
            return [];
        HashSet<long> acked = [];
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        for (; rest.Length >= AckBytes; rest = rest[AckBytes..])
        {
            long offset = BinaryPrimitives.ReadInt64LittleEndian(rest);
            if (((ulong)offset ^ AckCheck) == BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]))
                acked.Add(offset);
        }
        return acked;
    }
}
