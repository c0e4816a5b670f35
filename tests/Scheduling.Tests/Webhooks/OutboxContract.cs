using System.Text.Json;
using Weir.Control;
using Weir.Delivery;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.Triggers;
using Weir.Scheduling.Webhooks;

namespace Weir.Scheduling.Tests.Webhooks;

/// <summary>What happens is told to whoever wants it, once. What holds on every store.</summary>
public abstract class OutboxContract : StoreContract
{
    private static readonly Actor Somebody = Actor.Account;

    private SqlWebhooks Hooks => new(Store.Control, Store.Time);

    private SqlOutbox Outbox => new(Store.Control, Store.Triggers, Store.Time);

    private SqlDeliveries Deliveries => new(Store.Control, Store.Time);

    [Fact]
    public async Task Each_event_is_told_to_the_webhooks_that_want_it_and_to_no_other_tenant()
    {
        var all = await AddAsync(WebhookEvents.All);
        var results = await AddAsync([WebhookEvents.ScanCompleted]);
        var off = await AddAsync(WebhookEvents.All, isEnabled: false);
        var theirs = await AddAsync(WebhookEvents.All, tenant: "other");
        long target = await Store.AddTargetAsync();
        await RecordAsync(target, 1);
        await CompleteAsync(target, ScanResult.Gap);
        await CompleteAsync(target, ScanResult.Cited);
        long dead = await KillAsync(target);

        Assert.Equal(5, await Outbox.DrainAsync());
        Assert.Equal(0, await Outbox.DrainAsync());
        var told = await MessagesAsync();
        Assert.Equal([WebhookEvents.ScanCompleted, WebhookEvents.ScanDead, WebhookEvents.TargetChanged, WebhookEvents.TriggerCreated], told[all.Owner].Select(m => m.Type).Order());
        Assert.Equal([WebhookEvents.ScanCompleted], told[results.Owner].Select(m => m.Type));
        Assert.Empty(told[off.Owner].Concat(told[theirs.Owner]));

        var completed = Data(told[all.Owner], WebhookEvents.ScanCompleted).GetProperty("scans");
        Assert.Equal([("gap", null), ("cited", true)], completed.EnumerateArray().Select(s => (s.GetProperty("result").GetString(), s.GetProperty("changed").GetRawText() == "null" ? (bool?)null : s.GetProperty("changed").GetBoolean())));
        var changed = Assert.Single(Data(told[all.Owner], WebhookEvents.TargetChanged).GetProperty("targets").EnumerateArray());
        Assert.Equal((target, "cited", "chatgpt"), (changed.GetProperty("target").GetInt64(), changed.GetProperty("result").GetString(), changed.GetProperty("engine").GetString()));
        var given = Assert.Single(Data(told[all.Owner], WebhookEvents.ScanDead).GetProperty("scans").EnumerateArray());
        Assert.Equal((dead, "broken"), (given.GetProperty("id").GetInt64(), given.GetProperty("reason").GetString()));
        var triggers = Data(told[all.Owner], WebhookEvents.TriggerCreated);
        var stored = Assert.Single(await Store.Triggers.ListAsync(Store.Mine, 0, 10));
        Assert.Equal($"{stored.Id}", triggers.GetProperty("cursor").GetString());
        Assert.Equal("/pricing", triggers.GetProperty("triggers")[0].GetProperty("path").GetString());
    }

