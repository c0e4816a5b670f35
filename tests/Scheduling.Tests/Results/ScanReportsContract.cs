using Weir.Control;
using Weir.Scheduling.Planning;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;

namespace Weir.Scheduling.Tests.Results;

/// <summary>What reports of scans say, on every store.</summary>
public abstract class ScanReportsContract : StoreContract
{
    private SqlPlans Plans => new(Store.Control, Store.Clock);

    private SqlScanOverview Overview => new(Store.Control, Plans, Store.Time);

    private SqlBrandReports Brands => new(Store.Control, Plans, Store.Time);

    [Fact]
    public async Task A_tenant_without_targets_has_an_overview_of_nothing()
    {
        var overview = await Overview.ReadAsync(Store.Mine, 30);

        Assert.Equal(new ScanCoverage(0, 0, 0, null, 0, 0, 0), overview.Coverage);
        Assert.Equal(new ScanSaving(0, 0, null, 0, 0), overview.Saving);
        Assert.Null(overview.Freshness.Share);
        Assert.Equal(new QueueStanding(0, 0, 0, 0, null), overview.Queue);
        Assert.Empty(await Brands.ListAsync(Store.Mine, 30, 0, 10));
        Assert.Empty(await Brands.ResultsAsync(Store.Mine, new ResultFilter(), null, 10));
    }

    [Fact]
    public async Task Coverage_saving_and_changes_are_counted_over_the_span()
    {
        long target = await Store.AddTargetAsync();
        await Store.AddTargetAsync(query: "never asked");
        await Store.AddTargetAsync(isTheirs: true);
        await Plans.PutAsync(Tenant.Default, TenantPlan.Default with { Costs = new Dictionary<string, double> { ["chatgpt"] = 0.5 } }, Actor.Account);
        await ScanAsync(target, ScanResult.Gap, ScanResult.Cited, ScanResult.Cited, ScanResult.LostCitation);
        Store.Time.Advance(TimeSpan.FromDays(6));
        await Store.Queue.EnqueueAsync([new NewScan(target, Store.Time.GetUtcNow().AddHours(5), 1)]);

        var overview = await Overview.ReadAsync(Store.Mine, 30);

        Assert.Equal(new ScanCoverage(2, 1, 1, 0.5, 0, 0, 1), overview.Coverage);
        Assert.Equal(new ScanFindings(2, 1, 1), overview.Found);
        // Two targets for ten days.
        Assert.Equal((4, 20, 0.8, 2.0, 10.0), (overview.Saving.Scans, overview.Saving.DailyScans, overview.Saving.Share!.Value, overview.Saving.Cost, overview.Saving.DailyCost));
        Assert.Equal(1, overview.Queue.Waiting);
        var late = await Overview.ReadAsync(Store.Mine, 1);
        Assert.Equal((0, 2, 1.0), (late.Saving.Scans, late.Saving.DailyScans, late.Saving.DailyCost));
        Assert.Equal((0, 1), (late.Coverage.Scanned, late.Coverage.Ever));
    }

    [Fact]
    public async Task What_was_found_is_believed_less_the_older_it_is_and_the_more_answers_change()
    {
        long target = await Store.AddTargetAsync();
        await ScanAsync(target, ScanResult.Gap, ScanResult.Gap);
        var calm = (await Overview.ReadAsync(Store.Mine, 400)).Freshness;
        Assert.Equal("age", calm.By);
        Store.Time.Advance(TimeSpan.FromDays(20));
        Assert.InRange((await Overview.ReadAsync(Store.Mine, 400)).Freshness.Share!.Value, 0.01, calm.Share!.Value - 0.2);

        await ScanAsync(target, ScanResult.Cited, ScanResult.LostCitation);

        Assert.InRange((await Overview.ReadAsync(Store.Mine, 400)).Freshness.ChangeDays, 1, calm.ChangeDays - 5);
    }

