namespace Weir.Proxy.Policies;

/// <summary>Limits counted by this process alone, in memory of a fixed size.</summary>
/// <remarks>
/// A sliding window out of two: what the window before held counts by the part of it that is not over yet. Refused requests are not
/// counted, so that a client that keeps asking gets what it may. A set of eight places that is full of others forgets the one whose window
/// began first: under a flood of clients limits open rather than close, and never grow.
/// The error: requests of the window before are taken as evenly spread. No window that begins at a multiple of its length lets more than
/// the limit pass, and no window at all twice the limit.
/// A place is claimed by a CAS of its key to the new one's with <see cref="Pending"/>, emptied, then named. Whoever meets its own key pending
/// finishes that itself, so that threads that bring a new key at once count in one place, even when the first of them was put to sleep.
/// Counting is a CAS of the state. A thread that finds its place taken over in between lets its request pass; at worst one count too many
/// lands on the new owner. What other edges counted is a word of its own with its own window, written by one thread: see <see cref="SetOthers"/>.
/// </remarks>
public sealed class LocalRequestLimits : IRequestLimits
{
    private const int PlacesOfSet = 8;
    private const ulong Empty = 0, Pending = 1;

    // Each time a place was lost to another thread; who still has none then is let pass.
    private const int TriesMax = 4;

    private readonly Place[] _places;
    private readonly ulong _seed;

    /// <summary>Makes room for so many counts, 24 bytes each; a power of two.</summary>
    public LocalRequestLimits(int places = 65_536, Random? random = null)
    {
        _places = new Place[places];
        // Without it anybody could choose addresses that share one set.
        _seed = (ulong)(random ?? Random.Shared).NextInt64();
    }

    /// <inheritdoc/>
    public bool TryTake(LimitKey key, int requests, int seconds, long timeMs, out int retryAfterSeconds)
    {
        retryAfterSeconds = 0;
        ulong hash = HashOf(key);
        int at = Find(hash);
        if (at < 0)
            return true;
        uint now = (uint)(timeMs / 1000), start = now - (now % (uint)seconds);
        ref var place = ref _places[at];
        // Orders the key before the state: pairs with the write of the key in Claim.
        while (Volatile.Read(ref place.Key) == hash)
        {
            ulong state = Volatile.Read(ref place.State);
            var own = Window.Read(state).At(start, (uint)seconds);
            // Any order will do: what others counted is some time old already.
            var window = own.Plus(Window.Read(Volatile.Read(ref place.Others)).At(start, (uint)seconds));
            double over = (timeMs - (start * 1000.0)) / (seconds * 1000.0);
            if ((window.Before * (1 - over)) + window.Count + 1 > requests)
            {
                retryAfterSeconds = RetryAfter(window, requests, seconds, over);
                return false;
            }
            if (Interlocked.CompareExchange(ref place.State, (own with { Count = own.Count + 1 }).Packed, state) == state)
                return true;
        }
        return true;
    }

    /// <summary>Says what other edges counted of a limit; it adds to what this one counts. By one thread at a time, beside requests.</summary>
    /// <param name="key">Whose count; forgotten ones are passed over.</param>
    /// <param name="windowStart">Begin of the window, seconds since 1970-01-01 UTC.</param>
    /// <param name="count">What others let pass in it.</param>
    /// <param name="before">What they let pass in the window before.</param>
    internal void SetOthers(LimitKey key, uint windowStart, int count, int before)
    {
        ulong hash = HashOf(key);
        int first = FirstOf(hash);
        for (int i = first; i < first + PlacesOfSet; i++)
        {
            // Taken over between the two lines, the place gives its new owner a count of somebody else's until the window ends.
            if (Volatile.Read(ref _places[i].Key) == hash)
                Volatile.Write(ref _places[i].Others, new Window(windowStart, count, before).Packed);
        }
    }

    // Until the window before has faded enough, or, when this one is full by itself, until it has become the one before and faded.
    private static int RetryAfter(Window window, int requests, int seconds, double over)
    {
        double room = requests - 1 - window.Count;
        double wait = room >= 0 && window.Before > 0
            ? 1 - (room / window.Before) - over
            : 1 - over + Math.Max(0, 1 - ((requests - 1.0) / Math.Max(1, window.Count)));
        return Math.Max(1, (int)Math.Ceiling(wait * seconds));
    }

    private int Find(ulong hash)
    {
        int first = FirstOf(hash);
        for (int tries = 0; tries < TriesMax; tries++)
        {
            int oldest = -1;
            ulong oldestKey = Empty;
            uint oldestStart = uint.MaxValue;
            for (int i = first; i < first + PlacesOfSet; i++)
            {
                ulong key = Volatile.Read(ref _places[i].Key);
                if (key == (hash | Pending))
                    Finish(ref _places[i], hash);
                if ((key & ~Pending) == hash)
                    return i;
                uint start = key == Empty ? 0 : Window.Read(Volatile.Read(ref _places[i].State)).Start;
                if ((key & Pending) == 0 && start < oldestStart)
                    (oldest, oldestKey, oldestStart) = (i, key, start);
            }
            if (oldest >= 0 && Interlocked.CompareExchange(ref _places[oldest].Key, hash | Pending, oldestKey) == oldestKey)
            {
                Finish(ref _places[oldest], hash);
                return oldest;
            }
        }
        return -1;
    }

    // Several threads may do this at once. One that comes late finds the state changed and the key named, and changes neither.
    private static void Finish(ref Place place, ulong hash)
    {
        ulong stale = Volatile.Read(ref place.State);
        if (Volatile.Read(ref place.Key) != (hash | Pending))
            return;
        Interlocked.CompareExchange(ref place.State, 0, stale);
        Volatile.Write(ref place.Others, 0);
        // Last: who sees the key sees the emptied state.
        Interlocked.CompareExchange(ref place.Key, hash, hash | Pending);
    }

    private int FirstOf(ulong hash) => (int)(hash >> 32) & (_places.Length - PlacesOfSet) & ~(PlacesOfSet - 1);

    private ulong HashOf(LimitKey key)
    {
        ulong hash = Mix(key.Rule ^ _seed);
        hash = Mix(hash ^ (ulong)key.Subject);
        hash = Mix(hash ^ (ulong)(key.Subject >> 64));
        hash &= ~Pending;
        return hash == Empty ? 2 : hash;
    }

    // The finaliser of SplitMix64.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    private struct Place
    {
        public ulong Key;
        public ulong State;
        public ulong Others;
    }

    // Start in seconds since 1970, and what was counted in this window and in the one before.
    private readonly record struct Window(uint Start, int Count, int Before)
    {
        public ulong Packed => ((ulong)Start << 32) | ((ulong)Math.Min(Count, ushort.MaxValue) << 16) | (uint)Math.Min(Before, ushort.MaxValue);

        public static Window Read(ulong packed) => new((uint)(packed >> 32), (ushort)(packed >> 16), (ushort)packed);

        // A clock that steps back by less than a window stays in the window it had.
        public Window At(uint start, uint seconds)
        {
            if (Start == start || (Start > start && Start - start <= seconds))
                return this;
            return Start + seconds == start ? new Window(start, 0, Count) : new Window(start, 0, 0);
        }

        public Window Plus(Window others) => new(Start, Count + others.Count, Before + others.Before);
    }
}
