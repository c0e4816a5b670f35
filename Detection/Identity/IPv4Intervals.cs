namespace Weir.Detection.Identification;

/// <summary>Sorted disjoint IPv4 intervals. Immutable; safe from any thread; lookups allocate nothing.</summary>
internal sealed class IPv4Intervals
{
    // Below this a plain binary search stays within a few cache lines and beats the 256 KB index.
    private const int IndexFrom = 1024;

    private readonly uint[] _starts;
    private readonly uint[] _ends;

    // _index[h] = number of intervals that start below h << 16, so that an address only searches the starts of its own /16.
    private readonly int[]? _index;

    public IPv4Intervals(IEnumerable<Prefix> prefixes)
    {
        (_starts, _ends) = Merge(prefixes);
        if (_starts.Length >= IndexFrom)
            _index = BuildIndex(_starts);
    }

    public int Count => _starts.Length;

    public bool Contains(uint address) => EndBefore(address) is { } end && address <= end;

    /// <summary>Whether any interval has an address from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public bool Overlaps(uint first, uint last) => EndBefore(last) is { } end && first <= end;

    // The end of the last interval that begins at or below the address; null when all begin above it.
    private uint? EndBefore(uint address)
    {
        int from = 0, to = _starts.Length;
        if (_index is not null)
        {
            int high = (int)(address >> 16);
            from = _index[high];
            to = _index[high + 1];
        }
        // Index of the first start above the address.
        while (from < to)
        {
            int middle = (int)((uint)(from + to) >> 1);
            if (_starts[middle] <= address)
                from = middle + 1;
            else
                to = middle;
        }
        return from > 0 ? _ends[from - 1] : null;
    }

    private static (uint[] Starts, uint[] Ends) Merge(IEnumerable<Prefix> prefixes)
    {
        List<uint> starts = [], ends = [];
        foreach (var prefix in prefixes.OrderBy(p => p.First))
        {
            uint first = (uint)prefix.First, last = (uint)prefix.Last;
            if (ends.Count > 0 && first <= (ulong)ends[^1] + 1)
            {
                ends[^1] = Math.Max(ends[^1], last);
                continue;
            }
            starts.Add(first);
            ends.Add(last);
        }
        return (starts.ToArray(), ends.ToArray());
    }

    private static int[] BuildIndex(uint[] starts)
    {
        var index = new int[65537];
        int next = 0;
        for (int high = 0; high <= 65536; high++)
        {
            while (next < starts.Length && starts[next] < (ulong)high << 16)
                next++;
            index[high] = next;
        }
        return index;
    }
}
