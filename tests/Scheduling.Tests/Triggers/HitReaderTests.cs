using CsCheck;
using Weir.Detection;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Triggers;

public sealed class HitReaderTests : IAsyncLifetime
{
    private Store _store = null!;
    private FetchList _log = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await Store.NewAsync();
        _log = new FetchList(_store.Time);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_verified_fetch_of_a_linked_page_is_one_trigger_for_each_engine_that_it_feeds()
    {
        long overview = await _store.AddTargetAsync("google-ai-overview");
        long gemini = await _store.AddTargetAsync("gemini");
        await _store.AddTargetAsync("chatgpt");
        var reader = await StartedAsync();
        _log.Add(Fetches.Of("googlebot", hitId: ulong.MaxValue));
        Assert.Equal(2, await reader.PollAsync(default));
        var triggers = await _store.Triggers.ListAsync(Store.Mine, 0, 10);
        Assert.Equal([("google-ai-overview", 0.8, overview), ("gemini", 0.5, gemini)], triggers.Select(t => (t.Engine, t.Weight, Assert.Single(t.Targets))));
        Assert.All(triggers, t => Assert.Equal(("ffffffffffffffff", "googlebot", "verified", "/pricing", "demo"), (t.Hit, t.Crawler, t.Identity, t.Path, t.Site)));
    }

    [Fact]
    public async Task What_the_rules_refuse_and_what_no_target_is_linked_to_is_no_trigger()
    {
        await _store.AddTargetAsync();
        var reader = await StartedAsync();
        ulong id = 0;
        foreach (var fetch in new[]
        {
            Fetches.Of(identity: Identity.Spoofed), Fetches.Of(identity: Identity.Pending), Fetches.Of(status: 404), Fetches.Of(path: "/robots.txt"),
            Fetches.Of(method: "POST"), Fetches.Of(path: "/about"), Fetches.Of("perplexitybot"), Fetches.Of("ahrefsbot"), Fetches.Of("nobody"),
            Fetches.Of(site: Store.Other),
        })
        {
            _log.Add(fetch with { HitId = ++id });
        }
        Assert.Equal(0, await reader.PollAsync(default));
        Assert.Empty(await _store.Triggers.ListAsync(Store.Mine, 0, 10));
        Assert.Equal(0, await _store.Triggers.PlanAsync(_store.Policy));
    }

    [Fact]
    public async Task The_same_text_again_and_304_are_kept_and_make_no_scan_due_alone()
    {
        long target = await _store.AddTargetAsync();
        var reader = await StartedAsync();
        _log.Content = FetchContent.Same;
        _log.Add(Fetches.Of("oai-searchbot", hitId: 1));
        _log.Add(Fetches.Of("oai-searchbot", hitId: 2, status: 304));
        Assert.Equal(2, await reader.PollAsync(default));
        var triggers = await _store.Triggers.ListAsync(Store.Mine, 0, 10);
        Assert.Equal([("crawl-same", "same"), ("crawl-same", "not-modified")], triggers.Select(t => (t.Class, t.Content)));
        Assert.Equal(0, await _store.Triggers.PlanAsync(_store.Policy));

        _log.Content = FetchContent.Changed;
        _log.Add(Fetches.Of("oai-searchbot", hitId: 3));
        await reader.PollAsync(default);
        Assert.Equal(1, await _store.Triggers.PlanAsync(_store.Policy));
        triggers = await _store.Triggers.ListAsync(Store.Mine, 0, 10);
        Assert.Equal([target], triggers.SelectMany(t => t.Targets).Distinct());
        Assert.All(triggers, t => Assert.Single(t.Scans));
    }

    [Fact]
    public async Task A_fetch_waits_a_bounded_time_for_what_its_text_showed()
    {
        await _store.AddTargetAsync();
        var reader = await StartedAsync();
        _log.Content = null;
        var early = Fetches.Of("oai-searchbot", hitId: 1);
        _log.Add(early);
        _log.Add(Fetches.Of("oai-searchbot", hitId: 2));
        Assert.Equal(0, await reader.PollAsync(default));
        _log.Read(early, FetchContent.Changed);
        Assert.Equal(1, await reader.PollAsync(default));
        _store.Time.Advance(_store.Settings.ContentWait);
        Assert.Equal(1, await reader.PollAsync(default));
        Assert.Equal([("changed", 1.0), ("unknown", 0.5)], (await _store.Triggers.ListAsync(Store.Mine, 0, 10)).Select(t => (t.Content, t.Weight)));
    }

    [Fact]
    public async Task A_restart_meets_the_fetches_that_waited()
    {
        await _store.AddTargetAsync();
        var reader = await StartedAsync();
        _log.Content = null;
        _log.Add(Fetches.Of("oai-searchbot", hitId: 1));
        var later = Store.Start.AddSeconds(2);
        _log.Add(Fetches.Of("oai-searchbot", hitId: 2, at: later));
        _log.Read(Fetches.Of("oai-searchbot", hitId: 2, at: later), FetchContent.First);
        Assert.Equal(1, await reader.PollAsync(default));
        _store.Time.Advance(TimeSpan.FromDays(1));
        _log.Content = FetchContent.Same;
        Assert.Equal(1, await _store.NewReader(_log).PollAsync(default));
        Assert.Equal(["first", "same"], (await _store.Triggers.ListAsync(Store.Mine, 0, 10)).Select(t => t.Content));
    }

