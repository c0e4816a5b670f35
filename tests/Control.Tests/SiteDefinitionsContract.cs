using Microsoft.Extensions.Time.Testing;
using Weir.Detection;

namespace Weir.Control.Tests;

/// <summary>What every store of site definitions must do.</summary>
public abstract class SiteDefinitionsContract
{
    private static readonly SiteId Shop = SiteId.Parse("shop");
    private static readonly SiteId Blog = SiteId.Parse("blog");

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    /// <summary>A user of the store that the test shares; each call is another program.</summary>
    protected abstract Task<ISiteDefinitions> NewDefinitionsAsync();

    [Fact]
    public async Task A_definition_is_found_as_it_was_written()
    {
        var definitions = await NewDefinitionsAsync();
        Assert.Null(await definitions.FindAsync(Shop));
        string json = """{ "hosts": ["shop.example"], /* é, 😀 */ "origins": "http://127.0.0.1:3000" }""";
        var put = await definitions.PutAsync(Shop, "acme", json, null, new Actor(ActorKind.Account, "key abc"));
        Assert.Equal(put, await (await NewDefinitionsAsync()).FindAsync(Shop));
        Assert.Equal(new SiteDefinition(Shop, "acme", json, put.Version, Time.GetUtcNow()), put);
        Assert.Equal(put.Version, await definitions.VersionAsync());
    }

    [Fact]
    public async Task A_poller_sees_what_changed_since_its_version_and_no_more()
    {
        var definitions = await NewDefinitionsAsync();
        Assert.Equal(0, await definitions.VersionAsync());
        Assert.Equal(new SiteDefinitionChanges(0, [], []), await definitions.ReadAsync(0), Same);
        var shop = await PutAsync(definitions, Shop, "shop.example");
        var blog = await PutAsync(definitions, Blog, "blog.example");
        Assert.Equal(new SiteDefinitionChanges(blog.Version, [shop, blog], []), await definitions.ReadAsync(0), Same);
        Assert.Equal(new SiteDefinitionChanges(blog.Version, [blog], []), await definitions.ReadAsync(shop.Version), Same);
        shop = await PutAsync(definitions, Shop, "new.example");
        Assert.Equal(new SiteDefinitionChanges(shop.Version, [shop], []), await definitions.ReadAsync(blog.Version), Same);
        Assert.Equal(new SiteDefinitionChanges(shop.Version, [], []), await definitions.ReadAsync(shop.Version), Same);
    }

    [Fact]
    public async Task A_poller_that_was_away_learns_of_removed_sites()
    {
        var definitions = await NewDefinitionsAsync();
        var shop = await PutAsync(definitions, Shop, "shop.example");
        var blog = await PutAsync(definitions, Blog, "blog.example");
        Assert.True(await definitions.RemoveAsync(Shop, Tenant.Default, null, new Actor(ActorKind.Account, "test")));
        Assert.Null(await definitions.FindAsync(Shop));
        Time.Advance(TimeSpan.FromDays(1000));
        var changes = await definitions.ReadAsync(shop.Version);
        Assert.Equal([blog], changes.Changed);
        Assert.Equal([Shop], changes.Removed);
        Assert.True(changes.Version > blog.Version);
        Assert.False(await definitions.RemoveAsync(Shop, Tenant.Default, null, new Actor(ActorKind.Account, "test")));
        var again = await PutAsync(definitions, Shop, "shop.example");
        changes = await definitions.ReadAsync(changes.Version);
        Assert.Equal([again], changes.Changed);
        Assert.Empty(changes.Removed);
    }

    [Fact]
    public async Task A_poller_ahead_of_a_store_put_back_to_an_older_state_gets_every_site()
    {
        var definitions = await NewDefinitionsAsync();
        var shop = await PutAsync(definitions, Shop, "shop.example");
        var changes = await definitions.ReadAsync(1_000_000);
        Assert.Equal(shop.Version, changes.Version);
        Assert.Equal([shop], changes.Changed);
    }

