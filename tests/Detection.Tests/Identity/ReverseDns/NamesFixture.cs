using System.Net;
using Weir.TestKit;

namespace Weir.Tests.IdentityOf;

/// <summary>A DNS server with the addresses that the tests of reverse DNS ask about.</summary>
public sealed class NamesFixture : IAsyncLifetime
{
    public const string Genuine = "5.9.1.1";
    public const string GenuineIPv6 = "2a01:4f8::7";

    private static readonly string[] Records =
    [
        .. Both("5.9.1.1", "crawl-5-9-1-1.googlebot.com"),
        .. Both(GenuineIPv6, "crawl-v6.googlebot.com"),
        Ptr("5.9.1.2", "crawl-5-9-1-2.googlebot.com"),                 // no forward record
        Ptr("5.9.1.3", "crawl-66-249-66-1.googlebot.com"),             // forward record of another address
        "crawl-66-249-66-1.googlebot.com. A 66.249.66.1",
        .. Both("5.9.1.4", "crawl-1.evilgooglebot.com"),
        .. Both("5.9.1.5", "crawl-1.googlebot.com.evil.com"),
        .. Both("5.9.1.6", "mail.example.com"),
        .. Both("5.9.1.6", "crawl-5-9-1-6.googlebot.com"),
        .. Both("5.9.1.6", "msnbot-5-9-1-6.search.msn.com"),
        .. Both("5.9.1.7", "googlebot.com"),
        Ptr("5.9.1.9", "crawl-9.googlebot.com"),                       // its forward question fails
        .. Enumerable.Range(0, 7).Select(i => Ptr("5.9.1.10", $"{new string('a', 60)}.{new string('b', 60)}.{new string('c', 60)}.n{i}.example")),
        .. Both("5.9.1.10", "crawl-5-9-1-10.googlebot.com"),           // behind names that do not fit into one datagram
        .. Enumerable.Range(0, 40).SelectMany(i => Both("5.9.1.12", $"crawl-{i}.googlebot.com")),
        .. Both("5.9.1.13", "1-2-3-4.gae.googleusercontent.com"),      // of Google's customers
        .. Both("5.9.1.14", "spider-5-9-1-14.yandex.com"),
        "11.1.9.5.in-addr.arpa. CNAME 11.customer.example.",           // RFC 2317
        "11.customer.example. PTR crawl-5-9-1-11.googlebot.com.",
        "crawl-5-9-1-11.googlebot.com. CNAME real.googlebot.com.",
        "real.googlebot.com. A 5.9.1.11",
    ];

    public DnsServer Server { get; private set; } = null!;

    public static Task<DnsServer> NewServerAsync() => DnsServer.StartAsync(
        Records, failing: ["2.9.5.in-addr.arpa.", "crawl-9.googlebot.com."], silent: ["3.9.5.in-addr.arpa."]);

    public static string Ptr(string address, string name) => $"{Arpa(address)} PTR {name}.";

    public static string[] Both(string address, string name) =>
        [Ptr(address, name), $"{name}. {(address.Contains(':') ? "AAAA" : "A")} {address}"];

    public async ValueTask InitializeAsync() => Server = await NewServerAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static string Arpa(string address)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        return bytes.Length == 4 ? $"{bytes[3]}.{bytes[2]}.{bytes[1]}.{bytes[0]}.in-addr.arpa."
            : string.Concat(bytes.Reverse().Select(b => $"{b & 15:x}.{b >> 4:x}.")) + "ip6.arpa.";
    }
}
