using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Weir.Detection.Signals.Clients;

/// <summary>Where another thread may come in between; tests stop there. Production's does nothing and is compiled away.</summary>
internal interface ISteps
{
    /// <summary>Called between a read and the write that depends on it.</summary>
    static abstract void Pause();
}

/// <summary>No stops.</summary>
internal readonly struct NoSteps : ISteps
{
    public static void Pause()
    {
    }
}

/// <summary>The table of clients: fixed memory, lock-free, allocates nothing after construction. Safe from any thread.</summary>
/// <remarks>
/// Sets of eight: a client lives in one of the eight slots that its key's hash names. The eight keys of a set are one cache line and the
/// entry is another, so finding a client costs two. Slots are taken and never emptied; when all eight are taken, the client longest
/// silent gives way and is counted in <see cref="Evictions"/>.
/// <para>Exact while nobody is evicted: a slot is taken by one exchange of its key, and every word of an entry is changed by
/// compare-and-swap. What an eviction may cost: a thread that found a slot just before it was given away adds its one request to the new
/// client, and two threads that meet a new client in a full set at the same moment may give it two slots, of which the first is found from
/// then on. Nobody waits: a slot that is being given away is passed over, and when all eight are, the request is not counted at all.</para>
/// </remarks>
internal sealed class ClientTable<TSteps>
    where TSteps : struct, ISteps
{
    public const int Ways = 8;

    private const int LineBytes = 64;
    private const ulong Empty = 0;
    private const ulong Changing = 1;

    private readonly ulong[] _keys;
    private readonly ClientEntry[] _entries;
    private readonly nint _keysPad;
    private readonly nint _entriesPad;
    private readonly int _setMask;
    private readonly ulong _seedLow;
    private readonly ulong _seedHigh;
    private long _evictions;

    /// <param name="clients">A power of two from 8 to 2²⁴.</param>
    public ClientTable(int clients)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clients, Ways);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(clients, 1 << 24);
        if (!BitOperations.IsPow2(clients))
            throw new ArgumentException($"{clients} is not a power of two. Write {BitOperations.RoundUpToPowerOf2((uint)clients)}.", nameof(clients));
        Capacity = clients;
        _setMask = (clients / Ways) - 1;
        // Pinned, so that what is aligned now stays so; a line more than needed, so that it can be.
        _keys = GC.AllocateArray<ulong>(clients + Ways, pinned: true);
        _entries = GC.AllocateArray<ClientEntry>(clients + 1, pinned: true);
        _keysPad = PadOf(ref MemoryMarshal.GetArrayDataReference(_keys));
        _entriesPad = PadOf(ref MemoryMarshal.GetArrayDataReference(_entries));
        // Keyed, so that nobody can choose addresses that crowd one set.
        Span<byte> seed = stackalloc byte[16];
        RandomNumberGenerator.Fill(seed);
        _seedLow = MemoryMarshal.Read<ulong>(seed);
        _seedHigh = MemoryMarshal.Read<ulong>(seed[8..]);
    }

    public int Capacity { get; }

    public long Evictions => Volatile.Read(ref _evictions);

    /// <summary>Changes one word by compare-and-swap until no other thread came between. Lock-free: who loses lost to one who won.</summary>
    /// <returns>The word as it was left.</returns>
    /// <remarks>No order with other words is asked for: each is true by itself. Volatile.Read makes it one whole read on every
    /// processor; the exchange is a full fence and publishes the word.</remarks>
    public static ulong Change<TChange>(ref ulong word, in TChange change)
        where TChange : struct, IWordChange
    {
        while (true)
        {
            ulong old = Volatile.Read(ref word);
            TSteps.Pause();
            ulong next = change.Apply(old);
            // Most changes set what is set already; reading does not take the line away from other processors.
            if (next == old || Interlocked.CompareExchange(ref word, next, old) == old)
                return next;
        }
    }

    /// <summary>The entry of a client, taken if it has none; a null reference when every slot of its set is being given away.</summary>
    public ref ClientEntry Take(UInt128 client, uint tick)
    {
        ulong key = Hash(client);
        int first = (int)(key >> 32 & (ulong)_setMask) * Ways;
        for (int i = first; i < first + Ways; i++)
        {
            ref ulong slot = ref KeyAt(i);
            // Pairs with the two writes in Replace: who sees the new key sees its words cleared.
            ulong seen = Volatile.Read(ref slot);
            if (seen == Empty)
            {
                TSteps.Pause();
                // Takes the slot, whose words are 0 from the start. When another thread was first, the exchange returns its key, which
                // may be ours.
                seen = Interlocked.CompareExchange(ref slot, key, Empty);
                if (seen == Empty)
                    return ref EntryAt(i);
            }
            if (seen == key)
                return ref EntryAt(i);
        }
        return ref Replace(key, first, tick);
    }

    /// <summary>Has the processor fetch what <see cref="Take"/> will read of a client: its set's keys, and its entry if it has one. A hint.</summary>
    public unsafe void Prefetch(UInt128 client)
    {
        if (!Sse.IsSupported)
            return;
        ref var entry = ref Find(client);
        if (!Unsafe.IsNullRef(ref entry))
            Sse.Prefetch0(Unsafe.AsPointer(ref entry));
    }

    /// <summary>The entry of a client that has one; a null reference otherwise.</summary>
    public ref ClientEntry Find(UInt128 client)
    {
        ulong key = Hash(client);
        int first = (int)(key >> 32 & (ulong)_setMask) * Ways;
        for (int i = first; i < first + Ways; i++)
        {
            if (Volatile.Read(ref KeyAt(i)) == key)
                return ref EntryAt(i);
        }
        return ref Unsafe.NullRef<ClientEntry>();
    }

    private ref ClientEntry Replace(ulong key, int first, uint tick)
    {
        while (true)
        {
            int oldest = Oldest(first, tick, key);
            if (oldest < 0)
                return ref Unsafe.NullRef<ClientEntry>();
            ref ulong slot = ref KeyAt(oldest);
            ulong before = Volatile.Read(ref slot);
            if (before == key)
                return ref EntryAt(oldest);
            TSteps.Pause();
            // Changing keeps others from finding the old client here, and from taking the slot too.
            if (before == Changing || Interlocked.CompareExchange(ref slot, Changing, before) != before)
                continue;
            ref var entry = ref EntryAt(oldest);
            Clear(ref entry, tick);
            TSteps.Pause();
            // Releases what Clear wrote; pairs with the reads of the key in Take and Find.
            Volatile.Write(ref slot, key);
            Interlocked.Increment(ref _evictions);
            return ref entry;
        }
    }

    /// <summary>The slot longest silent, or the one that holds the key by now; -1 when all are being given away.</summary>
    private int Oldest(int first, uint tick, ulong key)
    {
        int oldest = -1;
        uint silence = 0;
        for (int i = first; i < first + Ways; i++)
        {
            ulong seen = Volatile.Read(ref KeyAt(i));
            if (seen == key)
                return i;
            if (seen == Changing)
                continue;
            uint since = RateWord.TicksSince(Volatile.Read(ref EntryAt(i).Rate), tick);
            if (oldest >= 0 && since <= silence)
                continue;
            silence = since;
            oldest = i;
        }
        return oldest;
    }

    // Volatile, so that a thread still adding to the old client cannot have its word overwritten half: each word is whole, and the last
    // writer's. A word added between these writes and the key is the one request that remarks above speak of.
    private static void Clear(ref ClientEntry entry, uint tick)
    {
        Volatile.Write(ref entry.Rate, RateWord.Begun(tick));
        Volatile.Write(ref entry.Pace, 0);
        Volatile.Write(ref entry.Marks, 0);
        Volatile.Write(ref entry.PathsEven, 0);
        Volatile.Write(ref entry.PathsOdd, 0);
        Volatile.Write(ref entry.Outcomes, 0);
        Volatile.Write(ref entry.Test, 0);
        Volatile.Write(ref entry.Holders, 0);
    }

    // Within bounds: a slot's index is the set, masked, times eight, plus less than eight.
    private ref ulong KeyAt(int slot) =>
        ref Unsafe.Add(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(_keys), _keysPad), slot);

    private ref ClientEntry EntryAt(int slot) =>
        ref Unsafe.Add(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(_entries), _entriesPad), slot);

    private static unsafe nint PadOf<T>(ref T first) => -(nint)Unsafe.AsPointer(ref Unsafe.As<T, byte>(ref first)) & (LineBytes - 1);

    // Folded multiply of the two halves, each under its secret; 0 and 1 are taken by Empty and Changing.
    private ulong Hash(UInt128 client)
    {
        ulong high = Math.BigMul((ulong)client ^ _seedLow, (ulong)(client >> 64) ^ _seedHigh, out ulong low);
        high = Math.BigMul(high ^ low ^ _seedHigh, 0x9E3779B97F4A7C15, out low);
        ulong hash = high ^ low;
        return hash > Changing ? hash : hash + 2;
    }
}

/// <summary>One change of one word. Pure: it is done again when another thread came between.</summary>
internal interface IWordChange
{
    ulong Apply(ulong word);
}
