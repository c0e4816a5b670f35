using System.Numerics;

namespace Weir.Proxy.Origins;

/// <summary>One origin as one site uses it.</summary>
/// <param name="Origin">The origin.</param>
/// <param name="Weight">Its share; 0 for none.</param>
/// <param name="Probe">What the site's check says of it; null without check.</param>
internal readonly record struct OriginMember(Origin Origin, int Weight, OriginProbe? Probe = null)
{
    /// <summary>Whether both the requests and the check find it well.</summary>
    public bool IsHealthy => Origin.IsHealthy && Probe?.IsHealthy != false;
}

/// <summary>The origins of one site, taken by weight. Safe from any thread; allocates only when an origin's health changed.</summary>
internal sealed class OriginSet
{
    private readonly OriginMember[] _members;
    private readonly ulong _weighted;
    private OriginTurns _turns;
    private uint _turn;

    /// <param name="members">At least one, 64 at most, one of them with a weight.</param>
    /// <param name="sessions">Keeps visitors at their origin; null where nobody asked for that.</param>
    public OriginSet(IReadOnlyList<OriginMember> members, StickySessions? sessions = null)
    {
        _members = [.. members];
        for (int i = 0; i < _members.Length; i++)
            _weighted |= _members[i].Weight > 0 ? 1UL << i : 0;
        // Nobody can write this; were it so, all would be better than none.
        if (_weighted == 0)
            _weighted = ulong.MaxValue >> (64 - _members.Length);
        _turns = new OriginTurns(_weighted, _members);
        Sessions = _members.Length > 1 ? sessions : null;
    }

    /// <summary>The origins.</summary>
    public ReadOnlySpan<OriginMember> Members => _members;

    /// <summary>How many origins take new requests; at least one.</summary>
    public int Count => BitOperations.PopCount(_weighted);

    /// <summary>Keeps visitors at their origin; null where nobody asked for that, and where there is no choice.</summary>
    public StickySessions? Sessions { get; }

    /// <summary>The place of an origin; −1 when it is none of the site's.</summary>
    public int IndexOf(Origin origin)
    {
        for (int i = 0; i < _members.Length; i++)
        {
            if (_members[i].Origin == origin)
                return i;
        }
        return -1;
    }

    /// <summary>The next healthy origin by weight; when none is healthy, the next of all, because trying beats refusing.</summary>
    /// <param name="tried">Origins that this request was given before; gets the one returned. One is taken again only when all were.</param>
    public Origin Next(ref ulong tried)
    {
        if (_members.Length == 1)
            return _members[0].Origin;
        ulong healthy = 0;
        for (int i = 0; i < _members.Length; i++)
            healthy |= _members[i].IsHealthy ? 1UL << i : 0;
        healthy &= _weighted;
        if (healthy == 0)
            healthy = _weighted;
        var turns = Volatile.Read(ref _turns);
        // An immutable table for these very origins. A lost race makes it twice.
        if (turns.Origins != healthy)
            Volatile.Write(ref _turns, turns = new OriginTurns(healthy, _members));
        uint turn = Interlocked.Increment(ref _turn);
        int at = tried == 0 ? turns[turn] : Untried(turns, turn, tried);
        tried |= 1UL << at;
        return _members[at].Origin;
    }

    /// <summary>The next healthy origin by weight.</summary>
    public Origin Next()
    {
        ulong tried = 0;
        return Next(ref tried);
    }

    /// <summary>The origin of the visitor's session, when it is healthy; null when there is none.</summary>
    /// <param name="token">Of the visitor's cookie; hostile.</param>
    /// <param name="tried">As for <see cref="Next(ref ulong)"/>.</param>
    public Origin? OfSession(ReadOnlySpan<char> token, ref ulong tried)
    {
        int at = Sessions!.IndexOf(token);
        if (at < 0 || (tried >> at & 1) != 0 || !_members[at].IsHealthy)
            return null;
        tried |= 1UL << at;
        return _members[at].Origin;
    }

    private int Untried(OriginTurns turns, uint turn, ulong tried)
    {
        for (uint i = 0; i < turns.Length; i++)
        {
            int at = turns[turn + i];
            if ((tried >> at & 1) == 0)
                return at;
        }
        // The healthy ones were tried: then the others, then any again.
        ulong left = _weighted & ~tried;
        return left != 0 ? BitOperations.TrailingZeroCount(left) : turns[turn];
    }
}
