using Dapper;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Scheduling.Suggestions;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Tests.Suggestions;

/// <summary>What holds on every store.</summary>
public abstract class SuggestionsContract : StoreContract
{
    private SqlSuggestions Suggestions => new(Store.Control, Store.Time);

    [Fact]
    public async Task Queries_without_links_come_first_and_each_once()
    {
        await Store.Targets.UpsertAsync("default",
        [
            .. Enumerable.Range(0, 20).SelectMany(i => (string[])["chatgpt", "perplexity"], (i, engine) => new NewTarget(
                i % 2 == 0 ? "Acme" : "Zenith", $"q{i}", engine, i % 5 == 0 ? [new PageLink(Store.Demo, "/pricing")] : [])),
        ]);
        await Store.AddTargetAsync(isTheirs: true);

        var all = await WalkAsync(Store.Mine, null, 3);
        Assert.Equal(20, all.Count);
        Assert.All(all, q => Assert.Equal(2, q.Targets.Count));
        Assert.Equal(4, all.TakeLast(4).Count(q => q.Links.Count > 0));
        Assert.Equal(20, all.Select(q => q.Id).Distinct().Count());
        Assert.Equal(10, (await WalkAsync(Store.Mine, all.First(q => q.Brand == "Zenith").BrandId, 200)).Count);
        // A key of some sites sees the queries whose links are all there.
        Assert.Equal(4, (await WalkAsync(Store.Mine with { Sites = [Store.Demo] }, null, 200)).Count);
        Assert.Empty(await WalkAsync(Store.Mine with { Sites = [Store.Other] }, null, 200));
    }

    [Fact]
    public async Task A_confirmed_page_is_a_link_of_each_target_of_the_query_until_it_is_taken_back()
    {
        var (query, targets) = await NewQueryAsync();
        await Store.Targets.UpsertAsync("default", [new NewTarget("Acme", "what does acme cost", "chatgpt", [new PageLink(Store.Demo, "/pricing", 0.3)])]);
        var pages = new[] { new ConfirmedPage(query.Id, Store.Demo, "/pricing", 0.8), new ConfirmedPage(query.Id, Store.Demo, "/plans", 0.5) };

        var linked = await Suggestions.ConfirmAsync(Store.Mine, pages, Actor.Account);
        Assert.Equal(2, linked.Count);
        Assert.Empty(await Suggestions.ConfirmAsync(Store.Mine, pages, Actor.Account));
        // What somebody wrote stays as it was written.
        Assert.Equal([new PageLink(Store.Demo, "/plans", 0.5, "suggested"), new PageLink(Store.Demo, "/pricing", 0.3)], (await Store.Targets.FindAsync(Store.Mine, targets[0]))!.Pages);
        Assert.Equal([new PageLink(Store.Demo, "/plans", 0.5, "suggested"), new PageLink(Store.Demo, "/pricing", 0.8, "suggested")], (await Store.Targets.FindAsync(Store.Mine, targets[1]))!.Pages);
        Assert.Equal(0.5, Assert.Single((await Store.Targets.IndexAsync()).Find(Store.Demo, "/plans", "chatgpt")).Weight);

        Assert.Equal((0, 3), await Suggestions.UndoAsync(Store.Mine, [.. pages.Select(p => new PageOfQuery(p.Query, p.Site, p.Path))], Actor.Account));
        Assert.Equal([new PageLink(Store.Demo, "/pricing", 0.3)], (await Store.Targets.FindAsync(Store.Mine, targets[0]))!.Pages);
        Assert.Empty((await Store.Targets.IndexAsync()).Find(Store.Demo, "/plans", "chatgpt"));
        Assert.Equal(["suggestion.undo", "suggestion.confirm"], await ActionsAsync());
    }

