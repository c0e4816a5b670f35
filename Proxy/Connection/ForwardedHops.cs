using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>What is believed of the way of a request, nearest hop first.</summary>
/// <param name="kept">Room for the addresses, <see cref="ClientAddressResolver.MaxHops"/> of them; empty to keep none.</param>
/// <param name="peer">The other end of the connection, believed until something else is.</param>
internal ref struct ForwardedHops(Span<ClientAddress> kept, ClientAddress peer)
{
    private readonly Span<ClientAddress> _kept = kept;

    /// <summary>How many hops were followed.</summary>
    public int Count { get; private set; }

    /// <summary>The address furthest away that is vouched for: the client's.</summary>
    public ClientAddress Believed { get; private set; } = peer;

    /// <summary>Where a trusted proxy names, in place of an address, something that hides it: that word. Empty for an address.</summary>
    /// <remarks>It is bounded and made of letters, digits, dots, dashes and underscores.</remarks>
    public ReadOnlySpan<char> Hidden { get; set; }

    /// <summary>The addresses, nearest first.</summary>
    public readonly ReadOnlySpan<ClientAddress> Addresses => _kept[..Math.Min(Count, _kept.Length)];

    /// <summary>Goes one hop further.</summary>
    public void Add(ClientAddress address)
    {
        if (Count < _kept.Length)
            _kept[Count] = address;
        Count++;
        Believed = address;
    }
}
