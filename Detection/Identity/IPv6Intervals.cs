namespace Weir.Detection.Identification;

/// <summary>Sorted disjoint IPv6 intervals. Immutable; safe from any thread; lookups allocate nothing.</summary>
internal sealed class IPv6Intervals
{
    private readonly UInt128[] _starts;
    private readonly UInt128[] _ends;

    public IPv6Intervals(IEnumerable<Prefix> prefixes)
    {
        List<UInt128> starts = [], ends = [];
        foreach (var prefix in prefixes.OrderBy(p => p.First))
        {
            if (ends.Count > 0 && (ends[^1] == UInt128.MaxValue || prefix.First <= ends[^1] + UInt128.One))
            {
                ends[^1] = UInt128.Max(ends[^1], prefix.Last);
                continue;
            }
            starts.Add(prefix.First);
            ends.Add(prefix.Last);
        }
        _starts = starts.ToArray();
        _ends = ends.ToArray();
    }

    public int Count => _starts.Length;

    public bool Contains(UInt128 address) => EndBefore(address) is { } end && address <= end;

    /// <summary>Whether any interval has an address from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public bool Overlaps(UInt128 first, UInt128 last) => EndBefore(last) is { } end && first <= end;

    // The end of the last interval that begins at or below the address; null when all begin above it.
    private UInt128? EndBefore(UInt128 address)
    {
        int from = 0, to = _starts.Length;
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
}
