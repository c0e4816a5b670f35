using System.Data.Common;
using Weir.Control;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Triggers;

/// <summary>What holds on every store.</summary>
public abstract class EventsContract : StoreContract
{
    [Fact]
    public async Task An_event_is_a_trigger_for_each_engine_of_the_targets_that_it_is_about()
    {
        long chatgpt = await Store.AddTargetAsync(), gemini = await Store.AddTargetAsync("gemini");
        await Store.Targets.UpsertAsync("default", [new NewTarget("Other brand", "q", "chatgpt", [new PageLink(Store.Demo, "/x")])]);
        var answer = await RecordAsync(Event("e1", new EventAim { Brand = "Acme" }, EventKind.CompetitorPublished, EventStrength.High));
        Assert.Equal((EventOutcome.Recorded, 2L, 2), (answer.Outcome, answer.Targets, answer.Triggers.Count));
        var triggers = await Store.Triggers.ListAsync(Store.Mine, 0, 10);
        Assert.Equal([("chatgpt", chatgpt), ("gemini", gemini)], triggers.Select(t => (t.Engine, Assert.Single(t.Targets))).Order());
        Assert.All(triggers, t => Assert.Equal(("competitor_published", "competitor", "e1", "note", 1.0, null, null),
            (t.Kind, t.Class, t.Event, t.Note, t.Weight, t.Crawler, t.Content)));
        Assert.Equal(answer.Triggers.Order(), triggers.Select(t => t.Id));
    }

    [Fact]
    public async Task The_same_key_again_is_the_same_event()
    {
        await Store.AddTargetAsync();
        var first = await RecordAsync(Event("e1", new EventAim { Brand = "Acme" }));
        var again = await Store.Events.RecordAsync(Store.Mine, [Event("e1", new EventAim { Engine = "chatgpt" }), Event("e2", new EventAim { Engine = "chatgpt" }), Event("e2", new EventAim { Engine = "chatgpt" })]);
        Assert.Equal([EventOutcome.Duplicate, EventOutcome.Recorded, EventOutcome.Duplicate], again.Select(a => a.Outcome));
        Assert.Equal(first.Targets, again[0].Targets);
        Assert.Equal(first.Triggers, again[0].Triggers);
        Assert.Equal(2, (await Store.Triggers.ListAsync(Store.Mine, 0, 10)).Count);
    }

    [Fact]
    public async Task What_the_tenant_does_not_have_is_refused_by_field_and_the_others_are_recorded()
    {
        await Store.AddTargetAsync();
        await Store.AddTargetAsync(isTheirs: true, query: "their query");
        EventAim[] aims =
        [
            new() { Brand = "Nobody" }, new() { Query = "their query" }, new() { Topic = "nothing" }, new() { Site = Store.Other.Value, Path = "/pricing" },
            new() { Brand = "Acme", Query = "best widgets" },
        ];
        var answers = await Store.Events.RecordAsync(Store.Mine, [.. aims.Select((aim, i) => Event($"e{i}", aim))]);
        Assert.Equal(["aim.brand", "aim.query", "aim.topic", "aim.site"], answers.Take(4).Select(a => a.Error!.Value.Field));
        Assert.Equal((EventOutcome.Recorded, 1L), (answers[4].Outcome, answers[4].Targets));
        Assert.Single(await Store.Triggers.ListAsync(Store.Mine, 0, 10));
        Assert.Empty(await Store.Triggers.ListAsync(Store.Theirs, 0, 10));
        // Mended, it may be sent under its key.
        Assert.Equal(EventOutcome.Recorded, (await RecordAsync(Event("e0", new EventAim { Brand = "Acme" }))).Outcome);
    }

