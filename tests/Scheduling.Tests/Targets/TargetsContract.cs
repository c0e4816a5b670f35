using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Tests.Targets;

/// <summary>What holds on every Store.</summary>
public abstract class TargetsContract : StoreContract
{
    [Fact]
    public async Task Asking_for_the_same_target_again_changes_nothing()
    {
        NewTarget wish = new("Acme", "best widgets", "chatgpt", [new PageLink(Store.Demo, "/pricing")]);
        var first = Assert.Single(await Store.Targets.UpsertAsync("default", [wish]));
        var index = await Store.Targets.IndexAsync();
        var second = Assert.Single(await Store.Targets.UpsertAsync("default", [wish]));
        Assert.Equal((first.Id, TargetChange.Created, TargetChange.None), (second.Id, first.Change, second.Change));
        Assert.Same(index, await Store.Targets.IndexAsync());
    }

    [Fact]
    public async Task New_pages_and_weights_are_linked_to_the_target_that_is_there()
    {
        long id = await Store.AddTargetAsync(pattern: "/pricing");
        var answer = await Store.Targets.UpsertAsync("default",
            [new NewTarget("Acme", "best widgets", "chatgpt", [new PageLink(Store.Demo, "/docs/*", 0.5), new PageLink(Store.Demo, "/pricing", 0.7)])]);
        Assert.Equal(new UpsertedTarget(id, TargetChange.Linked), Assert.Single(answer));
        Assert.Equal([new PageLink(Store.Demo, "/docs/*", 0.5), new PageLink(Store.Demo, "/pricing", 0.7)], (await Store.Targets.FindAsync(Store.Mine, id))!.Pages);
        Assert.Single((await Store.Targets.IndexAsync()).Find(Store.Demo, "/docs/x", "chatgpt"));
    }

    [Fact]
    public async Task Tenants_do_not_see_each_other()
    {
        long mine = await Store.AddTargetAsync();
        long theirs = await Store.AddTargetAsync(isTheirs: true);
        Assert.NotEqual(mine, theirs);
        Assert.Equal([mine], (await Store.Targets.ListAsync(Store.Mine, 0, 10)).Select(t => t.Id));
        Assert.Null(await Store.Targets.FindAsync(Store.Mine, theirs));
        Assert.False(await Store.Targets.DeleteAsync(Store.Mine, theirs));
        Assert.Null(await Store.Results.HistoryAsync(Store.Mine, theirs, null, 10));
        Assert.NotNull(await Store.Targets.FindAsync(Store.Theirs, theirs));
    }

    [Fact]
    public async Task A_link_to_another_tenants_site_never_reaches_the_index()
    {
        await Store.Targets.UpsertAsync("default", [new NewTarget("Spy", "q", "chatgpt", [new PageLink(Store.Other, "*")])]);
        Assert.Empty((await Store.Targets.IndexAsync()).Find(Store.Other, "/pricing", "chatgpt"));
    }

    [Fact]
    public async Task A_key_of_some_sites_sees_targets_whose_pages_are_all_theirs()
    {
        await Store.AddTargetAsync();
        Assert.Single(await Store.Targets.ListAsync(Store.Mine with { Sites = [Store.Demo] }, 0, 10));
        Assert.Empty(await Store.Targets.ListAsync(Store.Mine with { Sites = [Store.Other] }, 0, 10));
        Assert.Empty(await Store.Targets.ListAsync(Store.Mine with { Sites = [] }, 0, 10));
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        var ids = await Store.AddTargetsAsync(25);
        var seen = new List<long>();
        while (await Store.Targets.ListAsync(Store.Mine, seen.LastOrDefault(), 10) is { Count: > 0 } page)
            seen.AddRange(page.Select(t => t.Id));
        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task A_deleted_target_leaves_the_index()
    {
        long id = await Store.AddTargetAsync();
        Assert.Single((await Store.Targets.IndexAsync()).Find(Store.Demo, "/pricing", "chatgpt"));
        Assert.True(await Store.Targets.DeleteAsync(Store.Mine, id));
        Assert.False(await Store.Targets.DeleteAsync(Store.Mine, id));
        Assert.Empty((await Store.Targets.IndexAsync()).Find(Store.Demo, "/pricing", "chatgpt"));
    }
}

public sealed class SqliteTargetsTests : TargetsContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();
}

public sealed class PostgresTargetsTests(PostgresFixture postgres) : TargetsContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
