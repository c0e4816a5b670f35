using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Certificates;
using Weir.Proxy.Certificates.Orders;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Certificates;

/// <summary>Which certificates are ordered, how many, and what is remembered. The ACME client here is a shell that copies files.</summary>
public sealed class OrderTests : IDisposable
{
    private static readonly IPAddress Here = IPAddress.Parse("198.51.100.7");
    private static readonly IPAddress Elsewhere = IPAddress.Parse("203.0.113.80");

    private readonly PemFolder _live = new();
    private readonly PemFolder _issued = new();
    private readonly TemporaryFolder _data = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Dictionary<string, IReadOnlyList<IPAddress>?> _dns = [];
    private OrderOptions _options = new() { Expected = [Here] };

    [Fact]
    public async Task Only_exact_public_hosts_of_sites_that_point_here_and_nowhere_else_are_ordered()
    {
        _dns["half.example.com"] = [Here, IPAddress.Parse("2001:db8::1")];
        _dns["away.example.com"] = [Elsewhere];
        _dns["new.example.com"] = [];
        _dns["mute.example.com"] = null;
        _live.Put("kept", Issue("kept.example.com", -1, 89));
        string[] hosts = ["www.example.com", "kept.example.com", "half.example.com", "away.example.com", "new.example.com", "mute.example.com",
            "*.example.com", "*", "[::1]", "192.0.2.1", "intranet", "shop.internal"];

        var lines = await PlanAsync([Site(hosts), Site(["own.example.com"]) with { AcmeToOrigin = true }]);

        Assert.Equal(["www.example.com"], lines.Where(l => l.Choice == OrderChoice.Order).Select(l => l.Host));
        Assert.Equal(["kept.example.com"], lines.Where(l => l.Choice == OrderChoice.Keep).Select(l => l.Host));
        Assert.Equal(hosts.Length + 1, lines.Count);
        Assert.Equal("no certificate; points to 2001:db8::1, which is not this edge (198.51.100.7)", Why(lines, "half.example.com"));
        Assert.Equal("no certificate; points to 203.0.113.80, which is not this edge (198.51.100.7)", Why(lines, "away.example.com"));
        Assert.Equal("no certificate; DNS knows no address of it", Why(lines, "new.example.com"));
        Assert.Equal("no certificate; DNS does not answer for it", Why(lines, "mute.example.com"));
        Assert.Contains("DNS challenge", Why(lines, "*.example.com"), StringComparison.Ordinal);
        Assert.Contains("acmeToOrigin", Why(lines, "own.example.com"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-61, 29, true)] // 90 days, within 30
    [InlineData(-59, 31, false)]
    [InlineData(-29, 16, false)] // 45 days: the last third begins at 15
    [InlineData(-31, 14, true)]
    [InlineData(-90, -1, true)]
    public async Task A_certificate_is_renewed_in_its_last_days_and_not_before_the_last_third_of_its_life(int from, int to, bool isDue)
    {
        _live.Put("www", Issue("www.example.com", from, to));

        var line = Assert.Single(await PlanAsync([Site(["www.example.com"])]));

        Assert.Equal(isDue ? OrderChoice.Order : OrderChoice.Keep, line.Choice);
    }

    [Fact]
    public async Task Renewals_come_before_new_hosts_and_budgets_outlive_a_restart()
    {
        _options = _options with { PerRun = 2, PerDay = 3 };
        _live.Put("late", Issue("late.example.com", -80, 10));
        _live.Put("later", Issue("later.example.com", -85, 5));
        var sites = new[] { Site(["a.example.com", "b.example.com", "c.example.com", "late.example.com", "later.example.com"]) };

        Assert.Equal(["later.example.com", "late.example.com"], Ordered(await RunAsync(sites)));
        Assert.Equal(["a.example.com"], Ordered(await RunAsync(sites)));
        var spent = await RunAsync(sites);
        Assert.Empty(Ordered(spent));
        Assert.Contains("the budget of 24 hours, 3, is used up", spent.Single(l => l.Line.Host == "b.example.com").Line.Why, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromHours(25));
        Assert.Equal(["b.example.com", "c.example.com"], Ordered(await RunAsync(sites)));
    }

    [Fact]
    public async Task A_host_that_failed_rests_longer_each_time_and_takes_nobody_with_it()
    {
        var sites = new[] { Site(["a.example.com", "b.example.com"]) };
        const string Fails = "sh -c 'case {host} in a.*) echo no such record >&2; exit 3;; esac; cp ISSUED/{host}.pem ISSUED/{host}.key LIVE'";

        var first = await RunAsync(sites, Fails);
        Assert.Equal("sh ended with 3: no such record", first.Single(l => l.Line.Host == "a.example.com").Failure);
        Assert.Null(first.Single(l => l.Line.Host == "b.example.com").Failure);

        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Empty(Ordered(await RunAsync(sites, Fails)));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["a.example.com"], Ordered(await RunAsync(sites, Fails)));
        _time.Advance(TimeSpan.FromMinutes(61));
        var resting = (await RunAsync(sites, Fails)).Single(l => l.Line.Host == "a.example.com").Line;
        Assert.Equal(OrderChoice.Wait, resting.Choice);
        Assert.StartsWith("failed 2 times, next try after ", resting.Why, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null((await RunAsync(sites)).Single(l => l.Line.Host == "a.example.com").Failure);
    }

    [Fact]
    public async Task A_client_that_puts_its_files_elsewhere_is_not_asked_again_and_again()
    {
        var sites = new[] { Site(["a.example.com"]) };

        var first = Assert.Single(await RunAsync(sites, "true {host}"));
        Assert.Contains($"in {_live.Path} it is still so: no certificate", first.Failure, StringComparison.Ordinal);

        Assert.Equal(OrderChoice.Wait, Assert.Single(await RunAsync(sites, "true {host}")).Line.Choice);
    }

    [Fact]
    public async Task A_dry_run_keeps_to_the_budgets_and_writes_nothing()
    {
        _options = _options with { PerDay = 1 };

        var lines = await PlanAsync([Site(["a.example.com", "b.example.com"])], isDryRun: true);

        Assert.Equal([OrderChoice.Order, OrderChoice.Wait], lines.Select(l => l.Choice));
        Assert.False(File.Exists(Book));
    }

    [Fact]
    public void A_book_that_is_held_or_damaged_is_named_and_nothing_is_ordered()
    {
        using (OrderBook.Open(Book))
            Assert.Contains("Another run holds", Assert.Throws<IOException>(() => OrderBook.Open(Book)).Message, StringComparison.Ordinal);
        File.WriteAllText(Book, "{");
        Assert.Contains("is damaged", Assert.Throws<IOException>(() => OrderBook.Open(Book)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme.sh --issue", "the command has no {host}")]
    [InlineData("lego --domains '{host}", "open quote")]
    public void A_command_that_cannot_work_is_refused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<ArgumentException>(() => AcmeProgram.Parse(text, _time)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_command_that_is_not_there_is_named() => Assert.Contains("install it, or name your ACME client with --command",
        (await Assert.ThrowsAsync<FileNotFoundException>(() => RunAsync([Site(["a.example.com"])], "no-such-client {host}"))).Message, StringComparison.Ordinal);

    public void Dispose()
    {
        _live.Dispose();
        _issued.Dispose();
        _data.Dispose();
        _services.Dispose();
    }

    private string Book => _data["certificate-orders.json"];

    private static Site Site(string[] hosts) => new() { Id = SiteId.Parse("shop"), Hosts = hosts, Origins = [new Uri("http://127.0.0.1:3000")] };

    private static string Why(List<OrderLine> lines, string host) => lines.Single(l => l.Host == host).Why;

    private static IEnumerable<string> Ordered(List<(OrderLine Line, string? Failure)> lines) =>
        lines.Where(l => l.Line.Choice == OrderChoice.Order).Select(l => l.Line.Host);

    private PemPair Issue(string host, int from, int to) => PemPair.For(host, from, to, _time.GetUtcNow());

    private CertificateStore Load()
    {
        var store = new CertificateStore(new CertificateOptions { Folder = _live.Path }, ActivatorUtilities.CreateInstance<EdgeMetrics>(_services), _time,
            NullLogger<CertificateStore>.Instance);
        store.Load();
        return store;
    }

    private async Task<List<OrderLine>> PlanAsync(IReadOnlyList<Site> sites, bool isDryRun = false)
    {
        using var book = OrderBook.Open(Book);
        var plan = new OrderPlan(_options, Load(), book, AddressesAsync) { IsDryRun = isDryRun };
        return await plan.DecideAsync(sites, _time.GetUtcNow(), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }

    private async Task<List<(OrderLine Line, string? Failure)>> RunAsync(
        IReadOnlyList<Site> sites, string command = "cp ISSUED/{host}.pem ISSUED/{host}.key LIVE")
    {
        foreach (string host in sites.SelectMany(s => s.Hosts))
            _issued.Put(host, Issue(host, -1, 89));
        using var book = OrderBook.Open(Book);
        var store = Load();
        var program = AcmeProgram.Parse(command.Replace("ISSUED", _issued.Path, StringComparison.Ordinal).Replace("LIVE", _live.Path, StringComparison.Ordinal), _time);
        var orders = new CertificateOrders(new OrderPlan(_options, store, book, AddressesAsync), program, store, book, _options, _time);
        var told = new List<(OrderLine, string?)>();
        await orders.RunAsync(sites, _live.Path, "/nowhere", (line, failure) => told.Add((line, failure)), TestContext.Current.CancellationToken);
        return told;
    }

    private Task<IReadOnlyList<IPAddress>?> AddressesAsync(string host, CancellationToken stop) =>
        Task.FromResult(_dns.TryGetValue(host, out var known) ? known : [Here]);
}