    [Fact]
    public async Task A_refused_page_is_kept_with_its_query_until_it_is_taken_back_or_confirmed()
    {
        var (query, targets) = await NewQueryAsync();
        PageOfQuery pricing = new(query.Id, Store.Demo, "/pricing"), plans = new(query.Id, Store.Demo, "/plans");
        Assert.Equal(2, await Suggestions.RejectAsync(Store.Mine, [pricing, plans], Actor.Account));
        Assert.Equal(0, await Suggestions.RejectAsync(Store.Mine, [pricing], Actor.Account));
        Assert.Equal(2, (await Suggestions.FindAsync(Store.Mine, targets[0]))!.Rejected.Count);
        var first = Assert.Single(await Suggestions.RejectedAsync(Store.Mine, null, 1));
        Assert.Equal(("/plans", "what does acme cost", Store.Start), (first.Path, first.Text, first.Rejected));
        Assert.Equal("/pricing", Assert.Single(await Suggestions.RejectedAsync(Store.Mine, plans, 10)).Path);

        await Suggestions.ConfirmAsync(Store.Mine, [new ConfirmedPage(query.Id, Store.Demo, "/plans", 1)], Actor.Account);
        Assert.Equal((1, 0), await Suggestions.UndoAsync(Store.Mine, [pricing], Actor.Account));
        Assert.Empty(await Suggestions.RejectedAsync(Store.Mine, null, 10));
        Assert.Equal((0, 0), await Suggestions.UndoAsync(Store.Mine, [pricing], Actor.Account));
    }

    [Fact]
    public async Task Another_tenant_neither_sees_nor_changes_anything()
    {
        var (query, targets) = await NewQueryAsync();
        await Suggestions.RejectAsync(Store.Mine, [new PageOfQuery(query.Id, Store.Demo, "/plans")], Actor.Account);

        Assert.Null(await Suggestions.FindAsync(Store.Theirs, targets[0]));
        Assert.Empty(await Suggestions.FindAsync(Store.Theirs, (long[])[query.Id]));
        Assert.Empty(await Suggestions.RejectedAsync(Store.Theirs, null, 10));
        Assert.Empty(await Suggestions.ConfirmAsync(Store.Theirs, [new ConfirmedPage(query.Id, Store.Demo, "/pricing", 1)], Actor.Account));
        Assert.Equal(0, await Suggestions.RejectAsync(Store.Theirs, [new PageOfQuery(query.Id, Store.Demo, "/pricing")], Actor.Account));
        Assert.Equal((0, 0), await Suggestions.UndoAsync(Store.Theirs, [new PageOfQuery(query.Id, Store.Demo, "/plans")], Actor.Account));
        Assert.Single((await Suggestions.FindAsync(Store.Mine, targets[0]))!.Rejected);
        Assert.Empty((await Store.Targets.FindAsync(Store.Mine, targets[0]))!.Pages);
    }

    private async Task<(SuggestedQuery Query, IReadOnlyList<long> Targets)> NewQueryAsync()
    {
        var made = await Store.Targets.UpsertAsync("default", [.. ((string[])["chatgpt", "perplexity"]).Select(e => new NewTarget("Acme", "what does acme cost", e, []))]);
        return ((await Suggestions.FindAsync(Store.Mine, made[0].Id))!, [.. made.Select(m => m.Id)]);
    }

    private async Task<List<SuggestedQuery>> WalkAsync(Reach reach, long? brand, int limit)
    {
        var all = new List<SuggestedQuery>();
        QueryPlace? at = default(QueryPlace);
        while (at is { } place)
        {
            var (queries, next) = await Suggestions.ListAsync(reach, brand, place, limit);
            Assert.True(queries.Count <= limit);
            all.AddRange(queries);
            at = next;
        }
        return all;
    }

    private async Task<IEnumerable<string>> ActionsAsync() =>
        (await new SqlAuditLog(Store.Control, Store.Time).ListAsync("default", new AuditFilter(), null, 10)).Select(e => e.What.Action);
}

public sealed class SqliteSuggestionsTests : SuggestionsContract
{
    // By the tenant it would be all of its targets for each query: ten seconds for fifty of half a million.
    [Fact]
    public async Task Targets_of_a_query_are_not_looked_for_among_all_of_the_tenant()
    {
        await using var connection = await Store.Control.ReadAsync();
        string sql = $"EXPLAIN QUERY PLAN SELECT t.id FROM targets t WHERE t.query_id = 1 AND {Reach.FoundTargetSql(Store.Control.Dialect)}";
        var steps = connection.Query(sql, new { tenant = "default", sites = (string?)null }).Select(s => (string)s.detail).ToList();
        Assert.Contains(steps, s => s.StartsWith("SEARCH t ", StringComparison.Ordinal) && s.Contains("query_id=?", StringComparison.Ordinal));
        Assert.DoesNotContain(steps, s => s.Contains("targets_by_tenant", StringComparison.Ordinal));
    }

    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();
}

public sealed class PostgresSuggestionsTests(PostgresFixture postgres) : SuggestionsContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
