using System.IO.Hashing;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Spool;

namespace Weir.Fuzz;

/// <summary>A spool's file as a disk gives it back.</summary>
internal static class SpoolTarget
{
    /// <summary>Reads the bytes as a file; then as a payload whose sum is right, since a search does not find a sum.</summary>
    public static void Read(byte[] bytes)
    {
        var scan = SegmentScan.Of(new MemoryStream(bytes));
        Target.Require(scan.SoundBytes <= bytes.Length, $"{scan.SoundBytes} bytes are sound of {bytes.Length}");
        Target.Require(scan.SoundBytes == bytes.Length || scan.IsDamaged || scan.IsTorn || scan.IsNewer, "an odd end was passed over");
        foreach (var (offset, record) in scan.Records)
            ReadPayload(record, bytes.AsSpan((int)offset + SpoolRecord.HeadBytes, record.PayloadBytes));
        for (int rows = 1; rows <= 3; rows++)
        {
            ReadPayload(new SpoolRecord
            {
                PayloadBytes = bytes.Length,
                Rows = rows,
                Month = 202601,
                SinceMs = 0,
                WatermarkMs = 0,
                WasTried = false,
                PayloadHash = XxHash3.HashToUInt64(bytes),
            }, bytes);
        }
    }

    private static void ReadPayload(SpoolRecord record, ReadOnlySpan<byte> payload)
    {
        using var batch = record.Read(payload, HitEncoder.Columns, 0);
        if (batch is null)
            return;
        Target.Require(batch.Rows.Rows == record.Rows, $"{batch.Rows.Rows} rows of {record.Rows}");
        for (int row = 0; row < record.Rows; row++)
        {
            _ = batch.SiteOf(row);
            _ = batch.Rows.KeyOf(row);
            _ = HitEncoder.IsCrawlerFetch(batch.Rows.Slice(row, 1).Span);
        }
    }
}
