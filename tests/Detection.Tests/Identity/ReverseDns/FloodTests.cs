using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;
using Weir.TestKit;

namespace Weir.Tests.IdentityOf;

/// <summary>Many questions at once, asked by mistake or on purpose.</summary>
public sealed class FloodTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(Requests.Now);
    private readonly ReverseDnsMetrics _metrics = new();
    private readonly ConcurrentDictionary<string, long> _counted = new();
    private readonly MeterListener _listener = new();
    private DnsServer _server = null!;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public async ValueTask InitializeAsync()
    {
        _server = await DnsServer.StartAsync([
            .. NamesFixture.Both("66.249.200.1", "crawl-66-249-200-1.googlebot.com"), // in a /16 of Googlebot's list, not in the list
            .. NamesFixture.Both("9.9.1.1", "msnbot-9-9-1-1.search.msn.com"),
            .. NamesFixture.Both("9.10.1.1", "spider-9-10-1-1.yandex.com"),
            .. NamesFixture.Both("9.10.1.2", "spider-9-10-1-2.yandex.com"),
        ]);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _metrics.Meter))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _counted.AddOrUpdate($"{instrument.Name} {(tags.IsEmpty ? "" : tags[0].Value)}", value, (_, sum) => sum + value));
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _counted[instrument.Name] = value);
        _listener.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _metrics.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_slow_server_answers_a_thousand_questions_a_few_at_a_time()
    {
        await using var relay = new DnsRelay(_server.EndPoint, TimeSpan.FromMilliseconds(40));
        await using var resolver = New(relay, new ReverseDnsOptions());

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => AskAsync(resolver, Spread(i), "googlebot")));

        Assert.All(answers, a => Assert.Equal(ReverseDnsAnswer.Refuted, a));
        Assert.Equal(1000, relay.Questions);
        Assert.InRange(relay.OpenMax, 2, 32);
        Assert.Equal(1000, _counted["weir.identity.reverse_dns.questions refuted"]);
    }

    [Fact]
    public async Task The_real_crawler_gets_through_while_a_hundred_thousand_addresses_use_its_name()
    {
        await using var relay = new DnsRelay(_server.EndPoint, TimeSpan.FromMilliseconds(20));
        await using var resolver = New(relay, new ReverseDnsOptions());
        using var stop = new CancellationTokenSource();
        var flood = Task.Run(() =>
        {
            for (int i = 0; i < 100_000 || !stop.IsCancellationRequested; i++)
                resolver.Ask(Spread(i % 100_000), Crawler("googlebot"), NowMs);
        });
        while (!_counted.ContainsKey("weir.identity.reverse_dns.shed crawler_full"))
            await Task.Yield();

        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, Requests.Address("66.249.200.1"), "googlebot")); // beside its list
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, Requests.Address("9.9.1.1"), "bingbot"));       // not the name attacked
        await stop.CancelAsync();
        await flood;

        _listener.RecordObservableInstruments();
        Assert.InRange(_counted["weir.identity.reverse_dns.waiting"], 1, 4096);
    }

    [Fact]
    public async Task One_network_cannot_fill_the_queue()
    {
        await using var relay = new DnsRelay(null);
        await using var resolver = New(relay, new ReverseDnsOptions());

        for (uint i = 0; i < 5000; i++)
            resolver.Ask(ClientAddress.FromIPv4(0x09090000 + i), Crawler("googlebot"), NowMs);

        Assert.Equal(5000 - 64, _counted["weir.identity.reverse_dns.shed neighbourhood_full"]);
    }

    [Fact]
    public async Task Where_a_crawler_was_confirmed_its_neighbours_have_their_own_lane()
    {
        await using var relay = new DnsRelay(_server.EndPoint);
        await using var resolver = New(relay, new ReverseDnsOptions { QueueMax = 4, NeighbourhoodMax = 1000 });
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, Requests.Address("9.10.1.1"), "yandexbot"));
        relay.Silence(); // what is asked stays asked

        for (int i = 0; i < 100; i++)
            resolver.Ask(Spread(i), Crawler("yandexbot"), NowMs);

        Assert.Equal(ReverseDnsAnswer.NotAsked, resolver.Ask(Requests.Address("9.11.1.1"), Crawler("yandexbot"), NowMs));
        Assert.Equal(ReverseDnsAnswer.UnderWay, resolver.Ask(Requests.Address("9.10.1.2"), Crawler("yandexbot"), NowMs));
    }

    [Fact]
    public async Task A_question_that_waited_too_long_is_shed_and_can_be_asked_again()
    {
        await using var relay = new DnsRelay(null);
        await using var resolver = New(relay, new ReverseDnsOptions { ConcurrencyMax = 2, QueryTimeout = TimeSpan.FromMilliseconds(200) });
        for (int i = 0; i < 10; i++)
            resolver.Ask(Spread(i), Crawler("googlebot"), NowMs);
        _time.Advance(TimeSpan.FromMinutes(1));

        await resolver.OpenQuestion(Spread(9));

        Assert.InRange(_counted["weir.identity.reverse_dns.shed waited_too_long"], 8, 10);
        Assert.Equal(ReverseDnsAnswer.UnderWay, resolver.Ask(Spread(9), Crawler("googlebot"), NowMs));
    }

    [Fact]
    public async Task Threads_that_ask_at_once_through_a_tiny_cache_get_no_wrong_answer_and_leave_nothing_open()
    {
        await using var resolver = New(_server.EndPoint, new ReverseDnsOptions { CacheEntries = 16, QueueMax = 8 });
        (ClientAddress Address, string Crawler, ReverseDnsAnswer Answer)[] known =
        [
            (Requests.Address("66.249.200.1"), "googlebot", ReverseDnsAnswer.Confirmed),
            (Requests.Address("66.249.200.1"), "bingbot", ReverseDnsAnswer.Refuted),
            (Requests.Address("9.9.1.1"), "bingbot", ReverseDnsAnswer.Confirmed),
            (Requests.Address("9.10.1.1"), "yandexbot", ReverseDnsAnswer.Confirmed),
            .. Enumerable.Range(0, 60).Select(i => (Spread(i), "googlebot", ReverseDnsAnswer.Refuted)),
        ];
        var wrong = new ConcurrentBag<string>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            var random = new Random(thread);
            for (int i = 0; i < 20_000; i++)
            {
                var (address, crawler, answer) = known[random.Next(known.Length)];
                var got = resolver.Ask(address, Crawler(crawler), NowMs);
                if (got != answer && got is not (ReverseDnsAnswer.UnderWay or ReverseDnsAnswer.NotAsked))
                    wrong.Add($"{address} {crawler}: {got}");
            }
        })));
        foreach (var (address, _, _) in known)
            await resolver.OpenQuestion(address);

        Assert.Empty(wrong);
        foreach (var (address, crawler, answer) in known) // every place was given back
            Assert.Equal(answer, await AskAsync(resolver, address, crawler));
    }

    // One address in each of many networks.
    private static ClientAddress Spread(int i) => ClientAddress.FromIPv4(0x20000000u + ((uint)i * 9973u));

    private static Crawler Crawler(string id) => Requests.Catalog.Find(id)!;

    private Task<ReverseDnsAnswer> AskAsync(ReverseDnsResolver resolver, ClientAddress address, string crawler) =>
        resolver.AskAndWaitAsync(address, Crawler(crawler), NowMs, TestContext.Current.CancellationToken);

    private ReverseDnsResolver New(DnsRelay relay, ReverseDnsOptions options) => New(relay.EndPoint, options);

    private ReverseDnsResolver New(System.Net.IPEndPoint server, ReverseDnsOptions options) => new(options with { Servers = [server] }, _time, _metrics);
}