    [Fact]
    public async Task Many_triggers_are_few_messages_and_a_consumer_goes_on_from_the_cursor()
    {
        var hook = await AddAsync([WebhookEvents.TriggerCreated]);
        long target = await Store.AddTargetAsync();
        await RecordAsync(target, 250);
        Assert.Equal(250, await Outbox.DrainAsync());
        var told = (await MessagesAsync())[hook.Owner].ToList();
        Assert.Equal([50, 100, 100], told.Select(m => JsonDocument.Parse(m.Json).RootElement.GetProperty("data").GetProperty("triggers").GetArrayLength()).Order());
        long last = told.Max(m => long.Parse(JsonDocument.Parse(m.Json).RootElement.GetProperty("data").GetProperty("cursor").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Empty(await Store.Triggers.ListAsync(Store.Mine, last, 10));
    }

    [Fact]
    public async Task Several_programs_tell_each_event_once()
    {
        var hook = await AddAsync([WebhookEvents.TriggerCreated]);
        long target = await Store.AddTargetAsync();
        await RecordAsync(target, 300);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                try
                {
                    if (await Outbox.DrainAsync() == 0)
                        return;
                }
                catch (SqlOutbox.TakenException)
                {
                    // Another was first.
                }
            }
        })));
        var ids = (await MessagesAsync())[hook.Owner]
            .SelectMany(m => JsonDocument.Parse(m.Json).RootElement.GetProperty("data").GetProperty("triggers").EnumerateArray().Select(t => t.GetProperty("id").GetInt64())).ToList();
        Assert.Equal(300, ids.Count);
        Assert.Equal(300, ids.Distinct().Count());
    }

    [Fact]
    public async Task Nothing_is_kept_for_a_tenant_without_webhooks_and_what_is_removed_is_passed_over()
    {
        long target = await Store.AddTargetAsync();
        await RecordAsync(target, 3);
        Assert.Equal(0, await Outbox.DrainAsync());
        await AddAsync([WebhookEvents.ScanCompleted]);
        await CompleteAsync(target, ScanResult.Gap);
        Assert.True(await Store.Targets.DeleteAsync(Store.Mine, target));
        Assert.Equal(1, await Outbox.DrainAsync());
        Assert.Empty(await MessagesAsync());
    }

    [Fact]
    public async Task A_dead_letter_is_replayed_once_under_its_id_alone_or_by_its_span()
    {
        var hook = await AddAsync([WebhookEvents.ScanCompleted]);
        await Hooks.SendAsync(hook, WebhookMessages.Test(hook, Store.Time.GetUtcNow()));
        string id = await FailAllAsync(hook);
        Assert.NotNull(await Deliveries.ReplayAsync(hook.Owner, id));
        Assert.Equal(id, Assert.Single(await Deliveries.LeaseAsync(10)).Id);
        Assert.Equal(id, await FailAllAsync(hook));
        Assert.Equal(0, await Deliveries.ReplaySpanAsync(hook.Owner, Store.Time.GetUtcNow().AddDays(1), Store.Time.GetUtcNow().AddDays(2), deadOnly: true));
        Assert.Equal(1, await Deliveries.ReplaySpanAsync(hook.Owner, Store.Start, Store.Time.GetUtcNow().AddDays(1), deadOnly: true));
        Assert.Equal(0, await Deliveries.ReplaySpanAsync(hook.Owner, Store.Start, Store.Time.GetUtcNow().AddDays(1), deadOnly: true));
        var held = Assert.Single(await Deliveries.LeaseAsync(10));
        Assert.Equal(id, held.Id);
        Assert.True(await Deliveries.FinishAsync(held, new AttemptResult(204, ""), TimeSpan.Zero, 0));
        Assert.Empty(await Deliveries.LeaseAsync(10));
    }

    // Ten attempts over 75 h, as a receiver that answers 500 for ever costs them.
    private async Task<string> FailAllAsync(Webhook hook)
    {
        for (int i = 0; i < RetrySchedule.AttemptsMax; i++)
        {
            Store.Time.Advance(TimeSpan.FromHours(30));
            if (await Deliveries.LeaseAsync(10) is not [var held])
                break;
            await Deliveries.FinishAsync(held, new AttemptResult(500, "The receiver answered 500."), TimeSpan.Zero, 0.5);
        }
        var dead = Assert.Single(await Deliveries.ListAsync(hook.Owner, null, 10));
        Assert.Equal(DeliveryStates.Dead, dead.State);
        return dead.Id;
    }

    private async Task<Webhook> AddAsync(IReadOnlyList<string> events, bool isEnabled = true, string tenant = Tenant.Default)
    {
        var hook = new Webhook(SqlDestinations.NewId("whk"), tenant, "hook", events, isEnabled, Store.Time.GetUtcNow(), Store.Time.GetUtcNow());
        var to = new Destination(SqlDestinations.NewId("chn"), DestinationKind.Webhook, "https://hooks.example.com/", WebhookSecret.New()) { SigningKey = WebhookSigningKey.New() };
        Assert.True(await Hooks.PutAsync(hook, to, Somebody));
        return hook;
    }

    private async Task RecordAsync(long target, int count)
    {
        var fetches = Enumerable.Range(0, count).Select(i => Fetches.Of(hitId: (ulong)i + 1, at: Store.Time.GetUtcNow().AddMilliseconds(i)));
        await Store.Triggers.RecordAsync([.. fetches.Select(f => new NewTrigger(f, TriggerClass.CrawlChanged, FetchContent.Changed, Tenant.Default, "chatgpt", 1, TimeSpan.Zero, [new Weir.Scheduling.Targets.TargetMatch(target, 1)]))], "test", Store.Time.GetUtcNow());
    }

    private async Task<ScanHold> LeaseAsync(long target)
    {
        await Store.Queue.EnqueueAsync([new NewScan(target, Store.Time.GetUtcNow(), 1)]);
        var scan = Assert.Single(await Store.Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, 1, TimeSpan.FromMinutes(1), "w")));
        return new ScanHold(scan.Id, scan.FencingToken);
    }

    private async Task CompleteAsync(long target, ScanResult result) => await Store.Queue.CompleteAsync(Store.Mine, await LeaseAsync(target), result, null);

    private async Task<long> KillAsync(long target)
    {
        while (true)
        {
            var hold = await LeaseAsync(target);
            if ((await Store.Queue.FailAsync(Store.Mine, hold, "broken")).State == ScanState.Dead)
                return hold.Id;
            Store.Time.Advance(TimeSpan.FromHours(2));
        }
    }

    private async Task<ILookup<string, Message>> MessagesAsync()
    {
        List<(string Owner, Message Message)> all = [];
        foreach (var hook in (await Hooks.ListAsync(Tenant.Default)).Concat(await Hooks.ListAsync("other")))
            all.AddRange((await Deliveries.ListAsync(hook.Owner, null, 100)).Select(d => (hook.Owner, new Message(d.Type, d.Title, "", ""))));
        var bodies = new Dictionary<string, Queue<string>>();
        while (await Deliveries.LeaseAsync(100) is { Count: > 0 } leased)
        {
            foreach (var held in leased)
            {
                var key = (await OwnerOfAsync(held.To.Id), held.Message.Type);
                bodies.TryAdd($"{key}", new Queue<string>());
                bodies[$"{key}"].Enqueue(held.Message.Json);
                await Deliveries.FinishAsync(held, new AttemptResult(200, ""), TimeSpan.Zero, 0);
            }
        }
        return all.ToLookup(m => m.Owner, m => m.Message with { Json = bodies[$"{(m.Owner, m.Message.Type)}"].Dequeue() });
    }

    private async Task<string> OwnerOfAsync(string destination)
    {
        foreach (var hook in (await Hooks.ListAsync(Tenant.Default)).Concat(await Hooks.ListAsync("other")))
        {
            if ((await new SqlDestinations(Store.Control).ListAsync(hook.Owner)).Any(d => d.Id == destination))
                return hook.Owner;
        }
        throw new InvalidOperationException(destination);
    }

    private static JsonElement Data(IEnumerable<Message> messages, string type) => JsonDocument.Parse(messages.Single(m => m.Type == type).Json).RootElement.GetProperty("data");
}

public sealed class SqliteOutboxTests : OutboxContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();
}

public sealed class PostgresOutboxTests(PostgresFixture postgres) : OutboxContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