    [Fact]
    public async Task An_event_about_a_page_counts_by_the_strength_of_the_link_and_one_about_nothing_is_kept()
    {
        long target = await Store.AddTargetAsync(pattern: "/docs/*", weight: 0.5);
        var answer = await RecordAsync(Event("e1", new EventAim { Site = "demo", Path = "/docs/a" }, EventKind.QueryTrending));
        Assert.Equal(1, answer.Targets);
        Assert.Equal(0, (await RecordAsync(Event("e2", new EventAim { Site = "demo", Path = "/about" }))).Targets);
        var triggers = await Store.Triggers.ListAsync(Store.Mine, 0, 10);
        Assert.Equal([("/docs/a", 1), ("/about", 0)], triggers.Select(t => (t.Path, t.Targets.Count)));
        Assert.Equal(1, await Store.Triggers.PlanAsync(Store.Policy));
        Store.Time.Advance(TimeSpan.FromSeconds(2));
        var scan = Assert.Single(await Store.Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, 10, TimeSpan.FromMinutes(1), "w")));
        Assert.Equal((target, 0.3), (scan.Target, Math.Round(scan.Priority, 6)));
        Assert.StartsWith("The query began to trend 2 s ago, 1 event, never scanned before", scan.WhyNow, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_about_an_engine_reaches_every_target_of_it()
    {
        var targets = await Store.AddTargetsAsync(12_000);
        await Store.AddTargetAsync("gemini");
        var answer = await RecordAsync(Event("e1", new EventAim { Engine = "chatgpt" }, EventKind.AiModelUpdated));
        Assert.Equal((12_000, 3), (answer.Targets, answer.Triggers.Count));
        Assert.Equal(targets.Order(), (await TriggersAsync()).SelectMany(t => t.Targets));
    }

    [Fact]
    public async Task A_key_of_some_sites_speaks_of_their_targets_only()
    {
        await Store.AddTargetAsync();
        var answer = Assert.Single(await Store.Events.RecordAsync(Store.Mine with { Sites = [] }, [Event("e1", new EventAim { Brand = "Acme" })]));
        Assert.Equal(0, answer.Targets);
    }

    [Fact]
    public async Task An_event_about_very_many_targets_is_linked_in_pieces_and_once_whoever_dies_in_between()
    {
        var targets = await Store.AddTargetsAsync(250);
        await Store.AddTargetsAsync(30, "gemini");
        var dies = new DyingStore(Store.Control, writes: 2);
        var first = new SqlEvents(dies, Store.Targets, Store.Clock) { PieceSize = 40 };
        var update = Event("e1", new EventAim { Engine = "chatgpt" }, EventKind.AiModelUpdated);
        await Assert.ThrowsAsync<IOException>(() => first.RecordAsync(Store.Mine, [update]));
        // What is there is whole triggers, so who follows them misses no target of one that it has met.
        Assert.Equal(80, (await TriggersAsync()).Sum(t => t.Targets.Count));

        var second = new SqlEvents(Store.Control, Store.Targets, Store.Clock) { PieceSize = 40 };
        Assert.Equal(EventOutcome.Duplicate, Assert.Single(await second.RecordAsync(Store.Mine, [update])).Outcome);
        Assert.Equal(0, await second.ContinueAsync(CancellationToken.None)); // the first may be at it
        Store.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await second.ContinueAsync(CancellationToken.None));
        Assert.Equal(0, await second.ContinueAsync(CancellationToken.None));
        var triggers = await TriggersAsync();
        Assert.Equal(targets, triggers.SelectMany(t => t.Targets).Order());
        Assert.All(triggers, t => Assert.InRange(t.Targets.Count, 1, 40));
        Assert.Equal((EventOutcome.Duplicate, 250L, triggers.Count), Assert.Single(await second.RecordAsync(Store.Mine, [update])) is var again ? (again.Outcome, again.Targets, again.Triggers.Count) : default);

        // Both at a time, each with all of it before its eyes.
        var trend = Event("e2", new EventAim { Brand = "Acme" }, EventKind.QueryTrending);
        var answers = await Task.WhenAll(second.RecordAsync(Store.Mine, [trend]), second.RecordAsync(Store.Mine, [trend]));
        Assert.Single(answers, a => a[0].Outcome == EventOutcome.Recorded);
        Assert.Equal(280, (await TriggersAsync()).Where(t => t.Event == "e2").SelectMany(t => t.Targets).Distinct().Count());
    }

    private Task<IReadOnlyList<Trigger>> TriggersAsync() => Store.Triggers.ListAsync(Store.Mine, 0, 100);

    private async Task<EventAnswer> RecordAsync(NewEvent one) => Assert.Single(await Store.Events.RecordAsync(Store.Mine, [one]));

    private NewEvent Event(string key, EventAim aim, EventKind kind = EventKind.CompetitorPublished, EventStrength strength = EventStrength.Medium) =>
        new(key, kind, strength, Store.Time.GetUtcNow(), aim, "note");
}

/// <summary>A store whose program is killed after some writes.</summary>
internal sealed class DyingStore(IControlStore store, int writes) : IControlStore
{
    private int _left = writes;

    public SecretSeal Secrets => store.Secrets;

    public SqlDialect Dialect => store.Dialect;

    public Task<DbConnection> ReadAsync(CancellationToken stop = default) => store.ReadAsync(stop);

    public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken stop = default) =>
        _left-- > 0 ? store.WriteAsync(work, stop) : throw new IOException("killed");
}

public sealed class SqliteEventsTests : EventsContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();
}

public sealed class PostgresEventsTests(PostgresFixture postgres) : EventsContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