    [Fact]
    public async Task A_writer_who_knows_another_version_is_refused_and_nothing_changes()
    {
        var definitions = await NewDefinitionsAsync();
        var first = await PutAsync(definitions, Shop, "shop.example", 0);
        await ConflictAsync(SiteConflict.Version, () => PutAsync(definitions, Shop, "b.example", 0));
        var second = await PutAsync(definitions, Shop, "b.example", first.Version);
        string says = await ConflictAsync(SiteConflict.Version, () => PutAsync(definitions, Shop, "c.example", first.Version));
        Assert.Contains($"version {second.Version}", says);
        await ConflictAsync(SiteConflict.Version, () => definitions.RemoveAsync(Shop, Tenant.Default, first.Version, new Actor(ActorKind.Account, "test")));
        Assert.Equal(second, await definitions.FindAsync(Shop));
        Assert.Equal([second], (await definitions.ReadAsync(0)).Changed);
        Assert.True(await definitions.RemoveAsync(Shop, Tenant.Default, second.Version, new Actor(ActorKind.Account, "test")));
        await ConflictAsync(SiteConflict.Version, () => PutAsync(definitions, Shop, "c.example", second.Version));
        await PutAsync(definitions, Shop, "c.example", 0);
    }

    [Fact]
    public async Task A_site_stays_its_tenants_also_when_it_was_removed()
    {
        var definitions = await NewDefinitionsAsync();
        var shop = await PutAsync(definitions, Shop, "shop.example");
        await ConflictAsync(SiteConflict.Tenant, () => definitions.PutAsync(Shop, "other", Json("x.example"), null, new Actor(ActorKind.Account, "test")));
        Assert.False(await definitions.RemoveAsync(Shop, "other", null, new Actor(ActorKind.Account, "test")));
        Assert.Equal(shop, await definitions.FindAsync(Shop));
        await definitions.RemoveAsync(Shop, Tenant.Default, null, new Actor(ActorKind.Account, "test"));
        await ConflictAsync(SiteConflict.Tenant, () => definitions.PutAsync(Shop, "other", Json("x.example"), null, new Actor(ActorKind.Account, "test")));
    }

    [Theory]
    [InlineData("shop.example", "SHOP.example.")]
    [InlineData("*.shop.example", "*.shop.example")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("*", "*")]
    public async Task A_host_belongs_to_one_site_however_it_is_written(string host, string again)
    {
        var definitions = await NewDefinitionsAsync();
        await PutAsync(definitions, Shop, host);
        string says = await ConflictAsync(SiteConflict.Host, () => PutAsync(definitions, Blog, again));
        Assert.Contains("belongs to site shop", says);
        Assert.Null(await definitions.FindAsync(Blog));
        says = await ConflictAsync(SiteConflict.Host, () => definitions.PutAsync(Blog, "other", Json(again), null, new Actor(ActorKind.Account, "test")));
        Assert.DoesNotContain("shop.", says.Replace(host, "", StringComparison.Ordinal));
        Assert.Contains("somebody else", says);
        await PutAsync(definitions, Shop, "moved.example");
        await PutAsync(definitions, Blog, again);
    }

    [Fact]
    public async Task A_removed_site_gives_its_hosts_free()
    {
        var definitions = await NewDefinitionsAsync();
        await PutAsync(definitions, Shop, "shop.example");
        await definitions.RemoveAsync(Shop, Tenant.Default, null, new Actor(ActorKind.Account, "test"));
        await PutAsync(definitions, Blog, "shop.example");
    }

