using Weir.Detection;
using Weir.Detection.Places;

namespace Weir.Storage.Traffic;

/// <summary>A client: where it is and what it calls itself.</summary>
internal readonly record struct Person(ClientAddress Address, Country Country, uint Asn, string UserAgent);

/// <summary>Makes clients: homes and phones behind the networks of some hundred providers, and programs in data centres.</summary>
internal sealed class ClientPool
{
    private const int Providers = 240, DataCentres = 40, Shared = 400;
    private static readonly string[] Codes = ["US", "DE", "GB", "FR", "IN", "BR", "JP", "NL", "ES", "IT", "PL", "CA", "AU", "SE", "MX", "ID", "TR", "VN", "KR", "ZA"];

    private readonly Network[] _providers;
    private readonly Network[] _dataCentres;
    private readonly (uint Address, Network Network)[] _shared;

    public ClientPool(Random random)
    {
        _providers = [.. Enumerable.Range(0, Providers).Select(_ => NewNetwork(random))];
        _dataCentres = [.. Enumerable.Range(0, DataCentres).Select(_ => NewNetwork(random))];
        _shared = [.. Enumerable.Range(0, Shared).Select(_ => (Network: Pick(_providers, random), Low: (uint)random.Next(1 << 16)))
            .Select(s => (s.Network.IPv4 | s.Low, s.Network))];
    }

    /// <summary>A person: three in ten by IPv6 with an interface id of their own, one in ten behind an address that many share.</summary>
    public Person NewPerson(Random random, string userAgent)
    {
        int sort = random.Next(100);
        if (sort < 10)
        {
            var (address, network) = _shared[Zipf.Pick(_shared.Length, random)];
            return new Person(ClientAddress.FromIPv4(address), network.Country, network.Asn, userAgent);
        }
        var provider = Pick(_providers, random);
        if (sort >= 40)
            return new Person(ClientAddress.FromIPv4(provider.IPv4 | (uint)random.Next(1 << 16)), provider.Country, provider.Asn, userAgent);
        var subnet = ((UInt128)provider.IPv6 << 96) | ((UInt128)(uint)random.Next(1 << 24) << 72);
        return new Person(new ClientAddress(subnet | (ulong)random.NextInt64()), provider.Country, provider.Asn, userAgent);
    }

    /// <summary>A program in a data centre.</summary>
    public Person NewProgram(Random random, string userAgent)
    {
        var centre = Pick(_dataCentres, random);
        return new Person(ClientAddress.FromIPv4(centre.IPv4 | (uint)random.Next(1 << 12)), centre.Country, centre.Asn, userAgent);
    }

    private static Network Pick(Network[] networks, Random random) => networks[Zipf.Pick(networks.Length, random)];

    private static Network NewNetwork(Random random)
    {
        _ = Country.TryParse(Codes[Zipf.Pick(Codes.Length, random)], out var country);
        return new Network((uint)random.Next(20, 220) << 24 | (uint)random.Next(256) << 16, 0x2A00_0000 | (uint)random.Next(1 << 20), country, (uint)random.Next(1_000, 60_000));
    }

    private readonly record struct Network(uint IPv4, uint IPv6, Country Country, uint Asn);
}

/// <summary>Ranks as they are in nature: the first is twice as frequent as the second.</summary>
internal static class Zipf
{
    /// <summary>A number from 0 to below <paramref name="count"/>, with probability about 1/(n+1).</summary>
    public static int Pick(int count, Random random) => Math.Min(count - 1, (int)Math.Pow(count, random.NextDouble()) - 1 + (random.Next(8) == 0 ? 1 : 0));
}
