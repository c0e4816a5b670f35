using Weir.Ingest.Buffering;

namespace Weir.Ingest.Spool;

/// <summary>A batch that waits on disk: where it is, and what is known of it without reading it.</summary>
internal sealed class SpooledBatch(SpoolSegment segment, long offset, SpoolRecord record)
{
    public SpoolSegment Segment { get; } = segment;

    /// <summary>Where its record begins in the segment's file.</summary>
    public long Offset { get; } = offset;

    public SpoolRecord Record { get; } = record;

    /// <summary>Whether it may have been sent before, in whole or in part: what is stored of it is then asked first.</summary>
    public bool WasTried { get; set; } = record.WasTried;

    /// <summary>Its place in the order of batches.</summary>
    public Watermark.Mark? Mark { get; set; }
}