    [Fact]
    public async Task A_brand_stands_by_engine_and_by_day()
    {
        long chatgpt = await Store.AddTargetAsync(), perplexity = await Store.AddTargetAsync("perplexity");
        await Store.AddTargetAsync("perplexity", query: "never asked");
        await ScanAsync(chatgpt, ScanResult.Gap, ScanResult.Cited);
        await ScanAsync(perplexity, ScanResult.Gap);

        var brand = Assert.Single(await Brands.ListAsync(Store.Mine, 30, 0, 10));
        Assert.Equal(("Acme", 3, 2, 1, 1, 0, 3, 1), (brand.Brand, brand.Targets, brand.Scanned, brand.Cited, brand.Gap, brand.LostCitation, brand.Scans, brand.Changes));
        Assert.Empty(await Brands.ListAsync(Store.Mine, 30, brand.Id, 10));
        var report = await Brands.FindAsync(Store.Mine, brand.Id, 30);
        Assert.Equal([new BrandEngineRow("chatgpt", 1, 1, 0, 0, 2, 1, 0.02), new BrandEngineRow("perplexity", 2, 0, 1, 0, 1, 0, 0.01)], report!.Engines);
        Assert.Equal(
            [new BrandDay(DateOnly.FromDateTime(Store.Start.UtcDateTime), 1, 0, 0, 0), new BrandDay(DateOnly.FromDateTime(Store.Start.UtcDateTime).AddDays(1), 1, 1, 1, 0),
                new BrandDay(DateOnly.FromDateTime(Store.Start.UtcDateTime).AddDays(2), 1, 0, 0, 0)],
            report.Days);
        Assert.Null(await Brands.FindAsync(Store.Theirs, brand.Id, 30));
        Assert.Empty(await Brands.ListAsync(Store.Mine with { Sites = [] }, 30, 0, 10));
    }

    [Fact]
    public async Task Results_of_all_targets_are_listed_by_what_they_say()
    {
        long chatgpt = await Store.AddTargetAsync(), perplexity = await Store.AddTargetAsync("perplexity");
        await ScanAsync(chatgpt, ScanResult.Cited, ScanResult.LostCitation);
        await ScanAsync(perplexity, ScanResult.Gap);

        var all = await Brands.ResultsAsync(Store.Mine, new ResultFilter(), null, 10);
        Assert.Equal([("perplexity", "gap"), ("chatgpt", "lost_citation"), ("chatgpt", "cited")], all.Select(r => (r.Engine, r.Result)));
        Assert.Equal("https://demo/pricing", all[0].Evidence!.Value.GetProperty("url").GetString());
        Assert.Equal([all[2]], (await Brands.ResultsAsync(Store.Mine, new ResultFilter(), all[1].Id, 10)).Select(r => r with { Evidence = all[2].Evidence }));
        Assert.Equal([all[1].Id], await IdsAsync(new ResultFilter(ScanResult.LostCitation)));
        Assert.Equal([all[1].Id], await IdsAsync(new ResultFilter(Changed: true)));
        Assert.Equal([all[0].Id], await IdsAsync(new ResultFilter(Engine: "perplexity")));
        long brand = Assert.Single(await Brands.ListAsync(Store.Mine, 30, 0, 10)).Id;
        Assert.Equal(3, (await IdsAsync(new ResultFilter(Brand: brand))).Count);
        Assert.Empty(await IdsAsync(new ResultFilter(Brand: brand + 1)));
        Assert.Empty(await Brands.ResultsAsync(Store.Theirs, new ResultFilter(), null, 10));
    }

    private async Task<IReadOnlyList<long>> IdsAsync(ResultFilter filter) => [.. (await Brands.ResultsAsync(Store.Mine, filter, null, 10)).Select(r => r.Id)];

    /// <summary>Scans a target with these results, a day after each.</summary>
    private async Task ScanAsync(long target, params ScanResult[] results)
    {
        foreach (var result in results)
        {
            await Store.Queue.EnqueueAsync([new NewScan(target, Store.Time.GetUtcNow(), 1)]);
            var scan = Assert.Single(await Store.Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, 1, TimeSpan.FromMinutes(1), "w")));
            await Store.Queue.CompleteAsync(Store.Mine, new ScanHold(scan.Id, scan.FencingToken), result, """{"url":"https://demo/pricing"}""");
            Store.Time.Advance(TimeSpan.FromDays(1));
        }
    }
}

public sealed class SqliteScanReportsTests : ScanReportsContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();
}

public sealed class PostgresScanReportsTests(PostgresFixture postgres) : ScanReportsContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
