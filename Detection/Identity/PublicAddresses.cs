namespace Weir.Detection.Identification;

/// <summary>Which addresses can be somebody's on the internet. Nothing outside asks DNS about, or fetches from, any other.</summary>
internal static class PublicAddresses
{
    // IANA's special-purpose registries (RFC 6890 and later), read 2026-11: private, loopback, link-local, shared, documentation,
    // benchmarking, multicast and reserved space.
    private static readonly IPv4Intervals SpecialIPv4 = new(Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"));

    // Of IPv6 only 2000::/3 is given out; these are its parts that are not.
    private static readonly IPv6Intervals SpecialIPv6 = new(Parse("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"));

    /// <summary>Whether an address is public; false for an unknown one. Allocates nothing.</summary>
    public static bool Contains(ClientAddress address) => address.IsIPv4
        ? !SpecialIPv4.Contains(address.IPv4)
        : address.Value >> 125 == 1 && !SpecialIPv6.Contains(address.Value);

    private static Prefix[] Parse(params string[] texts) =>
        Array.ConvertAll(texts, t => Prefix.TryParse(t, out var p) ? p : throw new InvalidOperationException(t));
}
