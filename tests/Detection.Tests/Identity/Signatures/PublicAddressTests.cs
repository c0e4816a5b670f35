using System.Net;
using CsCheck;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;

namespace Weir.Tests.IdentityOf.Signatures;

public class PublicAddressTests
{
    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("104.16.132.229")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:4700::6810:84e5")]
    [InlineData("2a00:1450:4001:80b::200e")]
    public void Addresses_of_the_internet_are_public(string address) => Assert.True(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("100.64.0.1")]           // shared by a provider's customers
    [InlineData("100.100.100.200")]      // metadata of a cloud
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]      // metadata of most clouds
    [InlineData("168.63.129.16")]        // and of one more
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.9")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("::10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]       // NAT64
    [InlineData("64:ff9b:1::a00:1")]
    [InlineData("2001::1")]              // Teredo
    [InlineData("2001:db8::1")]
    [InlineData("2002:a00:1::1")]        // 6to4
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]        // metadata by IPv6
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Addresses_that_lead_into_some_network_are_not(string address) => Assert.False(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public void No_address_gets_by_in_another_spelling()
    {
        Gen.Byte.Array[4].Sample(bytes => !PublicAddress.IsPublic(new IPAddress(bytes).MapToIPv6()));
        Gen.Byte.Array[16].Sample(bytes => !PublicAddress.IsPublic(new IPAddress(bytes)) || bytes[0] >> 5 == 1);
    }

    [Theory]
    [InlineData("https://chatgpt.com", "https://chatgpt.com")]
    [InlineData("https://Agent.Bot.Goog/", "https://agent.bot.goog")]
    [InlineData("https://xn--bcher-kva.example", "https://xn--bcher-kva.example")]
    [InlineData("http://chatgpt.com", null)]
    [InlineData("https://chatgpt.com:443", null)]
    [InlineData("https://chatgpt.com:8443", null)]
    [InlineData("https://chatgpt.com/x", null)]
    [InlineData("https://chatgpt.com?x", null)]
    [InlineData("https://chatgpt.com#x", null)]
    [InlineData("https://user:pw@chatgpt.com", null)]
    [InlineData("https://127.0.0.1", null)]
    [InlineData("https://127.1", null)]
    [InlineData("https://2130706433", null)]
    [InlineData("https://0x7f.0.0.0x1", null)]
    [InlineData("https://[::1]", null)]
    [InlineData("https://localhost", null)]
    [InlineData("https://x.localhost", null)]
    [InlineData("https://metadata.google.internal", null)]
    [InlineData("https://printer.local", null)]
    [InlineData("https://router.home.arpa", null)]
    [InlineData("https://intranet", null)]
    [InlineData("https://a..b", null)]
    [InlineData("https://a.b.", null)]
    [InlineData("https://-a.example", null)]
    [InlineData("https://bücher.example", null)]
    [InlineData("https://a\u3002example", null)]
    [InlineData("https://", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void An_agent_goes_by_a_name_of_the_public_dns(string? text, string? agent)
    {
        Assert.Equal(agent is not null, AgentName.TryParse(text, out string? read));
        Assert.Equal(agent, read);
    }
}
