using Weir.Control;
using Weir.Control.Sql;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Tests.Targets;

/// <summary>What holds on every store.</summary>
public abstract class TopicsContract : StoreContract
{
    [Fact]
    public async Task Pages_of_a_topic_bear_on_every_query_that_has_it()
    {
        var made = await Store.Targets.UpsertAsync("default",
            [.. Enumerable.Range(0, 3).Select(i => new NewTarget("Acme", $"q{i}", "chatgpt", [], i < 2 ? ["pricing", "plans"] : ["plans"]))]);
        var topic = await Store.Topics.PutAsync("default", "pricing", [new PageLink(Store.Demo, "/pricing", 0.5)], Actor.Account);
        Assert.Equal(("pricing", 2L), (topic.Name, topic.Queries));
        Assert.Equal(["plans", "pricing"], (await Store.Targets.FindAsync(Store.Mine, made[0].Id))!.Topics);
        Assert.Equal([(made[0].Id, 0.5), (made[1].Id, 0.5)], await FoundAsync("/pricing"));

        // Other pages take the place of those.
        await Store.Topics.PutAsync("default", "pricing", [new PageLink(Store.Demo, "/plans/*")], Actor.Account);
        Assert.Empty(await FoundAsync("/pricing"));
        Assert.Equal(2, (await FoundAsync("/plans/a")).Count);

        Assert.True(await Store.Topics.DeleteAsync("default", topic.Id, Actor.Account));
        Assert.False(await Store.Topics.DeleteAsync("default", topic.Id, Actor.Account));
        Assert.Empty(await FoundAsync("/plans/a"));
        Assert.Equal(3, (await Store.Targets.ListAsync(Store.Mine, 0, 10)).Count);
    }

    [Fact]
    public async Task What_a_page_bears_on_is_the_same_whether_changes_are_followed_or_everything_is_read()
    {
        var random = new Random(7);
        string[] engines = ["chatgpt", "gemini"], pages = ["/a", "/b/*", "/c", "/d/e"];
        for (int step = 0; step < 60; step++)
        {
            string Some(string[] of) => of[random.Next(of.Length)];
            string topic = $"t{random.Next(3)}";
            switch (random.Next(6))
            {
                case 0:
                    await Store.Topics.PutAsync("default", topic, [new PageLink(Store.Demo, Some(pages), random.Next(1, 5) / 5.0)], Actor.Account);
                    break;
                case 1 when (await Store.Topics.ListAsync("default", 0, 1)) is [var first]:
                    await Store.Topics.DeleteAsync("default", first.Id, Actor.Account);
                    break;
                case 2 when (await Store.Targets.ListAsync(Store.Mine, 0, 1)) is [var first]:
                    await Store.Targets.DeleteAsync(Store.Mine, first.Id);
                    break;
                case 3 when step % 9 == 0 && (await Store.Topics.BrandsAsync("default", 0, 1)) is [var first]:
                    await Store.Topics.DeleteBrandAsync("default", first.Id, Actor.Account);
                    break;
                default:
                    await Store.Targets.UpsertAsync("default",
                        [new NewTarget($"b{random.Next(2)}", $"q{random.Next(4)}", Some(engines), random.Next(2) == 0 ? [] : [new PageLink(Store.Demo, Some(pages), random.Next(1, 5) / 5.0)], [topic])]);
                    break;
            }
            var (followed, whole) = (await Store.Targets.IndexAsync(), await new SqlTargets(Store.Control, Store.Time).IndexAsync());
            foreach (string path in (string[])["/a", "/b/x", "/c", "/d/e"])
                Assert.Equal(whole.Find(Store.Demo, path).OrderBy(m => m.Target), followed.Find(Store.Demo, path).OrderBy(m => m.Target));
        }
    }

    [Fact]
    public async Task A_target_linked_by_a_topic_is_within_reach_of_the_topics_sites()
    {
        await Store.Targets.UpsertAsync("default", [new NewTarget("Acme", "q", "chatgpt", [], ["pricing"])]);
        Assert.Empty(await Store.Targets.ListAsync(Store.Mine with { Sites = [Store.Demo] }, 0, 10));
        await Store.Topics.PutAsync("default", "pricing", [new PageLink(Store.Demo, "/pricing")], Actor.Account);
        Assert.Single(await Store.Targets.ListAsync(Store.Mine with { Sites = [Store.Demo] }, 0, 10));
        Assert.Empty(await Store.Targets.ListAsync(Store.Mine with { Sites = [Store.Other] }, 0, 10));
    }

    [Fact]
    public async Task Brands_are_counted_renamed_and_deleted_with_their_targets()
    {
        await Store.AddTargetAsync();
        await Store.AddTargetAsync("gemini");
        await Store.AddTargetAsync(isTheirs: true);
        await Store.Targets.UpsertAsync("default", [new NewTarget("Other", "q", "chatgpt", [new PageLink(Store.Demo, "/x")])]);
        var brands = await Store.Topics.BrandsAsync("default", 0, 10);
        Assert.Equal([("Acme", 1L, 2L), ("Other", 1L, 1L)], brands.Select(b => (b.Name, b.Queries, b.Targets)));
        Assert.Equal(RenameOutcome.Taken, await Store.Topics.RenameBrandAsync("default", brands[0].Id, "Other", Actor.Account));
        Assert.Equal(RenameOutcome.NotFound, await Store.Topics.RenameBrandAsync("other", brands[0].Id, "Mine", Actor.Account));
        Assert.Equal(RenameOutcome.Done, await Store.Topics.RenameBrandAsync("default", brands[0].Id, "Acme Inc.", Actor.Account));
        Assert.False(await Store.Topics.DeleteBrandAsync("other", brands[0].Id, Actor.Account));
        Assert.True(await Store.Topics.DeleteBrandAsync("default", brands[0].Id, Actor.Account));
        Assert.Equal("Other", Assert.Single(await Store.Targets.ListAsync(Store.Mine, 0, 10)).Brand);
        Assert.Single(await Store.Targets.ListAsync(Store.Theirs, 0, 10));
        Assert.Equal([AuditActions.BrandRemove, AuditActions.BrandRename],
            (await new SqlAuditLog(Store.Control, Store.Time).ListAsync("default", new AuditFilter(), null, 10)).Select(a => a.What.Action));
    }

    private async Task<List<(long Target, double Weight)>> FoundAsync(string path) =>
        [.. (await Store.Targets.IndexAsync()).Find(Store.Demo, path, "chatgpt").Select(m => (m.Target, m.Weight)).Order()];
}

public sealed class SqliteTopicsTests : TopicsContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();
}

public sealed class PostgresTopicsTests(PostgresFixture postgres) : TopicsContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
