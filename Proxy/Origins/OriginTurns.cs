using System.Numerics;

namespace Weir.Proxy.Origins;

/// <summary>The order in which some of a site's origins take turns: each as often as its weight, spread as evenly as can be. Immutable.</summary>
/// <remarks>Made once for each set of healthy origins, so that a request needs one step of a counter and no lock, and so that the share
/// of an ill one goes to the others by their weights, not to whoever stands behind it.</remarks>
internal sealed class OriginTurns
{
    private readonly byte[] _order;

    /// <param name="origins">Which of them take part, a bit each; at least one.</param>
    /// <param name="members">All origins. Without any weight among those that take part, each counts as one.</param>
    public OriginTurns(ulong origins, ReadOnlySpan<OriginMember> members)
    {
        Origins = origins;
        int[] weights = new int[members.Length];
        int common = 0, total = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (origins >> i & 1) != 0 ? Math.Max(members[i].Weight, 1) : 0;
            common = (int)BigInteger.GreatestCommonDivisor(common, weights[i]);
            total += weights[i];
        }
        _order = new byte[total / common];
        int[] credit = new int[weights.Length];
        for (int turn = 0; turn < _order.Length; turn++)
            _order[turn] = Take(weights, credit, total);
    }

    /// <summary>Which origins take part, a bit each.</summary>
    public ulong Origins { get; }

    /// <summary>Turns until the order repeats.</summary>
    public int Length => _order.Length;

    /// <summary>Place of the origin whose turn it is.</summary>
    public int this[uint turn] => _order[turn % (uint)_order.Length];

    // Everybody earns their weight; who has most is taken and pays for all.
    private static byte Take(int[] weights, int[] credit, int total)
    {
        int most = -1;
        for (int i = 0; i < weights.Length; i++)
        {
            credit[i] += weights[i];
            if (weights[i] > 0 && (most < 0 || credit[i] > credit[most]))
                most = i;
        }
        credit[most] -= total;
        return (byte)most;
    }
}
