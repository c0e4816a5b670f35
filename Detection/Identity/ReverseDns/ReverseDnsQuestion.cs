using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>One open question about one address, and every crawler that was claimed from there while it was open.</summary>
internal sealed class ReverseDnsQuestion(ClientAddress address, Crawler crawler, long askedAtMs, bool isNear, bool isHidden = false)
{
    // More crawlers than this from one address within seconds are made up; the first ones are answered.
    private const int AskersMax = 8;

    private static readonly Asker Sealed = new(null!, null, 0, false);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Asker _askers = new(crawler, null, 1, isHidden);

    public ClientAddress Address => address;

    /// <summary>The crawler that was claimed first.</summary>
    public Crawler Crawler => crawler;

    public long AskedAtMs => askedAtMs;

    /// <summary>Whether it has a place in the lane kept for neighbours of known crawlers.</summary>
    public bool IsNear => isNear;

    /// <summary>Ends when the answer stands in the cache, or when the question was given up.</summary>
    public Task Done => _done.Task;

    /// <summary>The crawlers claimed so far.</summary>
    public IReadOnlyList<Crawler> Askers => List(Volatile.Read(ref _askers), withHidden: true);

    /// <summary>Adds a crawler, once. False when the answer stands in the cache already: look there again.</summary>
    public bool TryJoin(Crawler another, bool isHidden = false)
    {
        for (; ; )
        {
            // Pairs with the exchange in Seal: either this sees Sealed, or Seal sees what is added below.
            var head = Volatile.Read(ref _askers);
            if (ReferenceEquals(head, Sealed))
                return false;
            for (var asker = head; asker is not null; asker = asker.Next)
            {
                // Who may be told counts for more than who must not.
                if (asker.Crawler.Id == another.Id && (isHidden || !asker.IsHidden))
                    return true;
            }
            if (head.Count >= AskersMax || Interlocked.CompareExchange(ref _askers, new Asker(another, head, head.Count + 1, isHidden), head) == head)
                return true;
        }
    }

    /// <summary>Takes no more crawlers; gives those that joined and whose address may be stored. Called once, after the answer was put into
    /// the cache.</summary>
    public IReadOnlyList<Crawler> Seal() => List(Interlocked.Exchange(ref _askers, Sealed), withHidden: false);

    public void Finish() => _done.TrySetResult();

    private static List<Crawler> List(Asker head, bool withHidden)
    {
        List<Crawler> all = [];
        for (var asker = head; asker is not null && !ReferenceEquals(asker, Sealed); asker = asker.Next)
        {
            if (withHidden || !asker.IsHidden)
                all.Add(asker.Crawler);
        }
        all.Reverse();
        return all;
    }

    private sealed record Asker(Crawler Crawler, Asker? Next, int Count, bool IsHidden);
}
