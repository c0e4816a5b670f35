using System.Collections.Concurrent;

namespace Weir.Proxy.Origins;

/// <summary>The origins of one site, taken in turn. Safe from any thread.</summary>
internal sealed class OriginSet(IReadOnlyList<Origin> origins)
{
    private readonly Origin[] _origins = [.. origins];
    private uint _turn;

    /// <summary>How many origins there are; at least one.</summary>
    public int Count => _origins.Length;

    /// <summary>The next healthy origin in turn; when none is healthy, the next in turn, because trying beats refusing.</summary>
    /// <param name="not">An origin that failed this request already; taken again only when it is the only one.</param>
    public Origin Next(Origin? not = null)
    {
        if (_origins.Length == 1)
            return _origins[0];
        uint turn = Interlocked.Increment(ref _turn);
        for (uint i = 0; i < _origins.Length; i++)
        {
            var origin = _origins[(turn + i) % _origins.Length];
            if (origin != not && origin.IsHealthy)
                return origin;
        }
        var any = _origins[turn % _origins.Length];
        return any != not ? any : _origins[(turn + 1) % _origins.Length];
    }
}

/// <summary>Every origin by URL, so that its health survives a change of sites. Safe from any thread.</summary>
internal sealed class OriginBook(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Origin> _byUrl = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The set of these origins, each kept from earlier when it was known.</summary>
    public OriginSet SetOf(IReadOnlyList<Uri> urls) =>
        new([.. urls.Select(url => _byUrl.GetOrAdd(url.GetLeftPart(UriPartial.Authority), _ => new Origin(url, time)))]);
}
