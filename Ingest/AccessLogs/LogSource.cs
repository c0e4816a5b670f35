using System.IO.Compression;

namespace Weir.Ingest.AccessLogs;

/// <summary>An opened log: a file or standard input, unpacked when its first bytes say that it is packed.</summary>
internal sealed class LogSource : IDisposable
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    private readonly Stream _raw;

    private LogSource(Stream raw, Stream lines)
    {
        _raw = raw;
        Lines = new LineReader(lines);
        IsPacked = lines is UnpackedStream;
    }

    /// <summary>Whether it is unpacked while it is read.</summary>
    public bool IsPacked { get; }

    /// <summary>The opened file; null for what cannot be read again from a place, as standard input and pipes.</summary>
    public FileStream? File => _raw is FileStream { CanSeek: true } file ? file : null;

    public LineReader Lines { get; }

    /// <summary>How far the file itself has been read; for standard input, what came out of it unpacked.</summary>
    public long BytesDone => _raw.CanSeek ? _raw.Position : Lines.BytesRead;

    /// <summary>Opens a log.</summary>
    /// <exception cref="ImportException">It is missing, a folder, unreadable, or packed in a way that is not known.</exception>
    public static LogSource Open(string file)
    {
        var raw = file == StandardInput ? Console.OpenStandardInput() : OpenFile(file);
        byte[] head = new byte[6];
        int length = raw.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var whole = new HeadStream(head.AsMemory(0, length), raw);
        try
        {
            var unpacked = Unpack(whole, head, file);
            if (unpacked != whole)
                return new LogSource(raw, new UnpackedStream(unpacked, () => whole.BytesRead));
            if (!raw.CanSeek)
                return new LogSource(raw, whole);
            raw.Position = 0;
            return new LogSource(raw, raw);
        }
        catch (ImportException)
        {
            raw.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Lines.Dispose();
        _raw.Dispose();
    }

    private static Stream Unpack(Stream whole, ReadOnlySpan<byte> head, string file)
    {
        if (head is [0x1F, 0x8B, ..])
            return new GZipStream(whole, CompressionMode.Decompress);
        if (head is [0x28, 0xB5, 0x2F, 0xFD, ..])
            return new ZstdSharp.DecompressionStream(whole);
        if (head is [(byte)'B', (byte)'Z', (byte)'h', ..])
            throw new ImportException($"{Shown(file)} is packed by bzip2, which Weir does not unpack. Pipe it: bzcat FILE | weir import - …");
        if (head is [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..])
            throw new ImportException($"{Shown(file)} is packed by xz, which Weir does not unpack. Pipe it: xzcat FILE | weir import - …");
        if (head is [(byte)'P', (byte)'K', 3, 4, ..])
            throw new ImportException($"{Shown(file)} is a zip archive, which Weir does not unpack. Pipe it: unzip -p FILE | weir import - …");
        return whole;
    }

    private static FileStream OpenFile(string file)
    {
        if (Directory.Exists(file))
            throw new ImportException($"{Shown(file)} is a folder. Name the files in it, such as {Shown(Path.Combine(file, "access.log*"))}.");
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0,
                FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImportException($"{Shown(file)} does not exist. Check the name.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ImportException($"{Shown(file)} may not be read by this user. Change its mode, or run weir as a user who may.", e);
        }
        catch (IOException e)
        {
            throw new ImportException($"{Shown(file)} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>A file name fit for a terminal: it may be hostile too.</summary>
    public static string Shown(string file) =>
        file == StandardInput ? "standard input" : string.Concat(file.Select(c => char.IsControl(c) ? '?' : c));

    // Gives back the bytes that were read to look at them.
    private sealed class HeadStream(ReadOnlyMemory<byte> head, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> _head = head;

        public long BytesRead { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int length = Math.Min(buffer.Length, _head.Length);
            _head.Span[..length].CopyTo(buffer);
            _head = _head[length..];
            length = length == 0 ? rest.Read(buffer) : length;
            BytesRead += length;
            return length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
