using System.Threading.Channels;
using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>Why a question was not asked. Names are part of a metric.</summary>
public enum ReverseDnsShed : byte
{
    /// <summary>The queue is full.</summary>
    QueueFull = 0,

    /// <summary>The address's neighbourhood has too many questions open.</summary>
    NeighbourhoodFull = 1,

    /// <summary>Half of the queue is for one crawler already.</summary>
    CrawlerFull = 2,

    /// <summary>Every place that the cache has for the address is taken by an open question.</summary>
    CacheFull = 3,

    /// <summary>The question waited so long for its turn that nobody is served by it.</summary>
    WaitedTooLong = 4,
}

/// <summary>Questions that wait, in two bounded lanes that anybody may be flooding.</summary>
/// <remarks>
/// Who sends a crawler's name from 100,000 addresses wants the real crawler's question to drown. Against that: the lane kept for neighbours
/// (addresses in a /16 or IPv6 /32 of the crawler's own lists, or in a /24 or /48 where DNS confirmed a crawler before) has its own room and its
/// own workers; no neighbourhood has more than its share, so that a rented network fills nothing; and no crawler has more than half of the
/// common lane, so that an attack in one name leaves room for the others.
/// The shares are counted in hashed slots: two neighbourhoods in one slot share a share, which only makes the bound tighter.
/// </remarks>
internal sealed class ReverseDnsLanes(ReverseDnsOptions options)
{
    private readonly Channel<ReverseDnsQuestion> _near = Channel.CreateUnbounded<ReverseDnsQuestion>(); // bounded by _nearOpen
    private readonly Channel<ReverseDnsQuestion> _far = Channel.CreateUnbounded<ReverseDnsQuestion>(); // bounded by _farOpen
    private readonly int[] _byNeighbourhood = new int[4096];
    private readonly int[] _byCrawler = new int[256];
    private readonly long[] _confirmed = new long[4096];
    private int _nearOpen;
    private int _farOpen;

    public ChannelReader<ReverseDnsQuestion> Near => _near.Reader;

    public ChannelReader<ReverseDnsQuestion> Far => _far.Reader;

    /// <summary>Questions that wait.</summary>
    public int Waiting => _near.Reader.Count + _far.Reader.Count;

    /// <summary>Whether an address is where the crawler, or any confirmed one, is at home.</summary>
    public bool IsNear(ClientAddress address, Crawler crawler)
    {
        if (Volatile.Read(ref _confirmed[StreetSlot(address)]) == StreetTag(address))
            return true;
        for (int i = 0; i < crawler.RangeLists.Count; i++)
        {
            if (crawler.RangeLists[i].IsNear(address))
                return true;
        }
        return false;
    }

    /// <summary>Remembers that a crawler is at home around an address.</summary>
    public void MarkConfirmed(ClientAddress address) => Volatile.Write(ref _confirmed[StreetSlot(address)], StreetTag(address));

    /// <summary>Takes a place for a question, or says why there is none. A place is given back by <see cref="Release"/>.</summary>
    public ReverseDnsShed? TryReserve(ReverseDnsQuestion question)
    {
        if (!TryTake(ref _byNeighbourhood[NeighbourhoodSlot(question.Address)], options.NeighbourhoodMax))
            return ReverseDnsShed.NeighbourhoodFull;
        if (question.IsNear)
        {
            if (TryTake(ref _nearOpen, Math.Max(options.QueueMax / 4, 1)))
                return null;
            Interlocked.Decrement(ref _byNeighbourhood[NeighbourhoodSlot(question.Address)]);
            return ReverseDnsShed.QueueFull;
        }
        ReverseDnsShed why;
        if (TryTake(ref _byCrawler[CrawlerSlot(question.Crawler)], Math.Max(options.QueueMax / 2, 1)))
        {
            if (TryTake(ref _farOpen, options.QueueMax))
                return null;
            Interlocked.Decrement(ref _byCrawler[CrawlerSlot(question.Crawler)]);
            why = ReverseDnsShed.QueueFull;
        }
        else
        {
            why = ReverseDnsShed.CrawlerFull;
        }
        Interlocked.Decrement(ref _byNeighbourhood[NeighbourhoodSlot(question.Address)]);
        return why;
    }

    /// <summary>Puts a question that has a place into its lane.</summary>
    public void Enqueue(ReverseDnsQuestion question) => (question.IsNear ? _near : _far).Writer.TryWrite(question);

    /// <summary>Gives a question's place back, when it is answered or was never put.</summary>
    public void Release(ReverseDnsQuestion question)
    {
        Interlocked.Decrement(ref _byNeighbourhood[NeighbourhoodSlot(question.Address)]);
        if (question.IsNear)
        {
            Interlocked.Decrement(ref _nearOpen);
            return;
        }
        Interlocked.Decrement(ref _byCrawler[CrawlerSlot(question.Crawler)]);
        Interlocked.Decrement(ref _farOpen);
    }

    /// <summary>Takes no more questions; readers end when the lanes are empty.</summary>
    public void Close()
    {
        _near.Writer.TryComplete();
        _far.Writer.TryComplete();
    }

    private static bool TryTake(ref int count, int max)
    {
        if (Interlocked.Increment(ref count) <= max)
            return true;
        Interlocked.Decrement(ref count);
        return false;
    }

    // All hashes are seeded at each start, so that nobody can aim at somebody's slot.
    private static int NeighbourhoodSlot(ClientAddress address) => HashCode.Combine((ulong)(address.Value >> (address.IsIPv4 ? 16 : 96))) & 4095;

    private static int CrawlerSlot(Crawler crawler) => crawler.Id.GetHashCode(StringComparison.Ordinal) & 255;

    private static long Street(ClientAddress address) => (long)(ulong)(address.Value >> (address.IsIPv4 ? 8 : 80));

    private static int StreetSlot(ClientAddress address) => HashCode.Combine(Street(address)) & 4095;

    private static long StreetTag(ClientAddress address) => Street(address) + 1; // 0 is an empty slot
}
