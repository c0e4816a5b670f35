using System.Net;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;
using Weir.TestKit;

namespace Weir.Tests.IdentityOf;

/// <summary>What a real DNS server's answers mean.</summary>
public sealed class ReverseDnsResolverTests(NamesFixture names) : IClassFixture<NamesFixture>
{
    private readonly FakeTimeProvider _time = new(Requests.Now);

    [Theory]
    [InlineData("5.9.1.1", "googlebot", ReverseDnsAnswer.Confirmed)]
    [InlineData("::ffff:5.9.1.1", "googlebot", ReverseDnsAnswer.Confirmed)]
    [InlineData("2a01:4f8::7", "googlebot", ReverseDnsAnswer.Confirmed)]
    [InlineData("2a01:04F8:0:0::0007", "googlebot", ReverseDnsAnswer.Confirmed)]
    [InlineData("5.9.1.1", "bingbot", ReverseDnsAnswer.Refuted)]
    [InlineData("5.9.1.2", "googlebot", ReverseDnsAnswer.Refuted)]      // a name that leads nowhere
    [InlineData("5.9.1.3", "googlebot", ReverseDnsAnswer.Refuted)]      // the name of the real one
    [InlineData("5.9.1.4", "googlebot", ReverseDnsAnswer.Refuted)]      // evilgooglebot.com
    [InlineData("5.9.1.5", "googlebot", ReverseDnsAnswer.Refuted)]      // googlebot.com.evil.com
    [InlineData("5.9.1.6", "googlebot", ReverseDnsAnswer.Confirmed)]    // one of several
    [InlineData("5.9.1.7", "googlebot", ReverseDnsAnswer.Refuted)]      // the domain itself is no crawler
    [InlineData("5.9.1.8", "googlebot", ReverseDnsAnswer.Refuted)]      // NXDOMAIN
    [InlineData("5.9.1.9", "googlebot", ReverseDnsAnswer.Unanswered)]   // SERVFAIL on the way back
    [InlineData("5.9.1.10", "googlebot", ReverseDnsAnswer.Confirmed)]   // truncated, then by TCP
    [InlineData("5.9.1.11", "googlebot", ReverseDnsAnswer.Confirmed)]   // aliases both ways
    [InlineData("5.9.1.12", "googlebot", ReverseDnsAnswer.Confirmed)]   // 40 names
    [InlineData("5.9.1.13", "feedfetcher-google", ReverseDnsAnswer.Shared)]
    [InlineData("5.9.2.1", "googlebot", ReverseDnsAnswer.Unanswered)]   // SERVFAIL
    [InlineData("5.9.3.1", "googlebot", ReverseDnsAnswer.Unanswered)]   // silence
    public async Task Dns_confirms_refutes_or_proves_nothing(string address, string crawler, ReverseDnsAnswer expected)
    {
        await using var resolver = New(names.Server.EndPoint);

        Assert.Equal(expected, await AskAsync(resolver, address, crawler));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("203.0.113.9")]
    [InlineData("198.18.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("2001:db8::1")]
    [InlineData("::ffff:192.168.0.1")]
    [InlineData("64:ff9b::5.9.1.1")]
    public async Task Addresses_that_are_nobodys_on_the_internet_are_not_asked_about(string address)
    {
        await using var relay = new DnsRelay(names.Server.EndPoint);
        await using var resolver = New(relay.EndPoint);

        Assert.Equal(ReverseDnsAnswer.NotAsked, await AskAsync(resolver, address));
        Assert.Equal(0, relay.Questions);
    }

    [Fact]
    public async Task A_hit_of_last_week_is_not_judged_by_todays_dns()
    {
        await using var resolver = New(names.Server.EndPoint);
        var address = Requests.Address(NamesFixture.Genuine);

        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, NamesFixture.Genuine));
        Assert.Equal(ReverseDnsAnswer.NotAsked, resolver.Ask(address, Crawler(), Requests.Now.AddDays(-7).ToUnixTimeMilliseconds()));
        Assert.Equal(ReverseDnsAnswer.NotAsked, resolver.Ask(address, Crawler(), long.MinValue));
        Assert.Equal(ReverseDnsAnswer.Confirmed, resolver.Ask(address, Crawler(), long.MaxValue));
    }