    [Fact]
    public async Task Writers_of_several_programs_make_versions_that_readers_see_in_order()
    {
        var writers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => NewDefinitionsAsync()));
        var reader = await NewDefinitionsAsync();
        var all = Task.WhenAll(writers.Select((w, n) => Task.Run(async () =>
        {
            for (int i = 0; i < 25; i++)
                await PutAsync(w, SiteId.Parse($"site-{n}-{i}"), $"h{n}-{i}.example");
        })));
        var seen = new Dictionary<SiteId, long>();
        long since = 0;
        while (seen.Count < 100)
        {
            var changes = await reader.ReadAsync(since);
            // Nothing that was written before what the reader knows may turn up later.
            Assert.All(changes.Changed, d => Assert.True(d.Version > since && seen.TryAdd(d.Id, d.Version)));
            since = changes.Version;
            if (all.IsFaulted)
                await all;
        }
        await all;
        Assert.Equal(100, seen.Values.Distinct().Count());
        Assert.Equal(since, await reader.VersionAsync());
    }

    [Fact]
    public async Task A_list_holds_one_tenants_sites_by_id_and_goes_on_behind_the_last()
    {
        var definitions = await NewDefinitionsAsync();
        foreach (string id in (string[])["c", "a", "d", "b"])
            await PutAsync(definitions, SiteId.Parse(id), $"{id}.example");
        await definitions.PutAsync(Shop, "acme", Json("shop.example"), null, new Actor(ActorKind.Account, "test"));
        await definitions.RemoveAsync(SiteId.Parse("d"), Tenant.Default, null, new Actor(ActorKind.Account, "test"));
        var first = await definitions.ListAsync(Tenant.Default, null, 2);
        Assert.Equal(["a", "b"], first.Select(d => d.Id.Value));
        Assert.Equal(["c"], (await definitions.ListAsync(Tenant.Default, first[^1].Id, 2)).Select(d => d.Id.Value));
        Assert.Equal([Shop], (await definitions.ListAsync("acme")).Select(d => d.Id));
    }

    [Fact]
    public async Task Every_change_is_kept_with_who_made_it_and_a_refused_one_is_not()
    {
        var definitions = await NewDefinitionsAsync();
        var first = await definitions.PutAsync(Shop, Tenant.Default, Json("a.example"), null, new Actor(ActorKind.Account, "key one"));
        Time.Advance(TimeSpan.FromHours(1));
        await ConflictAsync(SiteConflict.Version, () => PutAsync(definitions, Shop, "b.example", 0));
        await PutAsync(definitions, Blog, "blog.example");
        await definitions.RemoveAsync(Shop, Tenant.Default, null, new Actor(ActorKind.Account, "key two"));
        await definitions.PutAsync(SiteId.Parse("acmes"), "acme", Json("acme.example"), null, new Actor(ActorKind.Account, "key acme"));
        var changes = await definitions.ChangesAsync(Tenant.Default, Shop);
        Assert.Equal([("remove", "key two", null), ("put", "key one", first.Json)], changes.Select(c => (c.Action, c.Actor, c.Json)));
        Assert.Equal(TimeSpan.FromHours(1), changes[0].Time - changes[1].Time);
        Assert.Equal(3, (await definitions.ChangesAsync(Tenant.Default)).Count);
        Assert.Equal([first.Version], (await definitions.ChangesAsync(Tenant.Default, Shop, changes[0].Version)).Select(c => c.Version));
        Assert.Equal([Shop], (await definitions.ChangesAsync(Tenant.Default, limit: 1)).Select(c => c.Site));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"hosts\"")]
    public async Task A_definition_that_is_no_object_is_refused(string json)
    {
        var definitions = await NewDefinitionsAsync();
        await Assert.ThrowsAsync<ControlException>(() => definitions.PutAsync(Shop, Tenant.Default, json, null, new Actor(ActorKind.Account, "test")));
        Assert.Equal(0, await definitions.VersionAsync());
    }

    [Fact]
    public async Task What_nobody_needs_in_one_site_is_refused_with_its_bound()
    {
        var definitions = await NewDefinitionsAsync();
        string longText = $$"""{ "hosts": "a.example", "contact": "{{new string('x', SiteDefinition.JsonCharsMax)}}" }""";
        Assert.Contains("262,144", (await Assert.ThrowsAsync<ControlException>(() => definitions.PutAsync(Shop, Tenant.Default, longText, null, new Actor(ActorKind.Account, "t")))).Message);
        string manyHosts = $$"""{ "hosts": [{{string.Join(',', Enumerable.Range(0, 1001).Select(i => $"\"h{i}\""))}}] }""";
        Assert.Contains("1,000", (await Assert.ThrowsAsync<ControlException>(() => definitions.PutAsync(Shop, Tenant.Default, manyHosts, null, new Actor(ActorKind.Account, "t")))).Message);
    }

    private static string Json(string host) => $$"""{ "hosts": ["{{host}}"], "origins": ["http://127.0.0.1:3000"] }""";

    private static Task<SiteDefinition> PutAsync(ISiteDefinitions definitions, SiteId id, string host, long? ifVersion = null) =>
        definitions.PutAsync(id, Tenant.Default, Json(host), ifVersion, new Actor(ActorKind.Account, "test"));

    private static async Task<string> ConflictAsync(SiteConflict kind, Func<Task> write)
    {
        var refusal = await Assert.ThrowsAsync<SiteConflictException>(write);
        Assert.Equal(kind, refusal.Kind);
        return refusal.Message;
    }

    private static bool Same(SiteDefinitionChanges a, SiteDefinitionChanges b) =>
        a.Version == b.Version && a.Changed.SequenceEqual(b.Changed) && a.Removed.SequenceEqual(b.Removed);
}
