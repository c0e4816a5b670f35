using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.IO.Hashing;

namespace Weir.Detection.Claims;

/// <summary>
/// Remembers what user agents show. Fixed size, lock-free, four ways a set: an old entry gives way to a new one.
/// Safe from any thread; allocates nothing after construction.
/// </summary>
/// <remarks>
/// User agents are hostile, so the 128-bit hash is keyed with a random seed: to meet somebody else's entry a sender would have to find two
/// texts whose 64-bit tags and sets agree under a seed that he cannot see.
/// Tearing: an entry is two words that two writers may mix. As in Hyatt and Mann's lockless transposition table (ICGA Journal 25/1, 2002)
/// the first word is the tag XOR the value, so that a mixed pair fits no tag and reads as a miss.
/// </remarks>
internal sealed class UserAgentCache
{
    private const int Ways = 4;

    // One for all: what clients did is kept by these hashes too, and outlives a catalog.
    private static readonly long ProcessSeed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));

    private readonly Entry[] _entries;
    private readonly int _setMask;
    private readonly long _seed;
    private readonly Counter[] _counters = new Counter[16];

    /// <param name="entries">How many user agents; a power of two. 16 bytes each.</param>
    /// <param name="seed">The hash key; null for this program's own, which is random.</param>
    public UserAgentCache(int entries = 65_536, long? seed = null)
    {
        _entries = new Entry[entries];
        _setMask = (entries / Ways) - 1;
        _seed = seed ?? ProcessSeed;
    }

    /// <summary>How often an entry was found. Approximate while threads run: threads may share a counter without locking it.</summary>
    public long Hits => Sum(static c => c.Hits);

    /// <summary>How often none was found.</summary>
    public long Misses => Sum(static c => c.Misses);

    /// <summary>The key of a text: which set, and the tag in it.</summary>
    public UserAgentKey KeyOf(ReadOnlySpan<char> userAgent)
    {
        var hash = XxHash128.HashToUInt128(MemoryMarshal.AsBytes(userAgent), _seed);
        return new UserAgentKey((ulong)hash, (int)(ulong)(hash >> 64) & _setMask);
    }

    public bool TryGet(UserAgentKey key, out UserAgentReading reading)
    {
        var set = _entries.AsSpan(key.Set * Ways, Ways);
        ref var counter = ref _counters[Environment.CurrentManagedThreadId & 15];
        for (int i = 0; i < set.Length; i++)
        {
            // No order between the two reads is needed: whichever pair of writes they see, a mixed pair fails the comparison.
            ulong value = Volatile.Read(ref set[i].Value);
            if ((Volatile.Read(ref set[i].TagXorValue) ^ value) != key.Tag || value == 0)
                continue;
            counter.Hits++;
            reading = new UserAgentReading(value & ~Entry.Used);
            return true;
        }
        counter.Misses++;
        reading = default;
        return false;
    }

    public void Set(UserAgentKey key, UserAgentReading reading)
    {
        var set = _entries.AsSpan(key.Set * Ways, Ways);
        // An empty way, else one chosen by the tag: random enough, and no clock to keep per entry.
        int way = (int)(key.Tag >> 62);
        for (int i = 0; i < set.Length; i++)
        {
            if (Volatile.Read(ref set[i].Value) == 0)
            {
                way = i;
                break;
            }
        }
        ulong value = reading.Packed | Entry.Used;
        // Two writers may mix their words here; TryGet sees that no tag fits and misses.
        Volatile.Write(ref set[way].TagXorValue, key.Tag ^ value);
        Volatile.Write(ref set[way].Value, value);
    }

    private long Sum(Func<Counter, long> part) => _counters.Sum(part);

    private struct Entry
    {
        /// <summary>Set in every value, so that 0 means an empty way.</summary>
        public const ulong Used = 1UL << 63;

        public ulong TagXorValue;
        public ulong Value;
    }

    // A cache line each, so that threads do not take it from each other at every request.
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Counter
    {
        public long Hits;
        public long Misses;
    }
}

/// <summary>Where a user agent lives in the cache.</summary>
internal readonly record struct UserAgentKey(ulong Tag, int Set);
