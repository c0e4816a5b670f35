using System.Net;
using CsCheck;
using Microsoft.Extensions.Primitives;
using Weir.Detection;
using Weir.Proxy.Connection;

namespace Weir.Proxy.Tests.Connection;

public class ClientAddressTests
{
    private static readonly TrustedProxies Trusted =
        new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("127.0.0.1/32"), IPNetwork.Parse("10.1.0.0/16")]);

    [Theory]
    // Nobody is believed but a configured proxy.
    [InlineData("203.0.113.5", "1.2.3.4", "203.0.113.5")]
    [InlineData("10.0.0.1", null, "10.0.0.1")]
    [InlineData("10.0.0.1", "", "10.0.0.1")]
    // Right to left, to the first that is no proxy.
    [InlineData("10.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "203.0.113.9, 10.9.9.9, 10.0.0.2", "203.0.113.9")]
    [InlineData("10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3")]
    [InlineData("10.0.0.1", "6.6.6.6 , 203.0.113.9 ,\t10.0.0.2", "203.0.113.9")]
    // Several headers are one list.
    [InlineData("10.0.0.1", "1.2.3.4|203.0.113.9|10.0.0.2", "203.0.113.9")]
    // Ports, brackets, mapped addresses.
    [InlineData("10.0.0.1", "203.0.113.9:4711", "203.0.113.9")]
    [InlineData("10.0.0.1", "[2001:4860::8]:443", "2001:4860::8")]
    [InlineData("10.0.0.1", "[2001:4860::8]", "2001:4860::8")]
    [InlineData("10.0.0.1", "2001:4860::8", "2001:4860::8")]
    [InlineData("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9")]
    [InlineData("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("2001:db8::1", "203.0.113.9, 2001:db8:5::2", "203.0.113.9")]
    // What cannot be read ends the walk at the last address that a proxy vouched for.
    [InlineData("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1")]
    [InlineData("10.0.0.1", "1.2.3.4, _hidden, 10.0.0.2", "10.0.0.2")]
    [InlineData("10.0.0.1", "1.2.3.4,,10.0.0.2", "10.0.0.2")]
    [InlineData("10.0.0.1", "203.0.113.9:99999999", "10.0.0.1")]
    [InlineData("10.0.0.1", "[203.0.113.9]", "10.0.0.1")]
    [InlineData("10.0.0.1", "0x7f.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "0177.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "fe80::1%eth0", "10.0.0.1")]
    [InlineData("10.0.0.1", "203.0.113.9\u00a0", "203.0.113.9")]
    [InlineData("10.0.0.1", "2130706433", "10.0.0.1")]
    public void X_Forwarded_For_is_believed_as_far_as_proxies_vouch_for_it(string peer, string? headers, string client) =>
        Assert.Equal(client, Resolve(peer, headers, null).ToString());

    [Theory]
    [InlineData("203.0.113.5", "for=1.2.3.4", "203.0.113.5")]
    [InlineData("10.0.0.1", "for=203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "For=\"[2001:4860::8]:4711\";proto=http;by=10.0.0.1", "2001:4860::8")]
    [InlineData("10.0.0.1", "for=1.2.3.4, by=x;for=203.0.113.9;host=\"a,b\", for=10.0.0.2", "203.0.113.9")]
    [InlineData("10.0.0.1", "for=1.2.3.4|proto=https;for=203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "for=1.2.3.4, for=unknown", "10.0.0.1")]
    [InlineData("10.0.0.1", "for=1.2.3.4, proto=http", "10.0.0.1")]
    [InlineData("10.0.0.1", "for=\"x, for=\"[2001:4860::8]\"", "10.0.0.1")]
    [InlineData("10.0.0.1", "for=\"a\\\", for=6.6.6.6\", for=203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "for=\"[2001:4860::8]:_hid.den\"", "2001:4860::8")]
    [InlineData("10.0.0.1", "for=\"203.0.113.9:_x\"", "203.0.113.9")]
    [InlineData("10.0.0.1", "for=\"203.0.113.9:_\"", "10.0.0.1")]
    [InlineData("10.0.0.1", "for=203.0.113.9;FOR=6.6.6.6", "10.0.0.1")]
    [InlineData("10.0.0.1", "host=\"a;for=6.6.6.6\";for=203.0.113.9", "203.0.113.9")]
    public void Forwarded_is_believed_as_far_as_proxies_vouch_for_it(string peer, string headers, string client) =>
        Assert.Equal(client, Resolve(peer, null, headers).ToString());

    [Fact]
    public void X_Forwarded_For_goes_before_Forwarded_unless_the_settings_say_otherwise()
    {
        Assert.Equal("203.0.113.9", Resolve("10.0.0.1", "203.0.113.9", "for=198.51.100.1").ToString());
        Assert.Equal("198.51.100.1", Resolve("10.0.0.1", "203.0.113.9", "for=198.51.100.1", ForwardedHeader.Forwarded).ToString());
        Assert.Equal("10.0.0.1", Resolve("10.0.0.1", "203.0.113.9", null, ForwardedHeader.Forwarded).ToString());
    }

    [Fact]
    public void A_list_longer_than_any_real_chain_is_followed_for_a_bounded_number_of_hops()
    {
        string chain = string.Join(",", Enumerable.Range(0, 5000).Select(i => $"10.0.{i / 250}.{i % 250 + 1}"));

        Assert.Equal("10.0.19.219", Resolve("10.0.0.1", "1.2.3.4," + chain, null).ToString());
        Assert.Equal("10.0.19.219", Resolve("10.0.0.1", null, "for=1.2.3.4," + string.Join(",", chain.Split(',').Select(a => "for=" + a))).ToString());
    }

    [Fact]
    public void What_a_client_writes_on_the_left_never_changes_the_answer() =>
        Gen.String[Gen.Char[' ', '~'], 0, 80].Sample(invented =>
        {
            Assert.Equal("203.0.113.9", Resolve("10.0.0.1", $"{invented}, 203.0.113.9", null).ToString());
            Assert.Equal("203.0.113.9", Resolve("10.0.0.1", $"{invented}|203.0.113.9, 10.0.0.2", null).ToString());
            Assert.Equal("203.0.113.9", Resolve("10.0.0.1", null, $"{invented}|for=203.0.113.9").ToString());
        });

    [Fact]
    public void Whatever_stands_in_the_headers_the_answer_is_an_address_written_there_or_the_peer() =>
        Gen.String[Gen.OneOf([.. "0123456789abcdef.:[]\",;=for \\%x_"]), 0, 120].Sample(text =>
        {
            var peer = ClientAddress.From(IPAddress.Parse("10.0.0.1"));
            foreach (var client in (ClientAddress[])[Resolve("10.0.0.1", text, null), Resolve("10.0.0.1", null, text)])
                Assert.True(client == peer || client.IsKnown || client.Value == 0);
            Assert.Equal("192.0.2.1", Resolve("192.0.2.1", text, text).ToString());
        }, iter: 20_000);

    [Fact]
    public void Addresses_are_read_as_the_platform_reads_them()
    {
        var bytes = Gen.Byte.Array[16].Select(b => new IPAddress(b).ToString());
        var sparse = Gen.OneOf(Gen.Const((byte)0), Gen.Byte).Array[16].Select(b => new IPAddress(b).ToString());
        var quads = Gen.Byte.Array[4].Select(b => new IPAddress(b).ToString());
        Gen.OneOf(bytes, sparse, quads).Sample(text =>
        {
            Assert.True(ClientAddress.TryParse(text, out var read), text);
            Assert.Equal(ClientAddress.From(IPAddress.Parse(text)), read);
        });
    }

    [Fact]
    public void What_is_read_as_an_address_is_one_for_the_platform_too() =>
        Gen.String[Gen.OneOf([.. "0123456789abcdefABF.:::"]), 0, 24].Sample(text =>
        {
            if (ClientAddress.TryParse(text, out var read))
                Assert.Equal(ClientAddress.From(IPAddress.Parse(text)), read);
        }, iter: 50_000);

    [Theory]
    [InlineData("::")]
    [InlineData("1::")]
    [InlineData("::1")]
    [InlineData("1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:1.2.3.4")]
    [InlineData("64:ff9b::192.0.2.33")]
    public void Every_way_to_write_IPv6_is_read(string text) =>
        Assert.True(ClientAddress.TryParse(text, out var read) && read == ClientAddress.From(IPAddress.Parse(text)));

    [Theory]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1::2::3")]
    [InlineData(":1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:")]
    [InlineData("12345::")]
    [InlineData("1.2.3.4::")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.04")]
    [InlineData("")]
    [InlineData(":")]
    public void What_is_no_address_is_not_read(string text) => Assert.False(ClientAddress.TryParse(text, out _));

    [Fact]
    public void Resolving_allocates_nothing()
    {
        var resolver = new ClientAddressResolver(Trusted, ForwardedHeader.XForwardedFor);
        var peer = ClientAddress.From(IPAddress.Parse("10.0.0.1"));
        StringValues forwardedFor = "2001:4860::8, 10.0.0.2";
        StringValues forwarded = "for=\"[2001:4860::8]:80\", for=10.0.0.2";

        Assert.Equal(0, Allocations.Of(() =>
        {
            resolver.Resolve(peer, forwardedFor, default);
            resolver.Resolve(peer, default, forwarded);
        }));
    }

    [Fact]
    public void A_proxy_is_trusted_exactly_when_a_prefix_holds_it()
    {
        var prefix = Gen.Select(Gen.UInt, Gen.Int[0, 32], (address, length) =>
            new IPNetwork(new IPAddress([.. BitConverter.GetBytes(length == 0 ? 0 : System.Net.IPAddress.HostToNetworkOrder((int)(address & (uint.MaxValue << (32 - length)))))]), length));
        Gen.Select(prefix.Array[0, 8], Gen.UInt).Sample((prefixes, address) =>
        {
            var ip = ClientAddress.FromIPv4(address).ToIPAddress();
            Assert.Equal(prefixes.Any(p => p.Contains(ip)), new TrustedProxies(prefixes).Contains(ClientAddress.From(ip)));
        });
    }

    private static ClientAddress Resolve(string peer, string? forwardedFor, string? forwarded, ForwardedHeader header = ForwardedHeader.XForwardedFor) =>
        new ClientAddressResolver(Trusted, header).Resolve(ClientAddress.From(IPAddress.Parse(peer)), Values(forwardedFor), Values(forwarded));

    private static StringValues Values(string? headers) => headers is null ? default : new StringValues(headers.Split('|'));
}
