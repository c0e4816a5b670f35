using System.Globalization;
using Weir.Detection;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;
using Weir.Ingest.Tests;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Triggers;

/// <summary>The reader over a real ClickHouse: hits that the edge has written become scans.</summary>
public sealed class ClickHouseFetchLogTests(ClickHouseServer server) : IClassFixture<ClickHouseServer>
{
    [Fact]
    public async Task Fetches_come_back_as_written_in_order_and_by_pages()
    {
        using var connections = await NewDatabaseAsync();
        var log = new ClickHouseFetchLog(connections);
        await InsertAsync(connections, "'demo', 18446744073709551615, 'GET', '/it''s\\n\\'', 200, 'gptbot', 'verified'",
            "'demo', 2, 'POST', '/b', 304, 'googlebot', 'spoofed'", "'other.example', 3, 'GET', '/c', 200, 'gptbot', 'pending'",
            "'demo', 4, 'GET', '/d', 200, 'gptbot', 'unverifiable'");
        await InsertAsync(connections, "'demo', 5, 'GET', '/e', 200, 'gptbot', 'verified'");
        var all = await log.ReadAsync(new FetchPlace(DateTimeOffset.UnixEpoch), ["demo"], 100, default);
        Assert.Equal([2, 4, ulong.MaxValue, 5], all.Select(f => f.HitId));
        Assert.Equal(("POST", "/b", 304, "googlebot", Identity.Spoofed), (all[0].Method, all[0].Path, all[0].Status, all[0].Crawler, all[0].Identity));
        Assert.Equal("/it's\n'", all[2].Path);
        Assert.Equal(Store.Start, all[0].Time);
        Assert.InRange(all[0].InsertedAt, (await log.NowAsync(default)).AddMinutes(-1), await log.NowAsync(default));
        var paged = new List<CrawlerFetch>();
        var place = new FetchPlace(DateTimeOffset.UnixEpoch);
        while (await log.ReadAsync(place, ["demo", "other.example"], 1, default) is { Count: > 0 } page)
        {
            paged.AddRange(page);
            place = FetchPlace.After(page[^1]);
        }
        Assert.Equal(5, paged.Select(f => f.HitId).Distinct().Count());
        Assert.Equal(5, paged.Count);
    }

    [Fact]
    public async Task A_crawl_in_the_store_becomes_a_scan()
    {
        using var connections = await NewDatabaseAsync();
        await using var store = await Store.NewAsync(new SchedulingSettings { ContentWait = TimeSpan.Zero });
        long target = await store.AddTargetAsync();
        var reader = store.NewReader(new ClickHouseFetchLog(connections));
        Assert.Equal(0, await reader.PollAsync(default));
        await InsertAsync(connections, "'demo', 1, 'GET', '/pricing', 200, 'gptbot', 'verified'", "'demo', 2, 'GET', '/robots.txt', 200, 'gptbot', 'verified'",
            "'demo', 3, 'GET', '/pricing', 200, 'gptbot', 'spoofed'");
        Assert.Equal(1, await reader.PollAsync(default));
        Assert.Equal(0, await reader.PollAsync(default));
        Assert.Equal(0, await store.NewReader(new ClickHouseFetchLog(connections)).PollAsync(default));
        await store.Triggers.PlanAsync(store.Policy);
        store.Time.Advance(TimeSpan.FromSeconds(1));
        var scan = Assert.Single(await store.Queue.LeaseAsync(Store.Mine, new LeaseRequest("chatgpt", 10, TimeSpan.FromMinutes(1), "w")));
        Assert.Equal(target, scan.Target);
        Assert.Equal("0000000000000001", Assert.Single(scan.Triggers).Hit);
    }

