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

    /// <summary>The address that is believed to have made the request. Never throws, whatever the headers hold. Allocates nothing.</summary>
    /// <param name="peer">The other end of the connection.</param>
    /// <param name="forwardedFor">All X-Forwarded-For headers in order.</param>
    /// <param name="forwarded">All Forwarded headers in order.</param>
    /// <returns>The first untrusted address from the right; the last one read when the rest is unreadable or all are trusted.</returns>
    public ClientAddress Resolve(ClientAddress peer, in StringValues forwardedFor, in StringValues forwarded)
    {
        var hops = new ForwardedHops(default, peer);
        Follow(peer, forwardedFor, forwarded, ref hops);
        return hops.Believed;
    }

    /// <summary>As <see cref="Resolve"/>, and keeps every address on the way.</summary>
    /// <param name="peer">The other end of the connection.</param>
    /// <param name="forwardedFor">All X-Forwarded-For headers in order.</param>
    /// <param name="forwarded">All Forwarded headers in order.</param>
    /// <param name="hops">Gets what is believed.</param>
    internal void Follow(ClientAddress peer, in StringValues forwardedFor, in StringValues forwarded, scoped ref ForwardedHops hops)
    {
        if (!_trusted.Contains(peer))
            return;
        bool readsForwarded = ReadsForwarded(forwardedFor);
        ref readonly var values = ref readsForwarded ? ref forwarded : ref forwardedFor;
        for (int i = values.Count - 1; i >= 0; i--)
        {
            string? list = values[i];
            bool goesOn = readsForwarded ? FollowForwarded(list, ref hops) : FollowForwardedFor(list, ref hops);
            if (!goesOn)
                break;
        }
    }

    /// <summary>Whether it is Forwarded that a trusted peer is believed by, and not X-Forwarded-For.</summary>
    internal bool ReadsForwarded(in StringValues forwardedFor) => _header == ForwardedHeader.Forwarded || forwardedFor.Count == 0;

    private bool FollowForwardedFor(string? text, scoped ref ForwardedHops hops)
    {
        var list = text.AsSpan();
        while (true)
        {
            int comma = list.LastIndexOf(',');
            if (!FollowOne(list[(comma + 1)..], ref hops))
                return false;
            if (comma < 0)
                return true;
            list = list[..comma];
        }
    }

    private bool FollowForwarded(string? text, scoped ref ForwardedHops hops)
    {
        // Commas inside quotes separate nothing, so elements are found from the left; only the last ones matter.
        var list = text.AsSpan();
        Span<Range> elements = stackalloc Range[MaxHops];
        int count = ForwardedElement.Split(list, elements);
        for (int i = count - 1; i >= Math.Max(0, count - MaxHops); i--)
        {
            if (!ForwardedElement.TryFind(list[elements[i % MaxHops]], "for", out var node) || !FollowOne(node, ref hops))
                return false;
        }
        return count <= MaxHops;
    }

    // One hop further left; false ends the walk, with the best address so far.
    private bool FollowOne(ReadOnlySpan<char> node, scoped ref ForwardedHops hops)
    {
        if (hops.Count == MaxHops)
            return false;
        if (!ForwardedElement.TryReadAddress(node, out var address))
        {
            if (ForwardedElement.TryReadHidden(node, out var hidden))
                hops.Hidden = hidden;
            return false;
        }
        hops.Add(address);
        return _trusted.Contains(address);
    }
}
