namespace Weir.Ingest.AccessLogs;

/// <summary>Counts how often a line was seen before, in fixed memory. For one thread at a time.</summary>
/// <remarks>
/// Two requests may log the very same line, and only within the same second, since the line holds its time. So it is enough to know the
/// last million of lines: eight places per set, the least recently seen one is forgotten. What a line's count is depends on the lines
/// between its occurrences and on nothing before the first, so that a file gives the same counts alone and behind another.
/// </remarks>
internal sealed class OccurrenceTable
{
    private const int Ways = 8;
    private const int Sets = 1 << 17;  // × 8 places × 12 bytes = 12.6 MB
    private readonly ulong[] _keys = new ulong[Sets * Ways];
    private readonly uint[] _counts = new uint[Sets * Ways];
    private ulong _epoch;

    /// <summary>Counts a line and says how often it was seen before.</summary>
    public uint CountBefore(ulong hash)
    {
        // An epoch of its own makes Clear cost nothing. 0 marks an empty place: one hash in 2^64 is counted as another.
        ulong key = Math.Max(1, hash ^ _epoch);
        int set = (int)(key >> 47) * Ways;
        var keys = _keys.AsSpan(set, Ways);
        var counts = _counts.AsSpan(set, Ways);
        int at = keys.IndexOf(key);
        uint before = at < 0 ? 0 : counts[at];
        int last = at < 0 ? Ways - 1 : at;
        keys[..last].CopyTo(keys[1..]);
        counts[..last].CopyTo(counts[1..]);
        keys[0] = key;
        counts[0] = before + 1;
        return before;
    }

    /// <summary>Forgets every line.</summary>
    public void Clear() => _epoch = (_epoch + 1) * 0x9E3779B97F4A7C15;
}
