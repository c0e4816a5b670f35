using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Spool;

namespace Weir.Ingest.Tests.Spool;

/// <summary>Files that ended early or changed on the disk: what is whole comes back as it was, and nothing else does.</summary>
public sealed class SegmentScanTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-spool-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Cut_at_every_byte_a_file_gives_the_batches_before_the_cut_and_says_that_it_is_torn()
    {
        byte[] whole = WriteSegment(3, out var ends);
        for (int length = 0; length < whole.Length; length++)
        {
            var scan = SegmentScan.Of(new MemoryStream(whole, 0, length));
            Assert.Equal(ends.Count(e => e <= length), scan.Records.Count);
            Assert.False(scan.IsDamaged);
            Assert.Equal(length != scan.SoundBytes || length == 0, scan.IsTorn);
        }
        Assert.Equal(3, SegmentScan.Of(new MemoryStream(whole)).Records.Count);
    }

    [Fact]
    public void No_flipped_bit_gives_a_batch_that_was_not_written()
    {
        byte[] whole = WriteSegment(2, out _);
        var written = ReadAll(whole, out bool isSound);
        Assert.True(isSound);
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var read = ReadAll(flipped, out isSound);
            Assert.False(isSound, $"bit {bit} was not noticed");
            Assert.All(read, batch => Assert.Contains(batch, written));
        }
    }

    [Fact]
    public void Batches_come_back_with_their_id_month_and_rows()
    {
        using var batch = Batch("run-1", 5);
        using (var spool = Open(1 << 20))
            Assert.NotNull(spool.TryAppend(batch, wasTried: true, DateTimeOffset.UnixEpoch.AddDays(20_000), new Watermark.Mark(null)));
        using var again = Open(1 << 20);
        var spooled = Assert.Single(again.Waiting());
        Assert.True(spooled.WasTried);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(20_000).ToUnixTimeMilliseconds(), spooled.Record.WatermarkMs);
        using var read = again.Read(spooled)!;
        Assert.Equal((batch.Id, batch.Month, HitEncoder.Columns), (read.Id, read.Month, read.Columns));
        Assert.Equal(batch.Rows.Slice(0, 5).ToArray(), read.Rows.Slice(0, 5).ToArray());
        Assert.Equal(batch.Rows.KeyOf(4), read.Rows.KeyOf(4));
        again.Acknowledge(spooled);
        Assert.Empty(_folder.EnumerateFiles());
    }

    [Fact]
    public void What_is_stored_is_not_sent_again_by_the_next_run()
    {
        using (var spool = Open(1 << 20))
        {
            for (int i = 0; i < 5; i++)
                Append(spool, $"run-{i}");
            spool.Acknowledge(spool.Waiting()[0]);
            spool.Acknowledge(spool.Waiting()[2]);
        }
        using var again = Open(1 << 20);
        Assert.Equal(["run-1", "run-2", "run-4"], Ids(again));
        Assert.Equal([true, false, false], again.Waiting().Select(w => w.WasTried));
    }

    [Fact]
    public void A_torn_end_is_cut_and_the_file_goes_when_its_batches_are_stored()
    {
        using (var spool = Open(1 << 20))
        {
            Append(spool, "run-1");
            Append(spool, "run-2");
        }
        var file = Assert.Single(_folder.EnumerateFiles());
        using (var stream = file.OpenWrite())
            stream.SetLength(stream.Length - 3);
        using var again = Open(1 << 20);
        Assert.Equal(["run-1"], Ids(again));
        again.Acknowledge(again.Oldest()!);
        Assert.Empty(_folder.EnumerateFiles());
        Assert.Equal(0, again.Quarantined);
    }

    [Fact]
    public void A_damaged_batch_is_counted_the_others_are_read_and_the_file_is_kept_aside()
    {
        var losses = new LossCounters();
        long second;
        using (var spool = Open(1 << 20))
        {
            Append(spool, "run-1");
            second = Append(spool, "run-2").Offset;
            Append(spool, "run-3");
        }
        string path = Assert.Single(_folder.EnumerateFiles()).FullName;
        byte[] bytes = File.ReadAllBytes(path);
        bytes[second + SpoolRecord.HeadBytes + 100] ^= 4;
        File.WriteAllBytes(path, bytes);
        using var again = Open(1 << 20, losses);
        Assert.Equal(["run-1", "run-3"], Ids(again));
        Assert.Equal(new Loss(LossReason.SpoolDamaged, default, 10), Assert.Single(losses.All()));
        Assert.Equal(1, again.Quarantined);
        foreach (var left in again.Waiting())
            again.Acknowledge(left);
        Assert.Equal(".damaged", Assert.Single(_folder.EnumerateFiles()).Extension);
        Assert.Equal(bytes.Length, again.Bytes);
    }

    [Fact]
    public void The_bound_holds_and_room_comes_back()
    {
        const long Bound = 200_000;
        using var spool = Open(Bound);
        int taken = 0;
        using var batch = Batch("run", 50);
        while (spool.TryAppend(batch, false, DateTimeOffset.UnixEpoch, new Watermark.Mark(null)) is not null)
            taken++;
        Assert.InRange(_folder.EnumerateFiles().Sum(f => f.Length), Bound / 2, Bound);
        Assert.Equal(_folder.EnumerateFiles().Sum(f => f.Length), spool.Bytes);
        Assert.True(taken > 5);
        while (spool.Oldest() is { } oldest)
            spool.Acknowledge(oldest);
        Assert.Equal(0, spool.Bytes);
        Assert.NotNull(spool.TryAppend(batch, false, DateTimeOffset.UnixEpoch, new Watermark.Mark(null)));
    }

    [Fact]
    public void A_file_of_a_later_version_is_left_alone()
    {
        string path = Path.Combine(_folder.FullName, "0000000007.spool");
        byte[] head = SegmentScan.WriteHead(HitEncoder.Columns);
        head[8] = 2;
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(head.Length - 8), XxHash3.HashToUInt64(head.AsSpan(0, head.Length - 8)));
        File.WriteAllBytes(path, head);
        using var spool = Open(1 << 20);
        Append(spool, "run-1");
        Assert.Equal(head, File.ReadAllBytes(path));
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "0000000008.spool")));
    }

    private BatchSpool Open(long bytesMax, LossCounters? losses = null) =>
        BatchSpool.Open(_folder.FullName, bytesMax, losses ?? new LossCounters(), NullLogger.Instance, TimeProvider.System);

    private static SpooledBatch Append(BatchSpool spool, string id)
    {
        using var batch = Batch(id, 10);
        return spool.TryAppend(batch, false, DateTimeOffset.UnixEpoch, new Watermark.Mark(null))!;
    }

    private static List<string> Ids(BatchSpool spool)
    {
        List<string> ids = [];
        foreach (var spooled in spool.Waiting())
        {
            using var batch = spool.Read(spooled);
            if (batch is not null)
                ids.Add(batch.Id);
        }
        return ids;
    }

    private static HitBatch Batch(string id, int rows)
    {
        var batch = new HitBatch(id, 202601, 0);
        for (int i = 0; i < rows; i++)
            Assert.True(HitEncoder.TryWrite(batch.Rows, Hits.Number(i), Salts.Any));
        return batch;
    }

    private static byte[] WriteSegment(int batches, out List<long> ends)
    {
        using var file = new MemoryStream();
        file.Write(SegmentScan.WriteHead(HitEncoder.Columns));
        ends = [];
        for (int i = 0; i < batches; i++)
        {
            using var batch = Batch($"run-{i}", 2);
            file.Write(SpoolRecord.WriteFront(batch, wasTried: false, sinceMs: 1, watermarkMs: 1));
            file.Write(batch.Rows.Slice(0, 2).Span);
            ends.Add(file.Length);
        }
        return file.ToArray();
    }

    private static List<string> ReadAll(byte[] bytes, out bool isSound)
    {
        var scan = SegmentScan.Of(new MemoryStream(bytes));
        isSound = !scan.IsDamaged && !scan.IsNewer && !scan.IsTorn;
        List<string> batches = [];
        foreach (var (offset, record) in scan.Records)
        {
            using var batch = record.Read(bytes.AsSpan((int)offset + SpoolRecord.HeadBytes, record.PayloadBytes), scan.Columns, 0);
            isSound &= batch is not null;
            if (batch is not null)
                batches.Add($"{scan.Columns} {batch.Id} {batch.Month} {Convert.ToHexString(batch.Rows.Slice(0, batch.Rows.Rows).Span)}");
        }
        return batches;
    }
}
