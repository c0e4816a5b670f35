using Microsoft.Extensions.Primitives;
using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>Which header the trusted proxies write the client address into.</summary>
public enum ForwardedHeader
{
    /// <summary>X-Forwarded-For; Forwarded only when no X-Forwarded-For was sent.</summary>
    XForwardedFor = 0,

    /// <summary>Forwarded (RFC 7239) alone. X-Forwarded-For is not believed: a proxy that does not write it lets a client's one through.</summary>
    Forwarded = 1,
}

/// <summary>Decides who made a request. Immutable; safe from any thread.</summary>
/// <remarks>Every hop appends on the right. So the list is read from the right for as long as the address that vouches for the next
/// one is a configured proxy; the first that is none is the client, and what stands left of it is the client's own invention.</remarks>
public sealed class ClientAddressResolver(TrustedProxies trusted, ForwardedHeader header)
{
    /// <summary>Hops that are followed at most: real chains have fewer than ten, and each costs a look-up.</summary>
    public const int MaxHops = 32;

    private readonly TrustedProxies _trusted = trusted;
    private readonly ForwardedHeader _header = header;

    /// <summary>The address that is believed to have made the request. Never throws, whatever the headers hold.</summary>
    /// <param name="peer">The other end of the connection.</param>
    /// <param name="forwardedFor">All X-Forwarded-For headers in order.</param>
    /// <param name="forwarded">All Forwarded headers in order.</param>
    /// <returns>The first untrusted address from the right; the last one read when the rest is unreadable or all are trusted.</returns>
    public ClientAddress Resolve(ClientAddress peer, in StringValues forwardedFor, in StringValues forwarded)
    {
        if (!_trusted.Contains(peer))
            return peer;
        bool readsForwarded = _header == ForwardedHeader.Forwarded || forwardedFor.Count == 0;
        var believed = peer;
        int hops = 0;
        ref readonly var values = ref readsForwarded ? ref forwarded : ref forwardedFor;
        for (int i = values.Count - 1; i >= 0; i--)
        {
            var list = values[i].AsSpan();
            bool goesOn = readsForwarded ? FollowForwarded(list, ref believed, ref hops) : FollowForwardedFor(list, ref believed, ref hops);
            if (!goesOn)
                break;
        }
        return believed;
    }

    private bool FollowForwardedFor(ReadOnlySpan<char> list, ref ClientAddress believed, ref int hops)
    {
        while (true)
        {
            int comma = list.LastIndexOf(',');
            if (!Follow(list[(comma + 1)..], ref believed, ref hops))
                return false;
            if (comma < 0)
                return true;
            list = list[..comma];
        }
    }

    private bool FollowForwarded(ReadOnlySpan<char> list, ref ClientAddress believed, ref int hops)
    {
        // Commas inside quotes separate nothing, so elements are found from the left; only the last ones matter.
        Span<Range> elements = stackalloc Range[MaxHops];
        int count = ForwardedElement.Split(list, elements);
        for (int i = count - 1; i >= Math.Max(0, count - MaxHops); i--)
        {
            if (!ForwardedElement.TryFindFor(list[elements[i % MaxHops]], out var node) || !Follow(node, ref believed, ref hops))
                return false;
        }
        return count <= MaxHops;
    }

    // One hop further left; false ends the walk, with the best address so far.
    private bool Follow(ReadOnlySpan<char> node, ref ClientAddress believed, ref int hops)
    {
        if (++hops > MaxHops || !ForwardedElement.TryReadAddress(node, out var address))
            return false;
        believed = address;
        return _trusted.Contains(address);
    }
}
