using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Ingest.Embedded.Engine;

/// <summary>A result owned by libchdb: bytes, counters or an error. Freed by Dispose.</summary>
internal sealed unsafe class ChdbResult : SafeHandleZeroOrMinusOneIsInvalid
{
    public ChdbResult(nint result) : base(ownsHandle: true)
    {
        SetHandle(result);
        if (result == 0)
        {
            Error = "Code: 1001. DB::Exception: The engine gave no result. (STD_EXCEPTION)";
            return;
        }
        byte* error = LibChdb.ResultError(result);
        Error = error == null ? null : Marshal.PtrToStringUTF8((nint)error);
        Length = checked((long)LibChdb.ResultLength(result));
        Counters = new QueryCounters(
            LibChdb.StorageRowsRead(result), LibChdb.StorageBytesRead(result), LibChdb.RowsWritten(result),
            LibChdb.BytesWritten(result), LibChdb.ResultRows(result), (ulong)Length);
    }

    /// <summary>Exception text as ClickHouse words it, or null.</summary>
    public string? Error { get; }

    /// <summary>Size of the formatted result in bytes.</summary>
    public long Length { get; }

    /// <summary>What was read and written.</summary>
    public QueryCounters Counters { get; }

    /// <summary>Copies a part of the formatted result; gives the number of bytes copied, 0 at its end.</summary>
    public int Read(long offset, Span<byte> into)
    {
        int count = (int)Math.Min(into.Length, Length - offset);
        if (count <= 0) return 0;
        new ReadOnlySpan<byte>(LibChdb.ResultBuffer(handle) + offset, count).CopyTo(into);
        return count;
    }

    protected override bool ReleaseHandle()
    {
        LibChdb.DestroyResult(handle);
        return true;
    }
}

/// <summary>Rows and bytes of one statement, as X-ClickHouse-Summary reports them.</summary>
internal readonly record struct QueryCounters(
    ulong ReadRows, ulong ReadBytes, ulong WrittenRows, ulong WrittenBytes, ulong ResultRows, ulong ResultBytes)
{
    public static QueryCounters operator +(QueryCounters a, QueryCounters b) => new(
        a.ReadRows + b.ReadRows, a.ReadBytes + b.ReadBytes, a.WrittenRows + b.WrittenRows,
        a.WrittenBytes + b.WrittenBytes, a.ResultRows + b.ResultRows, a.ResultBytes + b.ResultBytes);
}
