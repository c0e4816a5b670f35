using System.Buffers.Binary;
using System.Net;
using Weir.Detection;
using Weir.Detection.Identification;

namespace Weir.Ingest.Privacy;

/// <summary>Whose data: a site's, or an address's, at every site or at one.</summary>
/// <param name="Site">The site; null for every one.</param>
/// <param name="Addresses">The address or prefix; null for all that the site has.</param>
/// <param name="HashedAs">What <paramref name="Addresses"/>, one address, is stored as today where sites hash; unknown when that is not known.</param>
public sealed record DataSubject(SiteId? Site, Prefix? Addresses, ClientAddress HashedAs = default)
{
    // What a truncated address leaves of it.
    private const int TruncatedBitsIPv4 = 24;
    private const int TruncatedBitsIPv6 = 48;

    /// <summary>What it is called where deletions are recorded.</summary>
    public string Kind => Addresses is null ? "site" : Site is null ? "address" : "address-of-site";

    /// <summary>The subject of one address or prefix.</summary>
    /// <param name="addresses">Address or prefix.</param>
    /// <param name="site">Only at this site; null for all.</param>
    /// <param name="saltFile">The secret of the day of an edge on this machine; null when there is none.</param>
    /// <param name="time">Clock.</param>
    public static DataSubject Of(Prefix addresses, SiteId? site, string? saltFile, TimeProvider time) =>
        new(site, addresses, saltFile is not null && addresses.First == addresses.Last ? DailySalts.TodaysHash(saltFile, AddressOf(addresses.First, addresses.IsIPv4), time) : default);

    /// <summary>Whether truncated addresses are told apart by it: the prefix holds whole networks.</summary>
    internal bool HoldsNetworks => Addresses is { } prefix && prefix.Length <= (prefix.IsIPv4 ? TruncatedBitsIPv4 : TruncatedBitsIPv6);

    /// <summary>What a truncated address of it would be stored as.</summary>
    internal string Network => Text(Addresses is { } a ? AddressForms.Truncate(AddressOf(a.First, a.IsIPv4)) : default);

    /// <summary>Values of the parameters in <see cref="HitsSql"/>.</summary>
    internal (string Name, object Value)[] Parameters =>
    [
        ("any_site", Site is null), ("site", Site?.Value ?? ""), ("any_address", Addresses is null),
        ("first", Text(Addresses is { } a ? AddressOf(a.First, a.IsIPv4) : default)), ("last", Text(Addresses is { } b ? AddressOf(b.Last, b.IsIPv4) : default)),
        ("networks", HoldsNetworks), ("hash", Text(HashedAs)),
    ];

    /// <summary>Which rows of table <c>hits</c> are meant.</summary>
    internal const string HitsSql =
        """
        ({any_site:Bool} OR site = {site:String})
        AND ({any_address:Bool}
             OR (client_address BETWEEN toIPv6({first:String}) AND toIPv6({last:String})
                 AND (address_form = 'full' OR (address_form = 'truncated' AND {networks:Bool})))
             OR (address_form = 'hashed' AND toIPv6({hash:String}) != toIPv6('::') AND client_address = toIPv6({hash:String})))
        """;

    /// <summary>Which rows of a table of addresses without hits are meant.</summary>
    internal const string AddressesSql = "client_address BETWEEN toIPv6({first:String}) AND toIPv6({last:String})";

    private static ClientAddress AddressOf(UInt128 number, bool isIPv4) => isIPv4 ? ClientAddress.FromIPv4((uint)number) : new ClientAddress(number);

    private static string Text(ClientAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address.Value);
        return new IPAddress(bytes).ToString();
    }
}
