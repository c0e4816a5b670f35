using System.Runtime.InteropServices;
using Weir.Detection;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Buffering;

/// <summary>Hits of one month, encoded, that are inserted together under one id. For one thread at a time.</summary>
/// <remarks>Everything that storing needs is in the id, the month and the bytes, so that a batch may wait on disk as well as here.</remarks>
internal sealed class HitBatch(string id, int month, long startedAt) : IDisposable
{
    /// <summary>Never used for another batch, and the same in every attempt to insert this one: ClickHouse knows a repeat by it.</summary>
    public string Id { get; } = id;

    /// <summary>Year and month of all its hits: the partition.</summary>
    public int Month { get; } = month;

    /// <summary>Time stamp of its start, for the insert lag.</summary>
    public long StartedAt { get; } = startedAt;

    public RowBuffer Rows { get; } = new();

    /// <summary>When this batch and all before it are stored or counted, so is every hit that was handed over before this time.</summary>
    public DateTimeOffset? CompleteUntil { get; set; }

    /// <summary>Counts rows as lost, by their sites.</summary>
    public void CountLost(LossCounters losses, LossReason reason, int firstRow, int rows)
    {
        for (int row = firstRow; row < firstRow + rows; row++)
        {
            string site = System.Text.Encoding.UTF8.GetString(HitEncoder.SiteOf(Rows.Slice(row, 1).Span));
            losses.Count(reason, SiteId.TryParse(site, null, out var id) ? id : default);
        }
    }

    /// <summary>The first row's time, site and id: what to look for when asking whether a batch is stored.</summary>
    public (long TimeMs, string Site, ulong HitId) KeyOf(int row)
    {
        var bytes = Rows.Slice(row, 1).Span;
        long time = MemoryMarshal.Read<long>(bytes);
        var site = HitEncoder.SiteOf(bytes);
        var behind = bytes[sizeof(long)..];
        int length = RowBuffer.ReadVarInt(ref behind);
        return (time, System.Text.Encoding.UTF8.GetString(site), MemoryMarshal.Read<ulong>(behind[length..]));
    }

    public void Dispose() => Rows.Dispose();
}
