using System.IO.Compression;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection;
using Weir.Detection.Identification;

namespace Weir.Tests.IdentityOf;

/// <summary>Range lists fetched from a real server, kept on a real disk.</summary>
public sealed class RangeListRefresherTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 6, 10, 0, 0, 0, TimeSpan.Zero);
    private static readonly RangeRefreshOptions Options = new() { AllowsLoopback = true };

    private readonly FakeTimeProvider _time = new(Now);
    private readonly Channel<RangeRefreshReport> _told = Channel.CreateUnbounded<RangeRefreshReport>();
    private ListServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ListServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_new_version_is_put_in_force_kept_and_found_again_without_the_network()
    {
        var detector = new Detector(_server.LoadCatalog());
        Assert.Equal(Identity.Spoofed, Classify(detector, "5.9.4.1"));
        long misses = detector.Catalog.UserAgentCacheMisses;

        var report = await RefreshAsync(detector);

        Assert.Equal((RangeFetchState.Updated, "2026-06-01T00:00:00Z"), (report.State, report.InForce.Version));
        Assert.Equal(Identity.Verified, Classify(detector, "5.9.4.1"));
        Assert.Equal(misses, detector.Catalog.UserAgentCacheMisses); // what was read of user agents is kept
        await _server.StopAsync();
        Assert.Equal(Identity.Verified, Classify(Restarted(), "5.9.4.1"));
        Assert.Equal(RangeFetchState.Failed, (await RefreshAsync(Restarted())).State);
    }

    [Fact]
    public async Task Old_hits_are_judged_by_the_version_of_their_day_after_a_restart_too()
    {
        await RefreshAsync(new Detector(_server.LoadCatalog()));
        var detector = Restarted();
        var march = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(Identity.Verified, Classify(detector, "5.9.0.1", march));  // gone since June
        Assert.Equal(Identity.Spoofed, Classify(detector, "5.9.0.1"));
        Assert.Equal(Identity.Spoofed, Classify(detector, "5.9.4.1", march));   // there since June
        Assert.Equal(Identity.Verified, Classify(detector, "5.9.4.1", new DateTimeOffset(2026, 5, 29, 0, 0, 0, TimeSpan.Zero))); // the list lags
        Assert.Equal(Identity.Unverifiable, Classify(detector, "5.9.4.1", new DateTimeOffset(2025, 12, 1, 0, 0, 0, TimeSpan.Zero)));
        var verdict = Verdict(detector, "5.9.0.1", march);
        Assert.Equal("a0.json@2026-01-01T00:00:00Z", verdict.RangeList);
        Assert.Equal("2026-01-01T00:00:00Z", ReasonText.RangeListOf(verdict)!.Version);
    }

    [Fact]
    public async Task A_list_that_did_not_change_is_asked_by_its_tag_and_known_good_again()
    {
        var detector = new Detector(_server.LoadCatalog());
        _server.Answer = c =>
        {
            c.Response.Headers.ETag = "\"june\"";
            if (c.Request.Headers.IfNoneMatch == "\"june\"")
            {
                c.Response.StatusCode = 304;
                return Task.CompletedTask;
            }
            return c.Response.WriteAsync(ListServer.June);
        };
        await RefreshAsync(detector);
        _time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(Identity.Unverifiable, Classify(detector, "5.9.9.9", _time.GetUtcNow())); // too old to call anybody spoofed

        var report = await RefreshAsync(detector);

        Assert.Equal(["", "\"june\""], _server.Asked);
        Assert.Equal((RangeFetchState.Unchanged, _time.GetUtcNow()), (report.State, report.InForce.KnownGoodAt));
        Assert.Equal(Identity.Spoofed, Classify(detector, "5.9.9.9", _time.GetUtcNow()));
        Assert.Equal(Identity.Spoofed, Classify(Restarted(), "5.9.9.9", _time.GetUtcNow()));
    }

    [Theory]
    [InlineData("", RefusalReason.Empty)]
    [InlineData("{\"prefixes\":[]}", RefusalReason.Empty)]
    [InlineData("{\"error\":\"try later\"}", RefusalReason.Empty)]
    [InlineData("5.9.1.0/24", RefusalReason.LostHalf)]
    [InlineData("5.9.0.0/16\n3.0.0.0/7", RefusalReason.TooWide)]
    [InlineData("5.9.0.0/16\n192.168.1.0/24", RefusalReason.PrivateSpace)]
    [InlineData("<!DOCTYPE html><h1>Just a moment</h1>", RefusalReason.Unreadable)]
    [InlineData(" \r\n<html>5.9.0.0/16</html>", RefusalReason.Unreadable)]
    [InlineData("{\"prefixes\":[{\"ipv4Prefix\":\"5.9.0.0/16\"},{\"ipv4", RefusalReason.Unreadable)]
    [InlineData("Service unavailable", RefusalReason.Unreadable)]
    [InlineData("{\"creationTime\":\"2025-06-01T00:00:00\",\"prefixes\":[{\"ipv4Prefix\":\"5.9.0.0/16\"}]}", RefusalReason.Older)]
    [InlineData("{\"creationTime\":\"2099-06-01T00:00:00\",\"prefixes\":[{\"ipv4Prefix\":\"5.9.0.0/16\"}]}", RefusalReason.FromTheFuture)]
    public async Task What_is_too_odd_to_be_true_is_refused_and_changes_nothing(string content, RefusalReason reason)
    {
        var detector = new Detector(_server.LoadCatalog());
        var before = detector.Catalog;
        _server.Answer = c =>
        {
            c.Response.ContentType = "text/html";
            return c.Response.WriteAsync(content);
        };

        var report = await RefreshAsync(detector);

        Assert.Equal((RangeFetchState.Refused, reason), (report.State, report.Refusal));
        Assert.Contains("a0.json", report.Why, StringComparison.Ordinal);
        Assert.Same(before, detector.Catalog);
        Assert.Equal(Identity.Verified, Classify(Restarted(), "5.9.0.1"));
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "500", "the server answered 500" },
        { "huge", "larger than" },
        { "bomb", "larger than" },
        { "drip", "took over" },
        { "other", "another host, 127.0.0.2" },
        { "metadata", "another host, 169.254.169.254" },
        { "file", "file is not fetched" },
        { "loop", "redirects without end" },
        { "304", "nothing changed since nothing" },
        { "torn", "" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task What_cannot_be_fetched_changes_nothing(string how, string why)
    {
        var detector = new Detector(_server.LoadCatalog());
        _server.Answer = c => AnswerBadlyAsync(c, how);

        var report = await RefreshAsync(detector, Options with { Timeout = TimeSpan.FromMilliseconds(how == "drip" ? 500 : 20_000) }, TimeProvider.System);

        Assert.Equal(RangeFetchState.Failed, report.State);
        Assert.Contains(why, report.Why, StringComparison.Ordinal);
        Assert.Equal("2026-01-01T00:00:00Z", report.InForce.Version);
        Assert.Empty(Store().ReadState("a0.json").Copies);
    }

    [Fact]
    public async Task A_redirect_on_the_same_host_is_followed()
    {
        _server.Answer = c =>
        {
            if (c.Request.Path == "/new.json")
                return c.Response.WriteAsync(ListServer.June);
            c.Response.Redirect("/new.json", permanent: true);
            return Task.CompletedTask;
        };

        Assert.Equal(RangeFetchState.Updated, (await RefreshAsync(new Detector(_server.LoadCatalog()))).State);
    }

    [Fact]
    public async Task Without_the_tests_own_leave_neither_http_nor_this_machine_is_fetched_from()
    {
        var report = await RefreshAsync(new Detector(_server.LoadCatalog()), new RangeRefreshOptions());

        Assert.Equal((RangeFetchState.Failed, "http is not fetched, https alone"), (report.State, report.Why));
        Assert.Empty(_server.Asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData(ListServer.January)] // whole, but not what was written
    public async Task A_damaged_copy_is_put_aside_and_the_bundled_list_used(string damage)
    {
        await RefreshAsync(new Detector(_server.LoadCatalog()));
        string copy = Directory.GetFiles(Path.Combine(_server.Data, "a0.json"), "*.list").Single();
        await File.WriteAllTextAsync(copy, damage, Stop);
        List<string> aside = [];

        var detector = new Detector(Store().Apply(_server.LoadCatalog(), (file, _) => aside.Add(file)));

        Assert.Equal([copy], aside);
        Assert.True(File.Exists(copy + ".bad"));
        Assert.Equal(Identity.Verified, Classify(detector, "5.9.0.1"));
        Assert.Equal(RangeFetchState.Updated, (await RefreshAsync(detector)).State);
        Assert.Equal(Identity.Verified, Classify(Restarted(), "5.9.4.1"));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{\"copies\":[{\"name\":\"../../../etc/passwd\",\"sha256\":\"\",\"fetchedAt\":\"2026-01-01\"}]}")]
    public async Task Damaged_state_is_no_more_than_none(string damage)
    {
        await RefreshAsync(new Detector(_server.LoadCatalog()));
        await File.WriteAllTextAsync(Path.Combine(_server.Data, "a0.json", "state.json"), damage, Stop);

        Assert.Equal(Identity.Verified, Classify(Restarted(), "5.9.0.1"));
        Assert.Equal(RangeFetchState.Updated, (await RefreshAsync(Restarted())).State);
    }

    [Fact]
    public async Task Only_so_many_versions_are_kept()
    {
        var detector = new Detector(_server.LoadCatalog());
        for (int day = 1; day <= 12; day++)
        {
            string version = ListServer.June.Replace("06-01", $"06-{day:00}", StringComparison.Ordinal);
            _server.Answer = c => c.Response.WriteAsync(version);
            _time.Advance(TimeSpan.FromDays(1));
            await RefreshAsync(detector, Options with { VersionsMax = 4 });
        }

        Assert.Equal(4, Store().ReadState("a0.json").Copies.Count);
        Assert.Equal(4, Directory.GetFiles(Path.Combine(_server.Data, "a0.json"), "*.list").Length);
        Assert.Equal(4, Versions(detector.Catalog.RangeLists[0]));
        Assert.Equal(5, Versions(Restarted().Catalog.RangeLists[0])); // the bundled one too
    }

    [Fact]
    public async Task Two_lists_at_most_are_fetched_at_once()
    {
        await using var server = await ListServer.StartAsync(lists: 12);
        server.Answer = async c =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System);
            await c.Response.WriteAsync(ListServer.June);
        };
        var detector = new Detector(server.LoadCatalog());
        using var refresher = new RangeListRefresher(detector, new RangeListStore(server.Data, Options), Options, _time, _ => { }, new Random(1));

        var reports = await refresher.RefreshAsync(Stop);

        Assert.All(reports, r => Assert.Equal(RangeFetchState.Updated, r.State));
        Assert.Equal(2, server.OpenMax);
        Assert.All(detector.Catalog.RangeLists, l => Assert.Equal("2026-06-01T00:00:00Z", l.Version)); // no swap undid another
    }

    [Fact]
    public async Task It_fetches_again_and_again_sooner_after_a_failure_and_after_the_clock_was_set_back()
    {
        // The clock runs on while a fetch is under way: so no fetch may run out of it, and of waits the lower bound is exact and the upper is not.
        var sooner = TimeSpan.FromHours(5);
        var detector = new Detector(_server.LoadCatalog());
        using var refresher = New(detector, Options with { Timeout = TimeSpan.FromDays(30) }, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = refresher.RunAsync(stop.Token);

        Assert.InRange(await NextAsync(), TimeSpan.Zero, sooner);
        Assert.InRange(await NextAsync(), TimeSpan.FromHours(5.4), TimeSpan.FromHours(24));
        _server.Answer = c => AnswerBadlyAsync(c, "500");
        await NextAsync();
        Assert.InRange(await NextAsync(), TimeSpan.FromMinutes(13), sooner);
        Assert.InRange(await NextAsync(), TimeSpan.FromMinutes(26), sooner);
        _time.AdjustTime(Now.AddYears(-3));
        Assert.InRange(await NextAsync(), TimeSpan.Zero, sooner);

        await stop.CancelAsync();
        await running;
    }

    // Moves the clock until the next fetch has ended; gives the time that took on it.
    private async Task<TimeSpan> NextAsync()
    {
        var start = _time.GetUtcNow();
        while (!_told.Reader.TryRead(out _))
        {
            int asked = _server.Asked.Count;
            _time.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
            if (_server.Asked.Count > asked)
            {
                await _told.Reader.ReadAsync(Stop);
                break;
            }
        }
        return _time.GetUtcNow() - start;
    }

    private static async Task AnswerBadlyAsync(HttpContext c, string how)
    {
        switch (how)
        {
            case "500" or "304":
                c.Response.StatusCode = int.Parse(how);
                break;
            case "huge":
                for (int i = 0; i < 100 && !c.RequestAborted.IsCancellationRequested; i++)
                    await c.Response.Body.WriteAsync(new byte[100_000], c.RequestAborted);
                break;
            case "bomb":
                c.Response.Headers.ContentEncoding = "gzip";
                await using (var packed = new GZipStream(c.Response.Body, CompressionLevel.Fastest))
                    await packed.WriteAsync(Encoding.ASCII.GetBytes(new string(' ', 20 << 20)), c.RequestAborted);
                break;
            case "drip":
                while (!c.RequestAborted.IsCancellationRequested)
                {
                    await c.Response.WriteAsync(" ", c.RequestAborted);
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, c.RequestAborted);
                }
                break;
            case "other":
                c.Response.Redirect($"http://127.0.0.2:{c.Connection.LocalPort}/a0.json");
                break;
            case "metadata":
                c.Response.Redirect("https://169.254.169.254/latest/meta-data/");
                break;
            case "file":
                c.Response.Redirect("file:///etc/passwd");
                break;
            case "loop":
                c.Response.Redirect(c.Request.Path);
                break;
            case "torn":
                c.Response.ContentLength = 1000;
                await c.Response.WriteAsync(ListServer.June);
                await c.Response.Body.FlushAsync();
                c.Abort();
                break;
        }
    }

    private static int Versions(RangeList? list)
    {
        int count = 0;
        for (; list is not null; list = list.Earlier)
            count++;
        return count;
    }

    private static Verdict Verdict(Detector detector, string address, DateTimeOffset? at = null) => detector.Classify(new RequestFacts
    {
        TimeMs = (at ?? Now).ToUnixTimeMilliseconds(),
        UserAgent = "A0Bot/1.0",
        ClientAddress = Requests.Address(address),
    });

    private static Identity Classify(Detector detector, string address, DateTimeOffset? at = null) => Verdict(detector, address, at).Identity;

    private RangeListStore Store() => new(_server.Data, Options);

    private Detector Restarted() => new(Store().Apply(_server.LoadCatalog(), (file, what) => Assert.Fail($"{file}: {what}")));

    private RangeListRefresher New(Detector detector, RangeRefreshOptions options, TimeProvider time) =>
        new(detector, new RangeListStore(_server.Data, options), options, time, r => _told.Writer.TryWrite(r), new Random(1));

    private async Task<RangeRefreshReport> RefreshAsync(Detector detector, RangeRefreshOptions? options = null, TimeProvider? time = null)
    {
        using var refresher = New(detector, options ?? Options, time ?? _time);
        return Assert.Single(await refresher.RefreshAsync(Stop));
    }
}
