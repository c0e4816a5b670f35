using System.Net;
using MaxMind.Db;
using Weir.Detection;
using Weir.Detection.Places;

namespace Weir.Micro.Operations;

/// <summary>Random addresses, and the file of countries that a build fetches.</summary>
internal static class CountryFile
{
    public const int Addresses = 4096;

    public static string Path => BundledCountries.Find() ?? throw new Reporting.BenchException("the file of countries is missing. Build Weir, which fetches it.");

    // Lives as long as the program.
    public static Lazy<Reader> Reader { get; } = new(() => new Reader(Path, FileAccessMode.Memory));

    public static ClientAddress[] Random()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Addresses).Select(_ => ClientAddress.FromIPv4((uint)random.NextInt64(0x0100_0000, 0xE000_0000)))];
    }
}

/// <summary>The country of an IPv4 address.</summary>
internal struct FindCountry : IWork
{
    private PlaceBook _places;
    private ClientAddress[] _addresses;

    public void SetUp()
    {
        _places = new PlaceBook { Table = PlaceFile.ReadCountries(CountryFile.Path) };
        _addresses = CountryFile.Random();
    }

    public readonly int Once(int i) => _places.Find(_addresses[i & (CountryFile.Addresses - 1)]).Country.Number;
}

/// <summary>The same by MaxMind's reader, as it is meant to be used.</summary>
internal struct FindCountryByReader : IWork
{
    private IPAddress[] _addresses;

    public void SetUp() => _addresses = [.. CountryFile.Random().Select(a => a.ToIPAddress())];

    public readonly int Once(int i) => CountryFile.Reader.Value.Find<Dictionary<string, object>>(_addresses[i & (CountryFile.Addresses - 1)])?.Count ?? 0;
}