    /// <summary>What the crawler read last is told by the store: hashes of its own sightings, none of who borrowed its name.</summary>
    [Fact]
    public async Task A_fetch_is_compared_with_what_its_crawler_read_before()
    {
        using var connections = await NewDatabaseAsync();
        await connections.Client.ExecuteNonQueryAsync("INSERT INTO content_sightings (time, site, hit_id, host, path, query, crawler, identity, hash, simhash) VALUES "
            + string.Join(',', new[]
            {
                "1000, 'demo', 1, 'demo.test', '/pricing', '', 'gptbot', 'verified', 7, 0", "2000, 'demo', 2, 'demo.test', '/pricing', '', 'gptbot', 'verified', 7, 0",
                "3000, 'demo', 3, 'demo.test', '/pricing', '', 'gptbot', 'spoofed', 8, 255", "4000, 'demo', 4, 'demo.test', '/pricing', '', 'gptbot', 'verified', 9, 3",
                "5000, 'demo', 5, 'demo.test', '/pricing', '', 'gptbot', 'verified', 10, 18446744073709551615",
                "6000, 'demo', 6, 'demo.test', '/pricing', '', 'bingbot', 'verified', 10, 18446744073709551615",
                "7000, 'demo', 7, 'demo.test', '/pricing', 'a=1', 'gptbot', 'verified', 10, 18446744073709551615",
            }.Select(row => $"(fromUnixTimestamp64Milli({Store.Start.ToUnixTimeMilliseconds()} + {row.Split(',', 2)[0]}, 'UTC'),{row.Split(',', 2)[1]})")));
        var fetches = Enumerable.Range(1, 8).Select(i => Fetches.Of(hitId: (ulong)i, at: Store.Start.AddSeconds(i))).ToList();
        var contents = await new ClickHouseFetchLog(connections).ContentsAsync(fetches, default);
        Assert.Equal(
            [FetchContent.First, FetchContent.Same, null, FetchContent.Same, FetchContent.Changed, FetchContent.First, FetchContent.First, null],
            fetches.Select(f => contents.TryGetValue(FetchKey.Of(f), out var content) ? content : (FetchContent?)null));
    }

    /// <summary>Concurrent inserts while two readers follow and restart: as many triggers as fetches.</summary>
    [Fact]
    public async Task Readers_beside_writers_miss_and_double_nothing()
    {
        using var connections = await NewDatabaseAsync();
        await using var store = await Store.NewAsync(new SchedulingSettings { ContentWait = TimeSpan.Zero });
        await store.AddTargetAsync();
        var log = new ClickHouseFetchLog(connections);
        HitReader[] readers = [store.NewReader(log), store.NewReader(log)];
        await readers[0].PollAsync(default);
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (int batch = 0; batch < 15; batch++)
            {
                await InsertAsync(connections, [.. Enumerable.Range(0, 40).Select(i =>
                    $"'demo', {(w * 10_000) + (batch * 100) + i + 1}, 'GET', '/pricing', 200, 'gptbot', 'verified'")]);
            }
        })).ToList();
        int poll = 0;
        while (!Task.WhenAll(writers).IsCompleted)
        {
            if (++poll % 5 == 0)
                readers[poll % 2] = store.NewReader(log);
            await Task.WhenAll(readers.Select(r => Task.Run(() => r.PollAsync(default))));
        }
        await Task.WhenAll(writers);
        store.Time.Advance(TimeSpan.FromSeconds(10));
        await readers[0].PollAsync(default);
        var triggers = new List<Trigger>();
        while (await store.Triggers.ListAsync(Store.Mine, triggers.LastOrDefault()?.Id ?? 0, 1000) is { Count: > 0 } page)
            triggers.AddRange(page);
        Assert.Equal(4 * 15 * 40, triggers.Select(t => t.Hit).Distinct().Count());
        Assert.Equal(4 * 15 * 40, triggers.Count);
    }

    private async Task<ClickHouseConnections> NewDatabaseAsync()
    {
        var endpoint = server.NewDatabase();
        await SchemaMigrator.ApplyAsync(endpoint);
        return new ClickHouseConnections(endpoint);
    }

    private static Task InsertAsync(ClickHouseConnections connections, params string[] rows)
    {
        string time = Store.Start.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return connections.Client.ExecuteNonQueryAsync(
            "INSERT INTO hits (time, kind, source, site, hit_id, method, path, status, crawler, identity) VALUES "
            + string.Join(',', rows.Select(r => $"(fromUnixTimestamp64Milli({time}, 'UTC'), 'crawler', 'edge', {r})")));
    }
}
