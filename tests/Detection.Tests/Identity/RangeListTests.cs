using System.Text;
using CsCheck;
using Weir.Detection;
using Weir.Detection.Identification;

namespace Weir.Tests.IdentityOf;

public class RangeListTests
{
    private static readonly DateTimeOffset Retrieved = new(2026, 8, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"creationTime":"2026-08-21T14:45:42.000000","prefixes":[{"ipv4Prefix":"192.178.4.0/27"},{"ipv6Prefix":"2001:4860:4801:10::/64"}]}""", "2026-08-21T14:45:42Z", 1, 1)]
    [InlineData("""{"creationTime":"2026-10-07T00:00:00Z","prefixes":[{"ipv4Prefix":"216.73.216.0/22"}]}""", "2026-10-07T00:00:00Z", 1, 0)]
    [InlineData("""{"amazonbot":{"creationTime":"2026-09-08T05:24:10.6+02:00","prefixes":[{"ipv4Prefix":"3.81.245.78"}]}}""", "2026-09-08T03:24:10Z", 1, 0)]
    [InlineData("""{"version":62,"modified":"2026-02-24T00:00:00","synthetics":{"prefixes_ipv4":["3.1.36.99/32"],"prefixes_ipv6":[],"prefixes_ipv4_by_location":{"aws":["3.1.36.99/32"]}}}""", "2026-02-24T00:00:00Z", 1, 0)]
    [InlineData("""{"creationDate":"2026-06-17T04:08:46.684598","items":[{"network":"52.82.172.0","mask_len":22,"cidr":"52.82.172.0/22","mask":"255.255.252.0"}]}""", "2026-06-17T04:08:46Z", 1, 0)]
    [InlineData("""["203.0.113.0/24","2001:db8::/32"]""", null, 1, 1)]
    [InlineData("""{"description":"x","list":["192.178.4.0/24"],"matching_attributes":["ip-src"],"version":1}""", null, 1, 0)]
    [InlineData("5.39.1.224/27\n5.39.1.225\n2a01:4f8::/64\n\n# a comment\n5.39.1.226 ; another\n", null, 1, 1)]
    [InlineData("prefix,name\n157.55.39.0/24,Bingbot\r\n\"207.46.13.0/24\",Bingbot\r\n", null, 2, 0)]
    [InlineData("\uFEFF5.39.1.224/27", null, 1, 0)]
    public void Every_published_shape_is_read(string content, string? version, int ipv4, int ipv6)
    {
        var list = Read(content);

        Assert.Equal((ipv4, ipv6), (list.IPv4Intervals, list.IPv6Intervals));
        Assert.Equal(version is null ? Retrieved : DateTimeOffset.Parse(version), list.PublishedAt, TimeSpan.FromSeconds(1));
        Assert.Equal(version ?? list.Version, list.Version);
        Assert.Equal($"test.json@{list.Version}", list.Label);
    }

    [Theory]
    [InlineData("amazonbot.mirror-excerpt.json", null, 20)]
    [InlineData("atlassian.json", null, 166)]
    [InlineData("googlebot.misp.json", null, 65)]
    [InlineData("bingbot.itsolver.csv", null, 28)]
    [InlineData("telegram-v6.txt", null, 5)]
    [InlineData("applebot.anubis.json", null, 12)]
    [InlineData("googlebot.2024-06.json", null, 231)]
    [InlineData("rssapi.txt", null, 2)]
    [InlineData("facebook-as32934.txt", null, 1984)]
    public void Lists_as_found_in_the_wild_are_read(string file, string? section, int prefixes)
    {
        var read = RangeListReader.Read(file, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "data", "ip-ranges", file)), section);

        Assert.Equal(prefixes, read.Prefixes.Count);
    }

    [Theory]
    [InlineData("", RefusalReason.Empty)]
    [InlineData("{\"prefixes\":[]}", RefusalReason.Empty)]
    [InlineData("3.0.0.0/7", RefusalReason.TooWide)]
    [InlineData("2a00::/18", RefusalReason.TooWide)]
    [InlineData("10.1.2.0/24", RefusalReason.PrivateSpace)]
    [InlineData("192.168.0.1", RefusalReason.PrivateSpace)]
    [InlineData("127.0.0.1", RefusalReason.PrivateSpace)]
    [InlineData("fd00::/64", RefusalReason.PrivateSpace)]
    [InlineData("fe80::1", RefusalReason.PrivateSpace)]
    [InlineData("240.0.0.0/8", RefusalReason.PrivateSpace)]
    [InlineData("<html>Sorry</html>", RefusalReason.Unreadable)]
    [InlineData("{\"prefixes\":[{\"ipv4Prefix\":\"66.249.64.0/33\"}]}", RefusalReason.Unreadable)]
    [InlineData("{\"prefixes\":[{\"ipv4Prefix\":", RefusalReason.Unreadable)]
    [InlineData("5.39.1.224/27\nhello", RefusalReason.Unreadable)]
    [InlineData("{\"webhooks\":[\"3.18.12.63\"],\"api\":[\"3.18.12.64\"]}", RefusalReason.Unreadable)]
    public void An_absurd_list_is_refused_with_its_reason(string content, RefusalReason reason)
    {
        var error = Assert.Throws<RangeListException>(() => Read(content));

        Assert.Equal(reason, error.Reason);
        Assert.StartsWith("ip-ranges/test.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_widest_prefixes_that_are_believed_are_8_and_19()
    {
        Assert.Equal(1, Read("17.0.0.0/8").IPv4Intervals);
        Assert.Equal(1, Read("2a02::/19").IPv6Intervals);
    }

    [Fact]
    public void An_error_names_the_place_in_the_file()
    {
        var error = Assert.Throws<RangeListException>(() => Read("{\"prefixes\":[{\"ipv4Prefix\":\"8.8.8.0/24\"},{\"ipv4Prefix\":\"none\"}]}"));

        Assert.Contains("$.prefixes[1].ipv4Prefix", error.Message, StringComparison.Ordinal);
        Assert.Contains("203.0.113.0/24", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refresh_that_lost_more_than_half_is_refused_and_one_that_was_joined_is_not()
    {
        var old = Read("8.8.4.0/25\n8.8.4.128/25\n9.9.9.0/24\n1.1.1.0/24");

        Assert.Equal(RefusalReason.LostHalf, Assert.Throws<RangeListException>(() => Read("8.8.4.0/25", previous: old)).Reason);
        Assert.Equal(2, Read("8.8.4.0/24\n1.1.1.0/24", previous: old).IPv4Intervals);
    }

    [Fact]
    public void A_section_of_a_file_for_several_products_is_read_alone()
    {
        var list = Read("{\"webhooks\":[\"3.18.12.63\"],\"api\":[\"3.18.12.64\"]}", section: "webhooks");

        Assert.True(list.Contains(Requests.Address("3.18.12.63")));
        Assert.False(list.Contains(Requests.Address("3.18.12.64")));
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_without_another_error()
    {
        byte[][] pieces = ["{"u8.ToArray(), "\"prefixes\":["u8.ToArray(), "\"ipv4Prefix\":"u8.ToArray(), "\"8.8.8.0/24\""u8.ToArray(), "]"u8.ToArray(),
            "}"u8.ToArray(), ","u8.ToArray(), "\n"u8.ToArray(), "8.8.8.8/"u8.ToArray(), "\"\\ud800\""u8.ToArray(), [0xff, 0xfe], "<"u8.ToArray()];
        Gen.OneOf(Generators.Pick(pieces), Gen.Byte.Array[0, 6]).Array[0, 12].Select(parts => parts.SelectMany(p => p).ToArray()).Sample(bytes =>
        {
            try
            {
                _ = RangeList.Read(Source(null), bytes);
            }
            catch (RangeListException)
            {
            }
        });
    }

    [Fact]
    public void Ipv4_lookup_agrees_with_a_plain_loop()
    {
        var prefix = Gen.Select(Gen.UInt, Gen.Int[4, 32]).Select((a, n) => Parse(ClientAddress.FromIPv4(a) + "/" + n));
        Gen.Select(prefix.Array[0, 60], Gen.UInt.Array[1, 30]).Sample((prefixes, addresses) =>
        {
            var intervals = new IPv4Intervals(prefixes);
            var edges = prefixes.SelectMany(p => new[] { (uint)p.First, (uint)p.Last, (uint)p.First - 1, (uint)p.Last + 1 });
            return addresses.Concat(edges).All(a => intervals.Contains(a) == prefixes.Any(p => p.First <= a && a <= p.Last));
        });
    }

    [Fact]
    public void Ipv4_lookup_with_its_index_agrees_with_a_plain_loop()
    {
        var random = new Random(7);
        var prefixes = Enumerable.Range(0, 5000).Select(_ => Parse(ClientAddress.FromIPv4((uint)random.NextInt64(1L << 32)) + "/" + random.Next(10, 33))).ToArray();
        var intervals = new IPv4Intervals(prefixes);
        Assert.True(intervals.Count > 1024);

        foreach (uint address in prefixes.SelectMany(p => new[] { (uint)p.First, (uint)p.Last, (uint)p.First - 1, (uint)p.Last + 1 }).Take(4000))
            Assert.Equal(prefixes.Any(p => p.First <= address && address <= p.Last), intervals.Contains(address));
    }

    [Fact]
    public void Ipv6_lookup_agrees_with_a_plain_loop()
    {
        var prefix = Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[8, 128]).Select((h, l, n) => Parse(new ClientAddress(new UInt128(h | 1UL << 63, l)) + "/" + n));
        Gen.Select(prefix.Array[0, 40], Gen.ULong.Array[1, 20]).Sample((prefixes, highs) =>
        {
            var intervals = new IPv6Intervals(prefixes);
            var edges = prefixes.SelectMany(p => new[] { p.First, p.Last, p.First - 1, p.Last + 1 });
            return highs.Select(h => new UInt128(h, 1)).Concat(edges)
                .All(a => intervals.Contains(a) == prefixes.Any(p => p.First <= a && a <= p.Last));
        });
    }

    [Theory]
    [InlineData("::ffff:203.0.113.0/120", true)]
    [InlineData("203.0.113.7/24", true)]
    [InlineData("203.0.113.0/-1", false)]
    [InlineData("203.0.113.0/33", false)]
    [InlineData("203.0.113.0/ 24", false)]
    [InlineData("/24", false)]
    [InlineData("203.0.113/24", false)]
    [InlineData("::/129", false)]
    public void A_prefix_is_an_address_with_a_length(string text, bool isGood) => Assert.Equal(isGood, Prefix.TryParse(text, out _));

    private static Prefix Parse(string text) => Prefix.TryParse(text, out var prefix) ? prefix : throw new ArgumentException(text, nameof(text));

    private static RangeList Read(string content, string? section = null, RangeList? previous = null) =>
        RangeList.Read(Source(section), Encoding.UTF8.GetBytes(content), previous);

    private static RangeListSource Source(string? section) => new()
    {
        File = "test.json",
        Operator = "Test",
        RetrievedAt = Retrieved,
        Confidence = RangeConfidence.Published,
        Scope = RangeScope.Crawler,
        IsComplete = true,
        Section = section,
    };
}
