using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;

namespace Weir.Scheduling.Tests.Results;

/// <summary>What holds on every Store.</summary>
public abstract class ResultsContract : StoreContract
{
    [Fact]
    public async Task History_is_kept_newest_first_with_what_changed_and_the_evidence()
    {
        long target = await Store.AddTargetAsync();
        foreach (var result in new[] { ScanResult.Gap, ScanResult.Cited, ScanResult.Cited, ScanResult.LostCitation })
        {
            await Store.Queue.EnqueueAsync([new NewScan(target, Store.Start, 1)]);
            var scan = Assert.Single(await Store.Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, 1, TimeSpan.FromMinutes(1), "w")));
            await Store.Queue.CompleteAsync(Store.Mine, new ScanHold(scan.Id, scan.FencingToken), result, """{"url":"https://demo/pricing"}""");
            Store.Time.Advance(TimeSpan.FromHours(1));
        }
        var history = await Store.Results.HistoryAsync(Store.Mine, target, null, 10);
        Assert.Equal([("lost_citation", true), ("cited", false), ("cited", true), ("gap", null)], history!.Select(r => (r.Result, r.Changed)));
        Assert.Equal("https://demo/pricing", history![0].Evidence!.Value.GetProperty("url").GetString());
        Assert.Equal([history[2].Id, history[3].Id], (await Store.Results.HistoryAsync(Store.Mine, target, history[1].Id, 10))!.Select(r => r.Id));
        var known = await Store.Targets.FindAsync(Store.Mine, target);
        Assert.Equal(("lost_citation", Store.Start.AddHours(3)), (known!.LastResult, known.LastScan));
    }

    [Fact]
    public void Every_result_has_a_name_that_is_read_back()
    {
        foreach (var result in Enum.GetValues<ScanResult>())
            Assert.True(ScanResults.TryParse(result.Name(), out var read) && read == result);
        Assert.False(ScanResults.TryParse("Cited", out _));
    }
}

public sealed class SqliteResultsTests : ResultsContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();
}

public sealed class PostgresResultsTests(PostgresFixture postgres) : ResultsContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
