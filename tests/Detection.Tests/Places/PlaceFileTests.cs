using System.Net;
using CsCheck;
using MaxMind.Db;
using Weir.Detection.Places;
using Weir.TestKit;

namespace Weir.Detection.Tests.Places;

public class PlaceFileTests
{
    // Read once: it has half a million networks.
    private static readonly Lazy<PlaceTable> Bundled = new(() => PlaceFile.ReadCountries(BundledFile));

    private static string BundledFile => BundledCountries.Find() ?? throw new InvalidOperationException("The build did not fetch the file of countries; see its warning WEIR002.");

    [Fact]
    public void The_table_says_of_every_address_what_the_file_says()
    {
        using var reader = new Reader(BundledFile, FileAccessMode.Memory);
        var table = Bundled.Value;
        Gen.OneOf(
            Gen.UInt.Select(ClientAddress.FromIPv4),
            // Where IPv6 is in use at all.
            Gen.Select(Gen.UInt[0x20010000, 0x2A20FFFF], Gen.ULong, (high, low) => new ClientAddress(((UInt128)high << 96) | ((UInt128)low << 32)))).Sample(address =>
            {
                var record = reader.Find<Dictionary<string, object>>(address.ToIPAddress());
                string expected = record?.GetValueOrDefault("country_code") as string ?? "";

                Assert.Equal(expected, table.Find(address).Country.Code);
            }, iter: 20_000);
    }

    [Theory]
    [InlineData("8.8.8.8", "US")]
    [InlineData("193.0.6.139", "NL")]
    [InlineData("2001:67c:2e8:22::c100:68b", "NL")]
    [InlineData("10.0.0.1", "")]
    [InlineData("::1", "")]
    public void Known_addresses_are_where_they_should_be(string address, string country) =>
        Assert.Equal(country, Bundled.Value.Find(ClientAddress.From(IPAddress.Parse(address))).Country.Code);

    [Fact]
    public void A_look_up_allocates_nothing()
    {
        var table = Bundled.Value;
        uint next = 1;
        AllocationBudget.Bytes(0, () =>
        {
            next = (next * 1_664_525) + 1_013_904_223;
            _ = table.Find(ClientAddress.FromIPv4(next)).Country.Code;
            _ = table.Find(new ClientAddress(((UInt128)(0x2A000000 | (next >> 8)) << 96) | next));
        });
    }

    [Fact]
    public void Garbage_and_torn_files_are_refused_in_one_line()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = File.ReadAllBytes(BundledFile);
        var random = new Random(5);
        byte[] noise = new byte[100_000];
        random.NextBytes(noise);
        foreach (byte[] bytes in (byte[][])[[], noise, whole[..(whole.Length / 2)], whole[(whole.Length / 2)..]])
        {
            File.WriteAllBytes(folder["bad.mmdb"], bytes);
            var error = Assert.Throws<PlaceFileException>(() => PlaceFile.ReadCountries(folder["bad.mmdb"]));
            Assert.DoesNotContain('\n', error.Message);
        }
        Assert.Throws<PlaceFileException>(() => PlaceFile.ReadCountries(folder["none.mmdb"]));
        Assert.Contains("names no network", Assert.Throws<PlaceFileException>(() => PlaceFile.ReadNetworks(BundledFile)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Intervals_answer_as_a_plain_walk_over_them_does() =>
        Gen.Select(Gen.UInt.Array[0, 60], Gen.UShort.Array[30]).Sample((bounds, values) =>
        {
            uint[] sorted = [.. bounds.Distinct().Order()];
            var builder = new AddressMap<uint, ushort>.Builder();
            var plain = new List<(uint First, uint Last, ushort Value)>();
            for (int i = 0; i + 1 < sorted.Length; i += 2)
                plain.Add((sorted[i], sorted[i + 1], values[i / 2]));
            Assert.All(plain, p => Assert.True(builder.TryAdd(p.First, p.Last, p.Value)));
            var map = builder.Build();

            uint[] asked = [0, uint.MaxValue, .. sorted, .. sorted.Select(s => s + 1), .. sorted.Select(s => s - 1)];
            Assert.All(asked, a => Assert.Equal(plain.FirstOrDefault(p => p.First <= a && a <= p.Last).Value, map.Find(a)));
        }, iter: 2000);

    [Theory]
    [InlineData("de", "DE")]
    [InlineData("ZZ", "ZZ")]
    [InlineData("AA", "AA")]
    public void A_country_is_two_letters(string text, string code)
    {
        Assert.True(Country.TryParse(text, out var country));
        Assert.Equal(code, country.Code);
        Assert.False(Country.TryParse(text + "x", out _));
        Assert.False(Country.TryParse("d1", out _));
        Assert.Equal("", default(Country).Code);
    }
}
