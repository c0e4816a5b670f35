using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Weir.Detection.Signals;

/// <summary>
/// Counts requests per client over the last minute. Fixed memory (16 bytes a client, taken at construction), lock-free, allocates
/// nothing afterwards. Safe from any thread.
/// </summary>
/// <remarks>
/// A table of sets of eight slots: a client lives in one of the eight that its key's hash names. Slots are taken and never emptied;
/// when all eight are taken, the client longest silent gives way and is counted in <see cref="Evictions"/>.
/// What may be lost: a thread that found a slot just before it is given away adds its one request to the new client; and two threads
/// that meet a new client in a full set at the same moment may give it two slots, of which the first is found from then on.
/// </remarks>
public sealed class ClientWindows
{
    /// <summary>Requests a minute that one person hardly makes, assets included.</summary>
    public const int HighRate = 600;

    /// <summary>Requests a minute that no person makes; under the largest count that a window can hold.</summary>
    public const int ExtremeRate = 2400;

    /// <summary>How many requests one sub-window can count; more are not told apart.</summary>
    internal const int SubWindowMax = 1023;

    private const int Slots = 8;
    private const ulong Empty = 0;
    private const ulong Changing = 1;

    private readonly Slot[] _slots;
    private readonly int _setMask;
    private readonly ulong _seedLow;
    private readonly ulong _seedHigh;
    private long _evictions;

    /// <summary>Takes the memory for a number of clients.</summary>
    /// <param name="clients">How many clients are counted at a time: a power of two from 8 to 2²⁴.</param>
    public ClientWindows(int clients = 65_536)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clients, Slots);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(clients, 1 << 24);
        if (!BitOperations.IsPow2(clients))
            throw new ArgumentException($"{clients} is not a power of two. Write {BitOperations.RoundUpToPowerOf2((uint)clients)}.", nameof(clients));
        _slots = new Slot[clients];
        _setMask = (clients / Slots) - 1;
        // Keyed, so that nobody can choose addresses that crowd one set.
        Span<byte> seed = stackalloc byte[16];
        RandomNumberGenerator.Fill(seed);
        _seedLow = MemoryMarshal.Read<ulong>(seed);
        _seedHigh = MemoryMarshal.Read<ulong>(seed[8..]);
    }

    /// <summary>Clients that can be counted at a time.</summary>
    public int Capacity => _slots.Length;

    /// <summary>Clients forgotten because their set was full.</summary>
    public long Evictions => Volatile.Read(ref _evictions);

    /// <summary>Counts one request and says how many this client made in the last 45 to 60 seconds, this one included.</summary>
    /// <param name="client"><see cref="ClientAddress.ClientKey"/>.</param>
    /// <param name="timeMs">When the request arrived, milliseconds since 1970-01-01 UTC.</param>
    public int Count(UInt128 client, long timeMs)
    {
        ulong key = Hash(client);
        uint tick = Window.TickOf(timeMs);
        ref var slot = ref Find(key, tick);
        while (true)
        {
            ulong old = Volatile.Read(ref slot.Window);
            ulong next = Window.Add(old, tick, out int total);
            // One word holds tick and counts, so a lost race is a plain retry and no count is ever half old, half new.
            if (Interlocked.CompareExchange(ref slot.Window, next, old) == old)
                return total;
        }
    }

    private ref Slot Find(ulong key, uint tick)
    {
        var set = _slots.AsSpan((int)(key >> 32 & (ulong)_setMask) * Slots, Slots);
        for (int i = 0; i < Slots; i++)
        {
            ulong seen = Volatile.Read(ref set[i].Key);
            if (seen == Empty)
            {
                // Takes the slot. When another thread was first, its key is what the exchange returns, and may be ours.
                seen = Interlocked.CompareExchange(ref set[i].Key, key, Empty);
                if (seen == Empty)
                    return ref set[i];
            }
            if (seen == key)
                return ref set[i];
        }
        return ref Replace(set, key, tick);
    }

    private ref Slot Replace(Span<Slot> set, ulong key, uint tick)
    {
        while (true)
        {
            int oldest = 0;
            uint silence = 0;
            for (int i = 0; i < Slots; i++)
            {
                uint since = Window.TicksSince(Volatile.Read(ref set[i].Window), tick);
                if (since <= silence && i != 0)
                    continue;
                silence = since;
                oldest = i;
            }
            ref var slot = ref set[oldest];
            ulong before = Volatile.Read(ref slot.Key);
            if (before == key)
                return ref slot;
            // Changing keeps others from adding to the old client's counts under the new key: the window is cleared before the key
            // is published by the write below, which pairs with the read of Key in Find.
            if (before == Changing || Interlocked.CompareExchange(ref slot.Key, Changing, before) != before)
                continue;
            Volatile.Write(ref slot.Window, 0);
            Volatile.Write(ref slot.Key, key);
            Interlocked.Increment(ref _evictions);
            return ref slot;
        }
    }

    // Folded multiply of the two halves, each under its secret; 0 and 1 are taken by Empty and Changing.
    private ulong Hash(UInt128 client)
    {
        ulong high = Math.BigMul((ulong)client ^ _seedLow, (ulong)(client >> 64) ^ _seedHigh, out ulong low);
        high = Math.BigMul(high ^ low ^ _seedHigh, 0x9E3779B97F4A7C15, out low);
        ulong hash = high ^ low;
        return hash > Changing ? hash : hash + 2;
    }

    private struct Slot
    {
        public ulong Key;
        public ulong Window;
    }

    /// <summary>Tick and four counts in one word: 24 bits of tick (15 s each, 7.9 years), then 10 bits for each of the last four ticks.</summary>
    internal static class Window
    {
        private const int TickMs = 15_000;
        private const int CountBits = 10;
        private const int CountsBits = 4 * CountBits;
        private const ulong CountsMask = (1UL << CountsBits) - 1;
        private const uint TickMask = (1 << 24) - 1;

        public static uint TickOf(long timeMs) => (uint)(timeMs / TickMs) & TickMask;

        public static uint TicksSince(ulong window, uint tick) => (tick - (uint)(window >> CountsBits)) & TickMask;

        public static ulong Add(ulong window, uint tick, out int total)
        {
            ulong counts = window & CountsMask;
            uint since = TicksSince(window, tick);
            // A request a little late counts as now. One from far back means that the clock was set back: begin anew.
            if (since > TickMask - 4)
                tick = (uint)(window >> CountsBits);
            else if (since >= 4)
                counts = 0;
            else
                counts = counts << (int)(since * CountBits) & CountsMask;
            if ((counts & SubWindowMax) < SubWindowMax)
                counts++;
            total = 0;
            for (ulong rest = counts; rest != 0; rest >>= CountBits)
                total += (int)(rest & SubWindowMax);
            return (ulong)tick << CountsBits | counts;
        }
    }
}
