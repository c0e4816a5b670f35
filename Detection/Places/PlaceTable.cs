namespace Weir.Detection.Places;

/// <summary>One kind of value for every address, IPv4 and IPv6 apart.</summary>
/// <param name="V4">For IPv4.</param>
/// <param name="V6">For IPv6.</param>
internal sealed record AddressMaps<TValue>(AddressMap<uint, TValue> V4, AddressMap<UInt128, TValue> V6) where TValue : unmanaged, IEquatable<TValue>
{
    public TValue Find(ClientAddress address) => address.IsIPv4 ? V4.Find(address.IPv4) : V6.Find(address.Value);
}

/// <summary>Countries and networks of addresses, read whole from files. Immutable; safe from any thread; a look-up allocates nothing.</summary>
public sealed class PlaceTable
{
    private readonly AddressMaps<ushort>? _countries;
    private readonly AddressMaps<uint>? _networks;

    internal PlaceTable(AddressMaps<ushort>? countries, AddressMaps<uint>? networks) => (_countries, _networks) = (countries, networks);

    /// <summary>A table that knows nothing.</summary>
    public static PlaceTable Empty { get; } = new(null, null);

    /// <summary>Whether countries are known.</summary>
    public bool HasCountries => _countries is not null;

    /// <summary>Whether networks are known.</summary>
    public bool HasNetworks => _networks is not null;

    /// <summary>Intervals of countries; 0 when none are known.</summary>
    public int Countries => _countries is null ? 0 : _countries.V4.Count + _countries.V6.Count;

    /// <summary>Intervals of networks; 0 when none are known.</summary>
    public int Networks => _networks is null ? 0 : _networks.V4.Count + _networks.V6.Count;

    /// <summary>Where an address is.</summary>
    public Place Find(ClientAddress address) => new(new Country(_countries?.Find(address) ?? 0), _networks?.Find(address) ?? 0);

    /// <summary>This table with the countries of another.</summary>
    public PlaceTable WithCountriesOf(PlaceTable other) => new(other?._countries, _networks);

    /// <summary>This table with the networks of another.</summary>
    public PlaceTable WithNetworksOf(PlaceTable other) => new(_countries, other?._networks);
}
