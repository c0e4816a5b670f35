using System.Net;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;
using Weir.Ingest.Verdicts;

namespace Weir.Ingest.Tests.Verdicts;

[Collection(StoreCollection.Name)]
public class VerdictSqlTests(ClickHouseServer server)
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private const string AllSql =
        $$"""
        WITH {{VerdictSql.Amended}}, {{VerdictSql.Judged}}
        SELECT hit_id, toString(identity) FROM judged
        """;

    // What reports make of the hourly counts, and what the hits themselves say.
    private const string UnequalSql =
        $$"""
        WITH {{VerdictSql.Amended}}, {{VerdictSql.Corrections}}, {{VerdictSql.Judged}},
        hourly AS
        (
            SELECT toString(k) AS key, sum(n) AS hits
            FROM
            (
                SELECT (hour, kind, toString(crawler), toString(operator), purpose, identity, referral_class, toString(referral_source)) AS k, CAST(hits, 'UInt64') AS n
                FROM hits_hourly WHERE {site:String} = '' OR site = {site:String}
                UNION ALL
                SELECT (toDateTime(toStartOfHour(time), 'UTC'), kind, crawler, operator, purpose, identity, referral_class, referral_source) AS k, hits AS n FROM corrections
            )
            GROUP BY key HAVING hits != 0
        ),
        table AS
        (
            SELECT toString((toDateTime(toStartOfHour(time), 'UTC'), kind, crawler, operator, purpose, identity, referral_class, referral_source)) AS key, count() AS hits
            FROM judged GROUP BY key
        )
        SELECT count() FROM hourly FULL JOIN table ON hourly.key = table.key WHERE hourly.hits != table.hits
        """;

    [Theory]
    [InlineData(5, "verified", "verified")]                 // known in seconds
    [InlineData(59 * 60, "spoofed", "spoofed")]             // within the hour
    [InlineData((60 * 60) + 1, "verified", "pending")]      // an hour later, the address may be another's
    [InlineData(-23 * 60 * 60, "verified", "verified")]     // known before
    [InlineData(-25 * 60 * 60, "verified", "pending")]      // too long ago to say anything
    [InlineData(5, "unverifiable", "unverifiable")]         // a name of customers' too
    public async Task A_pending_hit_reads_what_was_found_out_around_its_time(int seconds, string found, string reads)
    {
        using var store = await Store.NewAsync(server);
        await StoreAsync(store, new Row(1, Noon, "pending"));
        await KnowAsync(store, Noon.AddSeconds(seconds), found);

        Assert.Equal(reads, (await ReadAsync(store, VerdictSql.Reclassified))[1]);
        Assert.Equal(reads, (await ReadAsync(store, VerdictSql.Settled))[1]);
        Assert.Equal("pending", (await ReadAsync(store, VerdictSql.Original))[1]);
        await AssertCountsAsync(store);
    }

    [Fact]
    public async Task Of_several_findings_the_newest_within_the_hour_counts()
    {
        using var store = await Store.NewAsync(server);
        await StoreAsync(store, new Row(1, Noon, "pending"), new Row(2, Noon.AddMinutes(30), "pending"), new Row(3, Noon.AddHours(3), "pending"));
        await KnowAsync(store, Noon.AddMinutes(-5), "unverifiable");
        await KnowAsync(store, Noon.AddMinutes(10), "spoofed");
        await KnowAsync(store, Noon.AddMinutes(80), "verified");

        var identities = await ReadAsync(store, VerdictSql.Settled);

        Assert.Equal(("spoofed", "verified", "verified"), (identities[1], identities[2], identities[3]));
        await AssertCountsAsync(store);
    }

    [Fact]
    public async Task What_was_decided_at_once_stays_and_what_was_not_asked_is_settled_for_imports_too()
    {
        const ulong NotChecked = 1UL << 33, Unanswered = 1UL << 39;
        using var store = await Store.NewAsync(server);
        await StoreAsync(store,
            new Row(1, Noon, "verified", "range"), new Row(2, Noon, "spoofed", "reverse-dns"), new Row(3, Noon, "unverifiable"),
            new Row(4, Noon, "unverifiable") { Reasons = NotChecked, Source = "import" }, new Row(5, Noon, "unverifiable") { Reasons = Unanswered },
            new Row(6, Noon, "pending", "signature"), new Row(7, Noon, "pending") { Crawler = "bingbot" },
            new Row(8, Noon, "pending") { Address = "203.0.113.8" });
        await KnowAsync(store, Noon.AddSeconds(5), "spoofed");

        var identities = await ReadAsync(store, VerdictSql.Reclassified);

        Assert.Equal(
            ["verified", "spoofed", "unverifiable", "spoofed", "spoofed", "pending", "pending", "pending"], identities.OrderBy(i => i.Key).Select(i => i.Value));
        await AssertCountsAsync(store);
        await KnowAsync(store, Noon.AddSeconds(9), "verified");
        Assert.Equal("verified", (await ReadAsync(store, VerdictSql.Settled))[6]); // its address proves what its signature could not yet
    }

    [Fact]
    public async Task Hits_that_were_pending_before_this_was_known_of_are_settled_too()
    {
        using var store = new Store(server.NewDatabase());
        var before = Migration.All.TakeWhile(m => !m.Sql.Contains("open_identities", StringComparison.Ordinal)).ToList();
        await SchemaMigrator.ApplyAsync(store.Connections, before, TimeProvider.System, default);
        await StoreAsync(store, new Row(1, Noon, "pending"), new Row(2, Noon, "verified"));
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await KnowAsync(store, Noon.AddSeconds(5), "verified");
        Assert.Equal("verified", (await ReadAsync(store, VerdictSql.Settled))[1]);

        // As a crash between the migration's statements leaves it.
        await store.RunAsync($"ALTER TABLE schema_migrations DELETE WHERE number > {before.Count} SETTINGS mutations_sync = 2");
        await SchemaMigrator.ApplyAsync(store.Endpoint);

        Assert.Equal("verified", (await ReadAsync(store, VerdictSql.Settled))[1]);
        await AssertCountsAsync(store);
    }

    [Fact]
    public async Task Counts_by_the_hour_say_what_the_hits_say_whatever_was_found_out_and_run()
    {
        const int Hits = 3000;
        var random = new Random(20261127);
        using var store = await Store.NewAsync(server);
        string Pick(params string[] of) => of[random.Next(of.Length)];
        var rows = Enumerable.Range(1, Hits).Select(i => new Row((ulong)i, Noon.AddSeconds(random.Next(72 * 3600)), Pick("pending", "pending", "verified", "unverifiable", "spoofed"))
        {
            Crawler = Pick("googlebot", "bingbot", "gptbot"),
            Address = $"203.0.113.{random.Next(1, 30)}",
            Reasons = random.Next(2) == 0 ? 1UL << 33 : 0,
            Method = Pick("none", "range", "reverse-dns", "signature"),
            Site = Pick("shop", "blog"),
        }).ToArray();
        await StoreAsync(store, rows);
        for (int i = 0; i < 300; i++)
            await KnowAsync(store, Noon.AddSeconds(random.Next(-3600, 76 * 3600)), Pick("verified", "spoofed", "unverifiable"), Pick("googlebot", "bingbot", "gptbot"), $"203.0.113.{random.Next(1, 30)}");
        await RunAsync(store, 1, "", 0, 72, 5, "applied");
        await RunAsync(store, 2, "shop", 10, 30, 3, "applied");
        await RunAsync(store, 3, "", 20, 60, 2, "begun");
        await RunAsync(store, 4, "", 40, 44, 2, "dropped");

        foreach (string verdict in VerdictSql.Choices)
        {
            Assert.Equal(Hits, (await ReadAsync(store, verdict)).Count);
            foreach (string site in (string[])["", "shop", "blog"])
                Assert.Equal(0, Convert.ToInt64(await store.Connections.Client.ExecuteScalarAsync(UnequalSql, Parameters(verdict, site))));
        }
        var original = await ReadAsync(store, VerdictSql.Original);
        Assert.All(rows, r => Assert.Equal(r.Identity, original[r.Id]));
        Assert.True((await ReadAsync(store, VerdictSql.Settled)).Count(r => r.Value != original[r.Key]) > Hits / 20);
        // What a run judged counts once it is whole, where no later one covers it, and no longer than it stands.
        Assert.Equal(
            await store.NumberAsync("SELECT count() FROM reclassified WHERE run = 2 OR (run = 1 AND NOT (site = 'shop' AND time >= '2026-06-01 22:00:00' AND time < '2026-06-02 18:00:00'))"),
            Convert.ToInt64(await store.Connections.Client.ExecuteScalarAsync($"WITH {VerdictSql.Amended} SELECT sum(is_by_run) FROM amended", Parameters(VerdictSql.Reclassified, ""))));
    }

    private sealed record Row(ulong Id, DateTimeOffset Time, string Identity, string Method = "none")
    {
        public string Crawler { get; init; } = "googlebot";
        public string Address { get; init; } = "203.0.113.7";
        public ulong Reasons { get; init; }
        public string Source { get; init; } = "edge";
        public string Site { get; init; } = "shop";
    }

    private static Task StoreAsync(Store store, params Row[] rows) => store.Connections.Client.InsertBinaryAsync(
        $"{store.Endpoint.Database}.hits",
        ["time", "site", "hit_id", "source", "client_address", "kind", "crawler", "operator", "purpose", "identity", "identity_method", "reasons", "score"],
        rows.Select(r => new object[]
        {
            r.Time.UtcDateTime, r.Site, r.Id, r.Source, IPAddress.Parse(r.Address).MapToIPv6(), "crawler", r.Crawler, "Someone", "search", r.Identity, r.Method, r.Reasons, (byte)99,
        }));

    private static Task KnowAsync(Store store, DateTimeOffset asOf, string identity, string crawler = "googlebot", string address = "203.0.113.7") => store.Connections.Client.ExecuteNonQueryAsync(
        """
        INSERT INTO verifications (as_of, client_address, crawler, identity, identity_method)
        SELECT fromUnixTimestamp64Milli({asOf:Int64}, 'UTC'), toIPv6({address:String}), {crawler:String}, {identity:String}, 'reverse-dns'
        """,
        QueryParameters.Of(("asOf", asOf.ToUnixTimeMilliseconds()), ("address", address), ("crawler", crawler), ("identity", identity)));

    private static async Task RunAsync(Store store, int run, string site, int fromHour, int toHour, int every, string state)
    {
        await store.RunAsync(
            $"""
            INSERT INTO reclassified (run, site, time, hit_id, was_kind, was_crawler, was_operator, was_purpose, was_identity, kind, crawler, operator, purpose, identity, referral_class, referral_source)
            SELECT {run}, site, time, hit_id, kind, crawler, operator, purpose, identity, if(hit_id % 2 = 0, 'automation', 'crawler'), if(hit_id % 2 = 0, '', 'newbot'),
                   'New', if(hit_id % 2 = 0, 'none', 'ai-search'), if(hit_id % 2 = 0, 'not-claimed', if(hit_id % 3 = 0, 'pending', 'unverifiable')), if(hit_id % 2 = 0, 'ai', 'none'), if(hit_id % 2 = 0, 'chatgpt', '')
            FROM hits
            WHERE hit_id % {every} = 0 AND ('{site}' = '' OR site = '{site}')
              AND time >= toDateTime('2026-06-01 12:00:00', 'UTC') + INTERVAL {fromHour} HOUR AND time < toDateTime('2026-06-01 12:00:00', 'UTC') + INTERVAL {toHour} HOUR
            """);
        await store.RunAsync(
            $"""
            INSERT INTO reclassify_runs (run, state, sites, from_time, to_time, updated_at)
            SELECT {run}, '{state}', '{site}', toDateTime('2026-06-01 12:00:00', 'UTC') + INTERVAL {fromHour} HOUR, toDateTime('2026-06-01 12:00:00', 'UTC') + INTERVAL {toHour} HOUR, now64(6, 'UTC')
            """);
    }

    private static async Task<Dictionary<ulong, string>> ReadAsync(Store store, string verdict)
    {
        var found = new Dictionary<ulong, string>();
        await using var row = await store.Connections.Client.ExecuteReaderAsync(AllSql, Parameters(verdict, ""));
        while (await row.ReadAsync())
            found.Add((ulong)row.GetValue(0), row.GetString(1));
        return found;
    }

    private static async Task AssertCountsAsync(Store store)
    {
        foreach (string verdict in VerdictSql.Choices)
            Assert.Equal(0, Convert.ToInt64(await store.Connections.Client.ExecuteScalarAsync(UnequalSql, Parameters(verdict, ""))));
    }

    private static global::ClickHouse.Driver.ADO.Parameters.ClickHouseParameterCollection Parameters(string verdict, string site) => QueryParameters.Of(
        ("verdict", verdict), ("site", site), ("from", Noon.AddDays(-1).ToUnixTimeMilliseconds()), ("to", Noon.AddDays(5).ToUnixTimeMilliseconds()));
}
