namespace Weir.Detection.Identification;

/// <summary>Remembers addresses: fixed number of places, four ways a set. Readers take no lock and allocate nothing.</summary>
/// <remarks>
/// A place holds a reference to an immutable entry, so a reader sees one whole entry or another. Only who puts a question or an answer in
/// takes a lock, one of 64, for a few comparisons: without it two threads could put one address into two places and ask twice.
/// The set of an address comes from a hash that is seeded at each start, so that nobody can aim at the set of another address.
/// </remarks>
internal sealed class ReverseDnsCache
{
    private const int Ways = 4;

    private readonly ReverseDnsEntry?[] _entries;
    private readonly int _setMask;
    private readonly Lock[] _locks = Enumerable.Range(0, 64).Select(_ => new Lock()).ToArray();

    /// <param name="entries">How many places; a power of two.</param>
    public ReverseDnsCache(int entries)
    {
        _entries = new ReverseDnsEntry?[entries];
        _setMask = (entries / Ways) - 1;
    }

    public ReverseDnsEntry? Find(ClientAddress address)
    {
        int first = SetOf(address) * Ways;
        for (int i = first; i < first + Ways; i++)
        {
            // Acquires the fields of the entry; pairs with the Volatile.Write of TryReplace.
            if (Volatile.Read(ref _entries[i]) is { } entry && entry.Address == address)
                return entry;
        }
        return null;
    }

    /// <summary>Puts an entry in the place of another of its address.</summary>
    /// <param name="old">What <see cref="Find"/> gave; null for an address that was not there.</param>
    /// <param name="next">The entry to put there; null to remove the old one.</param>
    /// <param name="isFull">Whether no place could be made, because every one of the set has a question open.</param>
    /// <returns>False when somebody else changed the place, or it is full.</returns>
    public bool TryReplace(ReverseDnsEntry? old, ReverseDnsEntry? next, out bool isFull)
    {
        isFull = false;
        var address = (old ?? next)?.Address ?? default;
        int set = SetOf(address);
        lock (_locks[set & 63])
        {
            int place = -1, victim = -1;
            for (int i = set * Ways; i < (set + 1) * Ways; i++)
            {
                if (_entries[i]?.Address == address)
                    place = i;
                else if (victim < 0 || IsLessWorth(_entries[i], _entries[victim]))
                    victim = i;
            }
            if (!ReferenceEquals(place < 0 ? null : _entries[place], old))
                return false;
            if (place < 0)
                place = victim;
            isFull = old is null && _entries[place]?.Open is not null;
            if (isFull)
                return false;
            Volatile.Write(ref _entries[place], next);
            return true;
        }
    }

    // Open questions stay, whatever comes. Then names stay longest: a flood of addresses without any must not push a crawler's out.
    private static bool IsLessWorth(ReverseDnsEntry? one, ReverseDnsEntry? other) => Worth(one).CompareTo(Worth(other)) < 0;

    private static (int Kind, long At) Worth(ReverseDnsEntry? entry) => entry switch
    {
        null => (0, 0),
        { Open: not null } => (3, 0),
        { Names: { } names } when Array.Exists(names, n => n.Forward == ForwardState.LeadsBack) => (2, entry.AnsweredAtMs),
        _ => (1, entry.AnsweredAtMs),
    };

    private int SetOf(ClientAddress address) =>
        HashCode.Combine((ulong)(address.Value >> 64), (ulong)address.Value) & _setMask;
}
