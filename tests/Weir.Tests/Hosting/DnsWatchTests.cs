using System.Net;
using Weir.Hosting;

namespace Weir.Tests.Hosting;

public class DnsWatchTests
{
    private static readonly IPAddress Mine = IPAddress.Parse("198.51.100.7");
    private static readonly IPAddress Private = IPAddress.Parse("10.0.0.5");
    private static readonly IPAddress Other = IPAddress.Parse("203.0.113.80");

    [Fact]
    public void A_name_that_leads_here_is_said_to() =>
        Assert.Equal("www.example.com points here (198.51.100.7)", DnsWatch.Describe("www.example.com", [Other, Mine], [Private, Mine]));

    [Fact]
    public void A_name_that_leads_elsewhere_gets_the_record_to_set()
    {
        string advice = DnsWatch.Describe("www.example.com", [Other], [Private, Mine]);

        Assert.Contains("203.0.113.80", advice, StringComparison.Ordinal);
        Assert.Contains("set A 198.51.100.7", advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_a_translator_the_public_address_is_asked_for_and_not_made_up()
    {
        string advice = DnsWatch.Describe("www.example.com", [], [Private, IPAddress.Loopback]);

        Assert.Contains("does not resolve yet", advice, StringComparison.Ordinal);
        Assert.Contains("public address", advice, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.5", advice, StringComparison.Ordinal);
    }
}
