namespace Weir.Detection;

/// <summary>What of a client's address is stored with a hit. Stored numbers: may grow, never change.</summary>
/// <remarks>Lives here, as <see cref="SiteId"/> does, because settings and hits both name it. Detection itself always sees the whole address.</remarks>
public enum AddressForm : byte
{
    /// <summary>The whole address.</summary>
    Full = 0,

    /// <summary>Its network alone: /24 of an IPv4 address, /48 of an IPv6 address; the rest is zeros.</summary>
    Truncated = 1,

    /// <summary>A number made of the address and of a secret of the day (UTC), which is destroyed when the day is over.</summary>
    Hashed = 2,

    /// <summary>Nothing.</summary>
    None = 3,
}

/// <summary>Names and values of address forms.</summary>
public static class AddressForms
{
    /// <summary>Every name, for messages.</summary>
    public const string Names = "full, truncated, hashed or none";

    private const int KeptBitsIPv4 = 24;
    private const int KeptBitsIPv6 = 48;

    // RFC 6666: routers discard these, so no client has one, and a stored hash is never taken for a client's address.
    private static readonly UInt128 HashPrefix = (UInt128)0x0100 << 112;

    /// <summary>Reads a name as settings write it.</summary>
    public static bool TryParse(string? text, out AddressForm form)
    {
        form = text switch
        {
            "truncated" => AddressForm.Truncated,
            "hashed" => AddressForm.Hashed,
            "none" => AddressForm.None,
            _ => AddressForm.Full,
        };
        return form != AddressForm.Full || text == "full";
    }

    /// <summary>The network of an address: /24 or /48. What is unknown stays unknown.</summary>
    public static ClientAddress Truncate(ClientAddress address) =>
        new(address.IsIPv4 ? address.Value >> (32 - KeptBitsIPv4) << (32 - KeptBitsIPv4) : address.Value >> (128 - KeptBitsIPv6) << (128 - KeptBitsIPv6));

    /// <summary>A hash as an address of 100::/64, which no client has.</summary>
    public static ClientAddress OfHash(ulong hash) => new(HashPrefix | hash);

    /// <summary>Whether a stored address is such a hash.</summary>
    public static bool IsHash(ClientAddress stored) => stored.Value >> 64 == HashPrefix >> 64;

    /// <summary>What people are shown of a stored address: the address, its network with its length, <c>hash:</c> and 16 hex digits, or
    /// nothing.</summary>
    public static string Text(ClientAddress stored, AddressForm form) => form switch
    {
        _ when !stored.IsKnown => "",
        AddressForm.None => "",
        AddressForm.Truncated => $"{stored}/{(stored.IsIPv4 ? KeptBitsIPv4 : KeptBitsIPv6)}",
        AddressForm.Hashed => $"hash:{(ulong)stored.Value:x16}",
        _ => stored.ToString(),
    };
}