    [Fact]
    public async Task The_first_poll_starts_at_the_present()
    {
        await _store.AddTargetAsync();
        _log.Add(Fetches.Of(at: Store.Start.AddHours(-1)));
        Assert.Equal(0, await _store.NewReader(_log).PollAsync(default));
    }

    [Fact]
    public async Task A_restart_goes_on_where_the_last_one_stopped()
    {
        await _store.AddTargetAsync();
        await StartedAsync();
        _log.Add(Fetches.Of(hitId: 1));
        Assert.Equal(1, await _store.NewReader(_log).PollAsync(default));
        // Hits that came while nothing ran, over more than the overlap.
        _store.Time.Advance(TimeSpan.FromHours(5));
        _log.Add(Fetches.Of(hitId: 2, at: Store.Start.AddHours(1)));
        _log.Add(Fetches.Of(hitId: 3, at: Store.Start.AddHours(4)));
        Assert.Equal(2, await _store.NewReader(_log).PollAsync(default));
        Assert.Equal(0, await _store.NewReader(_log).PollAsync(default));
    }

    [Fact]
    public async Task A_failing_log_moves_nothing()
    {
        await _store.AddTargetAsync();
        var reader = await StartedAsync();
        _log.Add(Fetches.Of());
        _log.Failure = new HttpRequestException("away");
        await Assert.ThrowsAsync<HttpRequestException>(() => reader.PollAsync(default));
        _log.Failure = null;
        Assert.Equal(1, await reader.PollAsync(default));
    }

    [Fact]
    public async Task Hits_with_the_same_id_at_other_times_or_sites_are_other_hits()
    {
        await _store.AddTargetAsync();
        await _store.AddTargetAsync(isTheirs: true);
        var reader = await StartedAsync();
        _log.Add(Fetches.Of(hitId: 7));
        _log.Add(Fetches.Of(hitId: 7, at: Store.Start.AddMilliseconds(1), insertedAt: Store.Start));
        _log.Add(Fetches.Of(hitId: 7, site: Store.Other));
        Assert.Equal(3, await reader.PollAsync(default));
        Assert.Equal(2, (await _store.Triggers.ListAsync(Store.Mine, 0, 10)).Count);
        Assert.Single(await _store.Triggers.ListAsync(Store.Theirs, 0, 10));
    }

    [Fact]
    public async Task More_than_a_page_of_fetches_is_read_in_one_poll()
    {
        await _store.AddTargetAsync();
        var reader = await StartedAsync();
        for (ulong i = 1; i <= 12_000; i++)
            _log.Add(Fetches.Of(hitId: i, at: Store.Start.AddMilliseconds(i / 7)));
        Assert.Equal(12_000, await reader.PollAsync(default));
        Assert.Equal(0, await reader.PollAsync(default));
    }

    /// <summary>Inserts become visible late and out of order, readers restart, two run at once: each fetch is one trigger.</summary>
    [Fact]
    public async Task No_fetch_is_missed_or_doubled()
    {
        await Gen.Select(Gen.Int[0, 4000], Gen.Int[0, 149_000], Gen.Int[0, 3]).Array[1, 40].SampleAsync(
            async fetches =>
            {
                await using var store = await Store.NewAsync();
                await store.AddTargetAsync();
                var log = new FetchList(store.Time);
                HitReader[] readers = [store.NewReader(log), store.NewReader(log)];
                await readers[0].PollAsync(default);
                ulong id = 0;
                var inserted = Store.Start;
                foreach (var (gapMs, lateMs, what) in fetches)
                {
                    inserted = inserted.AddMilliseconds(gapMs);
                    log.Add(Fetches.Of(hitId: ++id, at: inserted), visibleAt: inserted.AddMilliseconds(lateMs));
                    if (inserted > store.Time.GetUtcNow())
                        store.Time.SetUtcNow(inserted);
                    if (what == 0)
                        readers[id % 2] = store.NewReader(log);
                    if (what != 1)
                        await readers[id % 2].PollAsync(default);
                    if (what == 2)
                        await Task.WhenAll(readers.Select(r => Task.Run(() => r.PollAsync(default))));
                }
                store.Time.Advance(TimeSpan.FromSeconds(150));
                await readers[0].PollAsync(default);
                await readers[1].PollAsync(default);
                var hits = (await store.Triggers.ListAsync(Store.Mine, 0, 1000)).Select(t => t.Hit).Order(StringComparer.Ordinal);
                Assert.Equal(Enumerable.Range(1, (int)id).Select(i => i.ToString("x16")), hits);
            },
            iter: 60, threads: 1);
    }

    private async Task<HitReader> StartedAsync()
    {
        var reader = _store.NewReader(_log);
        await reader.PollAsync(default);
        return reader;
    }
}
