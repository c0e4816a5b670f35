using System.Net;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection.Identification;
using Weir.Hosting;
using Weir.TestKit;

namespace Weir.Tests.Hosting;

public class DnsWatchTests
{
    private static readonly IPAddress Mine = IPAddress.Parse("198.51.100.7");
    private static readonly IPAddress Private = IPAddress.Parse("10.0.0.5");
    private static readonly IPAddress Other = IPAddress.Parse("203.0.113.80");

    [Fact]
    public void A_name_that_leads_here_is_said_to() =>
        Assert.Equal("www.example.com points here (198.51.100.7)", DnsWatch.Describe("www.example.com", [Mine], [Private, Mine]));

    [Fact]
    public void A_name_that_leads_elsewhere_too_gets_the_record_to_remove() => Assert.Equal(
        "www.example.com points here (198.51.100.7), and also to 203.0.113.80: remove that record, unless another Weir answers there",
        DnsWatch.Describe("www.example.com", [Other, Mine], [Private, Mine]));

    [Fact]
    public void A_name_that_leads_elsewhere_gets_the_record_to_set()
    {
        string advice = DnsWatch.Describe("www.example.com", [Other], [Private, Mine]);

        Assert.Contains("203.0.113.80", advice, StringComparison.Ordinal);
        Assert.Contains("set A 198.51.100.7", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_state_is_told_when_DNS_changes_and_not_when_it_stays()
    {
        await using var before = await DnsServer.StartAsync(["www.example.com. CNAME elsewhere.example.", "elsewhere.example. A 203.0.113.80"]);
        var time = new FakeTimeProvider();
        var print = new StringWriter();
        using var stop = new CancellationTokenSource();
        var watch = DnsWatch.RunAsync("www.example.com", new HostAddresses([before.EndPoint], TimeProvider.System), print, time, stop.Token);
        await Until(() => print.ToString().Contains("does not point here yet, it resolves to 203.0.113.80: set ", StringComparison.Ordinal), time);

        before.Change(["www.example.com. A 127.0.0.1"]);
        await before.StopAsync();
        await before.StartAsync();
        await Until(() => print.ToString().Contains("points here (127.0.0.1)", StringComparison.Ordinal), time);

        await stop.CancelAsync();
        await watch;
        Assert.Equal(print.ToString().Split('\n').Distinct().Count(), print.ToString().Split('\n').Length);
    }

    [Fact]
    public async Task A_DNS_server_that_fails_is_told_apart_from_a_name_that_is_not_there()
    {
        await using var server = await DnsServer.StartAsync([], failing: ["broken.example"]);
        var dns = new HostAddresses([server.EndPoint], TimeProvider.System);

        Assert.Null(await dns.OfAsync("www.broken.example", TestContext.Current.CancellationToken));
        Assert.Equal([], await dns.OfAsync("www.example.com", TestContext.Current.CancellationToken));
    }

    private static async Task Until(Func<bool> isThere, FakeTimeProvider time)
    {
        while (!isThere())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
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
