using System.Text;
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

    /// <summary>The columns of its rows: those of the Weir that made it, which may have been an earlier one when it waited on disk.</summary>
    public string Columns { get; init; } = HitEncoder.Columns;

    /// <summary>The shard that holds the sites of all its hits; 0 where there is one server.</summary>
    public int Shard { get; init; }

    public RowBuffer Rows { get; } = new();

    /// <summary>When this batch and all before it are stored or counted, so is every hit that was handed over before this time.</summary>
    public DateTimeOffset? CompleteUntil { get; set; }

    /// <summary>Its place in the order of batches, of a batch that the channel's hits were made into.</summary>
    public Watermark.Mark? Mark { get; set; }

    /// <summary>Counts rows as lost, by their sites.</summary>
    public void CountLost(LossCounters losses, LossReason reason, int firstRow, int rows)
    {
        for (int row = firstRow; row < firstRow + rows; row++)
        {
            losses.Count(reason, SiteId.TryParse(SiteOf(row), null, out var site) ? site : default);
        }
    }

    /// <summary>The site of a row.</summary>
    public string SiteOf(int row) => Encoding.UTF8.GetString(HitEncoder.SiteOf(Rows.Slice(row, 1).Span));

    public void Dispose() => Rows.Dispose();
}
