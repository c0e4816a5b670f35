using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Spool;

/// <summary>The head of one batch in a segment. Numbers are little-endian; what they are is a promise to files that lie on disks.</summary>
/// <remarks>
/// Head (56 bytes): magic, payload bytes, rows, month (u32 each), since, watermark (i64 each, ms), flags, 0 (u32 each), XxHash3 of the payload,
/// XxHash3 of the 48 bytes before. Payload: length of the id (u32), the id in ASCII, the length of each row (u32 each), the rows in RowBinary.
/// The head has a sum of its own so that a damaged payload can be stepped over.
/// </remarks>
internal readonly record struct SpoolRecord
{
    public const int HeadBytes = 56;

    /// <summary>More than a batch can be; a longer one is damage.</summary>
    public const int PayloadBytesMax = 512 * 1024 * 1024;

    private const uint Magic = 0x5243_5257;  // "WRCR"
    private const int SummedBytes = 48;
    private const int IdBytesMax = 128;
    private const uint TriedFlag = 1;

    public required int PayloadBytes { get; init; }

    public required int Rows { get; init; }

    public required int Month { get; init; }

    /// <summary>When it was put here, milliseconds since 1970-01-01 UTC.</summary>
    public required long SinceMs { get; init; }

    /// <summary>What the writer's watermark was then.</summary>
    public required long WatermarkMs { get; init; }

    public required bool WasTried { get; init; }

    public required ulong PayloadHash { get; init; }

    /// <summary>Head and the payload before the rows' bytes, as they are written in front of them.</summary>
    public static byte[] WriteFront(HitBatch batch, bool wasTried, long sinceMs, long watermarkMs)
    {
        int rows = batch.Rows.Rows;
        var front = new byte[HeadBytes + sizeof(uint) + batch.Id.Length + (rows * sizeof(uint))];
        var rest = front.AsSpan(HeadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)batch.Id.Length);
        Encoding.ASCII.GetBytes(batch.Id, rest[sizeof(uint)..]);
        rest = rest[(sizeof(uint) + batch.Id.Length)..];
        for (int row = 0; row < rows; row++)
            BinaryPrimitives.WriteUInt32LittleEndian(rest[(row * sizeof(uint))..], (uint)batch.Rows.Slice(row, 1).Length);
        var bytes = batch.Rows.Slice(0, rows).Span;
        var hash = new XxHash3();
        hash.Append(front.AsSpan(HeadBytes));
        hash.Append(bytes);
        new SpoolRecord
        {
            PayloadBytes = front.Length - HeadBytes + bytes.Length,
            Rows = rows,
            Month = batch.Month,
            SinceMs = sinceMs,
            WatermarkMs = watermarkMs,
            WasTried = wasTried,
            PayloadHash = hash.GetCurrentHashAsUInt64(),
        }.WriteHead(front);
        return front;
    }

    /// <summary>Reads a head. False when it is damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, out SpoolRecord record)
    {
        record = default;
        if (head.Length < HeadBytes || BinaryPrimitives.ReadUInt32LittleEndian(head) != Magic
            || XxHash3.HashToUInt64(head[..SummedBytes]) != BinaryPrimitives.ReadUInt64LittleEndian(head[SummedBytes..]))
            return false;
        record = new SpoolRecord
        {
            PayloadBytes = BinaryPrimitives.ReadInt32LittleEndian(head[4..]),
            Rows = BinaryPrimitives.ReadInt32LittleEndian(head[8..]),
            Month = BinaryPrimitives.ReadInt32LittleEndian(head[12..]),
            SinceMs = BinaryPrimitives.ReadInt64LittleEndian(head[16..]),
            WatermarkMs = BinaryPrimitives.ReadInt64LittleEndian(head[24..]),
            WasTried = (BinaryPrimitives.ReadUInt32LittleEndian(head[32..]) & TriedFlag) != 0,
            PayloadHash = BinaryPrimitives.ReadUInt64LittleEndian(head[40..]),
        };
        return record.PayloadBytes is > 0 and <= PayloadBytesMax && record.Rows > 0 && record.Month is >= 0 and <= 999_999
            && IsTime(record.SinceMs) && IsTime(record.WatermarkMs);
    }

    /// <summary>Makes the batch again. Null when the payload is damaged.</summary>
    public HitBatch? Read(ReadOnlySpan<byte> payload, string columns, long startedAt)
    {
        if (payload.Length != PayloadBytes || payload.Length < sizeof(uint) || XxHash3.HashToUInt64(payload) != PayloadHash)
            return null;
        uint idLength = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        if (idLength is 0 or > IdBytesMax || payload.Length < sizeof(uint) + idLength + ((long)Rows * sizeof(uint)))
            return null;
        string id = Encoding.ASCII.GetString(payload.Slice(sizeof(uint), (int)idLength));
        var lengths = payload[(sizeof(uint) + (int)idLength)..];
        var bytes = lengths[(Rows * sizeof(uint))..];
        var batch = new HitBatch(id, Month, startedAt) { Columns = columns };
        for (int row = 0; row < Rows; row++)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(lengths[(row * sizeof(uint))..]);
            if (length > bytes.Length || !HitEncoder.HasKey(bytes[..(int)length]))
            {
                batch.Dispose();
                return null;
            }
            batch.Rows.WriteRow(bytes[..(int)length]);
            bytes = bytes[(int)length..];
        }
        if (bytes.Length == 0)
            return batch;
        batch.Dispose();
        return null;
    }

    /// <summary>Writes its head with its sum.</summary>
    public void WriteHead(Span<byte> head)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], PayloadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], Rows);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], Month);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], SinceMs);
        BinaryPrimitives.WriteInt64LittleEndian(head[24..], WatermarkMs);
        BinaryPrimitives.WriteUInt32LittleEndian(head[32..], WasTried ? TriedFlag : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(head[40..], PayloadHash);
        BinaryPrimitives.WriteUInt64LittleEndian(head[SummedBytes..], XxHash3.HashToUInt64(head[..SummedBytes]));
    }

    // What DateTimeOffset can hold.
    private static bool IsTime(long ms) => ms is >= 0 and < 253_402_300_800_000;
}
