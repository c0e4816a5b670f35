using System.Net;

namespace Weir.Detection.Identification;

/// <summary>Tells addresses of the public internet from those that only lead into a network of somebody's own.</summary>
public static class PublicAddress
{
    // IANA's special-purpose registries (RFC 6890 and after), multicast, and the old 6to4 relays.
    private static readonly IPv4Intervals SpecialIPv4 = new(Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/3",
        // Azure answers its machines' metadata from this one, which looks like any other.
        "168.63.129.16/32"));

    // All that IANA gives out is in 2000::/3; what is outside are loopback, local, multicast and NAT64. Inside it: protocols (Teredo among
    // them), documentation, 6to4, which all lead to or mean other addresses.
    private static readonly IPv6Intervals SpecialIPv6 = new(Parse("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"));

    /// <summary>Whether an address is of the public internet. An IPv4 address written as IPv6 is not: nobody publishes one.</summary>
    public static bool IsPublic(IPAddress address) => !address.IsIPv4MappedToIPv6 && IsPublic(ClientAddress.From(address));

    /// <summary>Whether a client's address is of the public internet; false for an unknown one. Allocates nothing.</summary>
    public static bool IsPublic(ClientAddress address) => address.IsIPv4
        ? !SpecialIPv4.Contains(address.IPv4) : address.Value >> 125 == 1 && !SpecialIPv6.Contains(address.Value);

    private static Prefix[] Parse(params string[] texts) =>
        Array.ConvertAll(texts, t => Prefix.TryParse(t, out var p) ? p : throw new InvalidOperationException(t));
}