    [Fact]
    public async Task However_many_hits_ask_one_question_is_sent()
    {
        await using var relay = new DnsRelay(names.Server.EndPoint);
        await using var resolver = New(relay.EndPoint);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 1000; i++)
                resolver.Ask(Requests.Address(NamesFixture.Genuine), Crawler(), NowMs);
        })));

        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, NamesFixture.Genuine));
        Assert.Equal(2, relay.Questions); // the address's names, the name's address
    }

    [Fact]
    public async Task Crawlers_of_one_address_share_its_names()
    {
        await using var relay = new DnsRelay(names.Server.EndPoint);
        await using var resolver = New(relay.EndPoint);

        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, "5.9.1.6", "googlebot"));
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, "5.9.1.6", "googlebot-image"));
        Assert.Equal(2, relay.Questions);
        Assert.Equal(ReverseDnsAnswer.UnderWay, resolver.Ask(Requests.Address("5.9.1.6"), Crawler("bingbot"), NowMs)); // its name was not followed yet
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, "5.9.1.6", "bingbot"));
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, "5.9.1.6", "googlebot"));
        Assert.Equal(ReverseDnsAnswer.Refuted, await AskAsync(resolver, "5.9.1.6", "yandexbot"));
    }

    [Fact]
    public async Task What_is_found_out_late_is_told_for_every_crawler_that_was_claimed()
    {
        var told = new Told();
        await using var resolver = New(names.Server.EndPoint, told: told);

        resolver.Ask(Requests.Address("5.9.1.1"), Crawler("bingbot"), NowMs);
        await AskAsync(resolver, "5.9.1.1", "googlebot");
        await AskAsync(resolver, "5.9.1.8", "baiduspider");
        await AskAsync(resolver, "5.9.2.1", "baiduspider"); // SERVFAIL: nothing was found out

        Assert.Equal(
            ["5.9.1.1 bingbot Spoofed crawl-5-9-1-1.googlebot.com", "5.9.1.1 googlebot Verified crawl-5-9-1-1.googlebot.com", "5.9.1.8 baiduspider Spoofed "],
            told.All.Select(v => $"{v.Address} {v.Crawler.Id} {v.Identity} {v.Evidence}").Order());
        Assert.All(told.All, v => Assert.Equal((IdentityMethod.ReverseDns, _time.GetUtcNow()), (v.Method, v.AsOf)));
    }

    [Fact]
    public async Task An_address_that_must_not_be_stored_is_told_nobody_unless_another_site_that_may_asks_too()
    {
        var told = new Told();
        await using var resolver = New(names.Server.EndPoint, told: told);
        var (hidden, shared) = (Requests.Address("5.9.1.8"), Requests.Address("5.9.1.1"));

        Assert.Equal(ReverseDnsAnswer.UnderWay, resolver.Ask(hidden, Crawler("baiduspider"), NowMs, isHidden: true));
        resolver.Ask(shared, Crawler("googlebot"), NowMs, isHidden: true);
        resolver.Ask(shared, Crawler("googlebot"), NowMs);
        await AskAsync(resolver, "5.9.1.1", "googlebot");
        await resolver.OpenQuestion(hidden);

        Assert.Equal(["5.9.1.1 googlebot"], told.All.Select(v => $"{v.Address} {v.Crawler.Id}").Distinct());
        Assert.Equal(ReverseDnsAnswer.Refuted, resolver.Ask(hidden, Crawler("baiduspider"), NowMs, isHidden: true));
    }

    [Fact]
    public async Task Names_of_strangers_are_not_followed()
    {
        await using var relay = new DnsRelay(names.Server.EndPoint);
        await using var resolver = New(relay.EndPoint);

        await AskAsync(resolver, "5.9.1.4");

        Assert.Equal(1, relay.Questions);
    }

    [Fact]
    public async Task An_answer_is_kept_for_its_time_and_serves_while_it_is_asked_again()
    {
        await using var relay = new DnsRelay(names.Server.EndPoint);
        await using var resolver = New(relay.EndPoint);
        await AskAsync(resolver, NamesFixture.Genuine);

        _time.Advance(TimeSpan.FromMinutes(59)); // unbound's own data holds an hour
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, NamesFixture.Genuine));
        Assert.Equal(2, relay.Questions);

        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(ReverseDnsAnswer.Confirmed, resolver.Ask(Requests.Address(NamesFixture.Genuine), Crawler(), NowMs));
        await resolver.OpenQuestion(Requests.Address(NamesFixture.Genuine));
        Assert.Equal(4, relay.Questions);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_makes_no_answer_eternal()
    {
        await using var relay = new DnsRelay(names.Server.EndPoint);
        var time = new FakeTimeProvider(Requests.Now.AddYears(30));
        await using var resolver = New(relay.EndPoint, time: time);
        await resolver.AskAndWaitAsync(Requests.Address(NamesFixture.Genuine), Crawler(), time.GetUtcNow().ToUnixTimeMilliseconds(), default);

        time.AdjustTime(Requests.Now);
        await resolver.AskAndWaitAsync(Requests.Address(NamesFixture.Genuine), Crawler(), NowMs, default);

        Assert.Equal(4, relay.Questions);
    }

    [Fact]
    public async Task After_silence_dns_is_asked_again_and_each_time_later()
    {
        await using var relay = new DnsRelay(null);
        await using var resolver = New(relay.EndPoint, new ReverseDnsOptions { QueryTimeout = TimeSpan.FromMilliseconds(50) });
        List<int> asked = [];
        for (int minute = 0; minute < 16; minute++)
        {
            Assert.Equal(ReverseDnsAnswer.Unanswered, await AskAsync(resolver, NamesFixture.Genuine));
            asked.Add(relay.Questions);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        // Two datagrams a question; again after 1, 2, 4 and 8 minutes.
        Assert.Equal([2, 4, 4, 6, 6, 6, 6, 8, 8, 8, 8, 8, 8, 8, 8, 10], asked);
    }

    [Fact]
    public async Task A_server_that_stops_and_comes_back_is_asked_again()
    {
        await using var server = await NamesFixture.NewServerAsync();
        await using var resolver = New(server.EndPoint);
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, NamesFixture.Genuine));

        await server.StopAsync();
        Assert.Equal(ReverseDnsAnswer.Unanswered, await AskAsync(resolver, "5.9.1.6"));
        _time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, NamesFixture.Genuine)); // past its time, and better than nothing
        await resolver.OpenQuestion(Requests.Address(NamesFixture.Genuine));
        _time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(ReverseDnsAnswer.Unanswered, await AskAsync(resolver, NamesFixture.Genuine)); // too long past it

        await server.StartAsync();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, NamesFixture.Genuine));
        Assert.Equal(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, "5.9.1.6"));
    }

    [Fact]
    public async Task Garbage_proves_nothing()
    {
        using var garbage = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var random = new Random(1);
        var answering = Task.Run(async () =>
        {
            for (; ; )
            {
                var question = await garbage.ReceiveAsync(TestContext.Current.CancellationToken);
                byte[] answer = question.Buffer.Concat(new byte[random.Next(200)]).ToArray();
                random.NextBytes(answer.AsSpan(4)); // the id is right
                await garbage.SendAsync(answer, question.RemoteEndPoint, TestContext.Current.CancellationToken);
            }
        });
        await using var resolver = New((IPEndPoint)garbage.Client.LocalEndPoint!, new ReverseDnsOptions { QueryTimeout = TimeSpan.FromMilliseconds(100) });

        for (int i = 0; i < 100; i++)
            Assert.NotEqual(ReverseDnsAnswer.Confirmed, await AskAsync(resolver, $"5.9.7.{i}"));
        Assert.False(answering.IsFaulted);
    }

    [Fact]
    public async Task Asking_about_a_known_address_allocates_nothing()
    {
        await using var resolver = New(names.Server.EndPoint);
        await AskAsync(resolver, NamesFixture.Genuine);
        await AskAsync(resolver, "5.9.1.8");
        var (crawler, known, refuted) = (Crawler(), Requests.Address(NamesFixture.Genuine), Requests.Address("5.9.1.8"));

        AllocationBudget.Bytes(0, () =>
        {
            resolver.Ask(known, crawler, NowMs);
            resolver.Ask(refuted, crawler, NowMs);
        });
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static Crawler Crawler(string id = "googlebot") => Requests.Catalog.Find(id)!;

    private Task<ReverseDnsAnswer> AskAsync(ReverseDnsResolver resolver, string address, string crawler = "googlebot") =>
        resolver.AskAndWaitAsync(Requests.Address(address), Crawler(crawler), NowMs, TestContext.Current.CancellationToken);

    private ReverseDnsResolver New(IPEndPoint server, ReverseDnsOptions? options = null, TimeProvider? time = null, IVerificationSink? told = null) => new(
        (options ?? new ReverseDnsOptions { QueryTimeout = TimeSpan.FromMilliseconds(700) }) with { Servers = [server] }, time ?? _time, new ReverseDnsMetrics())
    { Sink = told };

    private sealed class Told : IVerificationSink
    {
        private readonly List<Verification> _all = [];

        public IReadOnlyList<Verification> All
        {
            get
            {
                lock (_all)
                    return [.. _all];
            }
        }

        public void Write(in Verification verification)
        {
            lock (_all)
                _all.Add(verification);
        }
    }
}
