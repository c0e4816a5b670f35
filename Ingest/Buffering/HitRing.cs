using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Weir.Ingest.Buffering;

/// <summary>A bounded queue of hits for many writers and one reader. Writers never wait, lock or allocate.</summary>
/// <remarks>
/// Dmitry Vyukov's bounded queue (https://www.1024cores.net/home/lock-free-algorithms/queues/bounded-mpmc-queue), with one reader. Each slot says whose
/// turn it is: a writer's whose place is that number, the reader's when it is one more. A writer that is stopped between taking a place and filling it holds up the
/// reader, not other writers. Closing is a bit of the writers' counter, so that no place can be taken after it. The framework's channel takes a
/// lock for each hit, and loses half of its time to it once two cores write.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing to give back.")]
internal sealed class HitRing
{
    private const long Closed = long.MinValue;

    private readonly Slot[] _slots;
    private readonly int _mask;
    private readonly SemaphoreSlim _wake = new(0);
    private Counters _counters;
    private int _isReaderWaiting;

    /// <summary>Makes an empty one.</summary>
    /// <param name="capacity">Places; rounded up to a power of two, since slots are found by a mask, and to two, since one slot could not tell full from empty.</param>
    public HitRing(int capacity)
    {
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, capacity))];
        _mask = _slots.Length - 1;
        for (int i = 0; i < _slots.Length; i++)
            _slots[i].Turn = i;
    }

    /// <summary>Places.</summary>
    public int Capacity => _slots.Length;

    /// <summary>Hits handed over and not yet read; a moment's number.</summary>
    public int Count => (int)((Volatile.Read(ref _counters.Tail) & ~Closed) - Volatile.Read(ref _counters.Head));

    /// <summary>Whether no more hits come and all have been read.</summary>
    public bool IsDone => Volatile.Read(ref _counters.Tail) == (_counters.Head | Closed);

    /// <summary>Hands a hit over; false when the ring is full or closed.</summary>
    public bool TryWrite(in Hit hit)
    {
        long place = Volatile.Read(ref _counters.Tail);
        while (true)
        {
            if (place < 0)
                return false;
            ref var slot = ref _slots[place & _mask];
            // Pairs with the reader's write: what it read there is out of the slot before this sees the turn.
            long turn = Volatile.Read(ref slot.Turn);
            if (turn < place)
                return false;
            long seen = turn == place ? Interlocked.CompareExchange(ref _counters.Tail, place + 1, place) : Volatile.Read(ref _counters.Tail);
            if (turn == place && seen == place)
            {
                slot.Hit = hit;
                // Publishes the hit; pairs with the reader's read of the turn.
                Volatile.Write(ref slot.Turn, place + 1);
                if (Volatile.Read(ref _isReaderWaiting) != 0)
                    Wake();
                return true;
            }
            place = seen;
        }
    }

    /// <summary>Takes the oldest hit. For one reader.</summary>
    public bool TryRead(out Hit hit)
    {
        long place = _counters.Head;
        ref var slot = ref _slots[place & _mask];
        if (Volatile.Read(ref slot.Turn) != place + 1)
        {
            hit = default;
            return false;
        }
        hit = slot.Hit;
        slot.Hit = default;  // else its texts would live until the slot is used again
        Volatile.Write(ref slot.Turn, place + _slots.Length);
        Volatile.Write(ref _counters.Head, place + 1);
        return true;
    }

    /// <summary>Waits until a hit can be read; false when none will come. For one reader.</summary>
    public async ValueTask<bool> WaitToReadAsync(CancellationToken stop)
    {
        while (true)
        {
            if (CanRead)
                return true;
            if (IsDone)
                return false;
            Volatile.Write(ref _isReaderWaiting, 1);
            // Writers fill a slot and then look at the flag, without a fence between, since that would cost each hit. This fence is one on every core: a
            // writer either filled its slot before it, which the next look sees, or looks at the flag after it, and wakes.
            Interlocked.MemoryBarrierProcessWide();
            if (!CanRead && !IsDone)
                await _wake.WaitAsync(stop);
        }
    }

    /// <summary>Takes no more hits; those in it can still be read.</summary>
    public void Close()
    {
        Interlocked.Or(ref _counters.Tail, Closed);
        Wake();
    }

    private bool CanRead => Volatile.Read(ref _slots[_counters.Head & _mask].Turn) == _counters.Head + 1;

    // A wake-up too many costs the reader one look.
    private void Wake()
    {
        Volatile.Write(ref _isReaderWaiting, 0);
        _wake.Release();
    }

    private struct Slot
    {
        public long Turn;
        public Hit Hit;
    }

    // Writers move Tail and the reader Head: each on cache lines of its own (64 bytes, fetched in pairs).
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Counters
    {
        [FieldOffset(128)]
        public long Tail;

        [FieldOffset(256)]
        public long Head;
    }
}
