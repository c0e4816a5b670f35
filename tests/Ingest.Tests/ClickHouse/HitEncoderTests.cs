using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Tests.ClickHouse;

[Collection(StoreCollection.Name)]
public class HitEncoderTests(ClickHouseServer server)
{
    private static readonly string[] HostileTexts =
    [
        "'); DROP TABLE hits; --", "a\n\nINSERT INTO hits VALUES", "\\'\\\"`", "tab\tnul\0bell\a", "ünïcödé 😀 \u202e", "{db:Identifier}", "",
        "=HYPERLINK(\"http://x\")", "\r\n\r\n", "\ud800 lone",
    ];

    [Fact]
    public async Task Columns_are_the_tables_in_its_order_but_for_the_servers_own()
    {
        using var store = await Store.NewAsync(server);
        Assert.Equal($"{HitEncoder.Columns}, inserted_at", await store.TextAsync(
            "SELECT arrayStringConcat(groupArray(name), ', ') FROM (SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'hits' ORDER BY position)"));
    }

    [Theory]
    [InlineData("kind", typeof(VerdictKind))]
    [InlineData("purpose", typeof(Purpose))]
    [InlineData("identity", typeof(Identity))]
    [InlineData("identity_method", typeof(IdentityMethod))]
    [InlineData("referral_class", typeof(ReferralClass))]
    [InlineData("source", typeof(HitSource))]
    [InlineData("policy_action", typeof(PolicyAction))]
    [InlineData("dry_run_action", typeof(PolicyAction))]
    [InlineData("cache", typeof(CacheResult))]
    public async Task Enums_of_the_table_have_the_numbers_of_the_code(string column, Type type)
    {
        using var store = await Store.NewAsync(server);
        string declared = await store.TextAsync(
            $"SELECT type FROM system.columns WHERE database = currentDatabase() AND table = 'hits' AND name = '{column}'");
        var named = Enum.GetValues(type).Cast<object>().Select(v => $"'{Kebab($"{v}")}' = {Convert.ToByte(v)}");
        Assert.Equal($"Enum8({string.Join(", ", named)})", declared);
    }

    [Fact]
    public async Task Hostile_text_in_every_text_column_comes_back_equal()
    {
        using var store = await Store.NewAsync(server);
        using var batch = new HitBatch("hostile", 202601, 0);
        for (int i = 0; i < HostileTexts.Length; i++)
            Assert.True(HitEncoder.TryWrite(batch.Rows, Hostile(i), Salts.Any));
        await new HitInserter(store.Connections).InsertAsync(batch, 0, HostileTexts.Length, batch.Id, default);
        await using var reader = await store.Connections.Client.ExecuteReaderAsync(
            "SELECT method, host, path, query, user_agent, referrer, error, crawler, operator, range_list, referral_source, policy_rule, dry_run_rule FROM hits ORDER BY hit_id");
        for (int i = 0; i < HostileTexts.Length; i++)
        {
            Assert.True(await reader.ReadAsync());
            string wanted = HostileTexts[i].Replace('\ud800', '\ufffd');
            for (int column = 0; column < reader.FieldCount; column++)
                Assert.Equal(wanted, reader.GetString(column));
        }
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task Every_number_comes_back_equal()
    {
        using var store = await Store.NewAsync(server);
        using var batch = new HitBatch("numbers", 202601, 0);
        Assert.True(ClientAddress.TryParse("2001:db8::1", out var address));
        HitEncoder.TryWrite(batch.Rows, Hits.Number(1) with
        {
            HitId = ulong.MaxValue,
            ClientAddress = address,
            HttpVersion = 20,
            Status = 999,
            BytesSent = ulong.MaxValue,
            DurationUs = uint.MaxValue,
            PolicyAction = PolicyAction.Price,
            DryRunAction = PolicyAction.WithinLimit,
            Cache = CacheResult.Bypass,
            Verdict = new Verdict { Score = 100, Confidence = 0.25f, Reasons = new ReasonSet(ulong.MaxValue), Kind = VerdictKind.Crawler, Purpose = Purpose.Other, Identity = Identity.Pending },
        }, Salts.Any);
        await new HitInserter(store.Connections).InsertAsync(batch, 0, 1, batch.Id, default);
        Assert.Equal(
            "2026-01-05 12:00:00.037|18446744073709551615|2001:db8::1|20|999|18446744073709551615|4294967295|100|0.25|18446744073709551615|crawler|other|pending|price|within-limit|bypass",
            await store.TextAsync(
                "SELECT concatWithSeparator('|', time, hit_id, client_address, http_version, status, bytes_sent, duration_us, score, confidence, reasons, kind, purpose, identity, policy_action, dry_run_action, cache) FROM hits"));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(63, 63)]
    [InlineData(1_000, 1_008)]
    [InlineData(41_234, 40_960)]
    [InlineData(uint.MaxValue - 1, uint.MaxValue)]
    public void Times_are_kept_to_within_a_hundredth(uint us, uint stored)
    {
        Assert.Equal(stored, HitEncoder.Rounded(us));
        Assert.InRange(stored, us * 0.99, us * 1.01);
    }

    private static Hit Hostile(int i)
    {
        string text = HostileTexts[i];
        return Hits.Number(i) with
        {
            Method = text,
            Host = text,
            Path = text,
            Query = text,
            UserAgent = text,
            Referrer = text,
            Error = text,
            PolicyRule = text,
            DryRunRule = text,
            Verdict = new Verdict
            {
                Kind = VerdictKind.Crawler,
                Crawler = new Crawler { Id = text, Name = text, Operator = text, Purpose = Purpose.Other },
                RangeList = text,
                ReferralSource = text,
            },
        };
    }

    private static string Kebab(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : $"{c}"));
}
