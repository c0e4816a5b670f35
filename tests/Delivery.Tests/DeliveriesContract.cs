using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Control;

namespace Weir.Delivery.Tests;

/// <summary>What the queue must do on every store.</summary>
public abstract class DeliveriesContract
{
    private const string Owner = "alert/a";
    private static readonly Message Hello = new("alert.firing", "Title", "Text", "{}");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2024, 11, 27, 12, 0, 0, TimeSpan.Zero));

    protected abstract Task<IControlStore> NewStoreAsync();

    /// <summary>The key of the store's secrets.</summary>
    protected abstract string KeyFile { get; }

    [Fact]
    public async Task Secrets_are_sealed_in_the_store_and_those_from_before_are_sealed_at_the_next_start()
    {
        var hook = Hook("d1") with { SigningKey = WebhookSigningKey.New() };
        var chat = new Destination("d2", DestinationKind.Slack, "https://hooks.slack.com/services/T0/B0/t0ken");
        var (store, _) = await NewQueueAsync(hook, chat);
        Assert.DoesNotContain("whs", await StoredAsync(store), StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", await StoredAsync(store), StringComparison.Ordinal);
        var read = await new SqlDestinations(store).ListAsync(Owner);
        Assert.Equal((hook.Secret, hook.SigningKey, chat.Address), (read[0].Secret, read[0].SigningKey, read[1].Address));

        await RunAsync(store, $"UPDATE destinations SET secret = '{hook.Secret}', signing_key = '{hook.SigningKey}' WHERE id = 'd1'");
        Assert.Equal(hook.Secret, (await new SqlDestinations(store).ListAsync(Owner))[0].Secret);
        Assert.Equal((1, 0), (await new SqlDestinations(store).SealAllAsync(), await new SqlDestinations(store).SealAllAsync()));
        Assert.DoesNotContain("whs", await StoredAsync(store), StringComparison.Ordinal);

        string other = WebhookSecret.New();
        await store.WriteAsync(async t => { await SqlDestinations.ChangeSecretAsync(t, store.Secrets, Owner, other, _time.GetUtcNow().AddHours(1)); return 0; });
        var changed = (await new SqlDestinations(store).ListAsync(Owner))[0];
        Assert.Equal((other, hook.Secret), (changed.Secret, changed.OldSecret));
        // One row's secret is nothing in another's place.
        await RunAsync(store, "UPDATE destinations SET secret = (SELECT o.secret FROM destinations AS o WHERE o.id = 'd1') WHERE id = 'd2'");
        Assert.NotNull((await new SqlDestinations(store).ListAsync(Owner))[1].Sealed);
    }

    [Fact]
    public async Task A_lost_key_fails_attempts_in_words_and_no_other_key_takes_its_place()
    {
        var (store, queue) = await NewQueueAsync(Hook("d1"));
        string id = Assert.Single(await EnqueueAsync(store));
        string key = await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken);
        File.Delete(KeyFile);

        Assert.Equal(1, await SendDueAsync(store));
        Assert.Contains("secret cannot be opened", Assert.Single((await queue.ListAsync(Owner, null, 1))[0].Attempts).Error, StringComparison.Ordinal);
        var unread = Assert.Single(await new SqlDestinations(store).ListAsync(Owner));
        await Assert.ThrowsAsync<ControlException>(() => PutAsync(store, unread));
        var refused = await Assert.ThrowsAsync<ControlException>(() => PutAsync(store, Hook("d1"), Hook("d3")));
        Assert.Contains(KeyFile, refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(KeyFile));
        await Assert.ThrowsAsync<ControlException>(() => new SqlDestinations(store).TryKeyAsync(TestContext.Current.CancellationToken));

        await File.WriteAllTextAsync(KeyFile, key, TestContext.Current.CancellationToken);
        await new SqlDestinations(store).TryKeyAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(id, Assert.Single(await queue.LeaseAsync(1)).Id);
        Assert.Null(Assert.Single(await new SqlDestinations(store).ListAsync(Owner)).Sealed);
    }

    [Fact]
    public async Task A_message_goes_to_each_destination_once()
    {
        var (store, queue) = await NewQueueAsync(Hook("d1"), Hook("d2"));
        var other = new SqlDeliveries(store, _time);
        await EnqueueAsync(store);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? queue : other).LeaseAsync(1))));

        Assert.Equal(["d1", "d2"], taken.SelectMany(t => t).Select(d => d.To.Id).Order());
        Assert.Empty(await queue.LeaseAsync(10));
    }

    [Fact]
    public async Task A_failed_attempt_is_made_again_under_the_same_id_until_the_attempts_are_used_up()
    {
        var (store, queue) = await NewQueueAsync(Hook("d1"));
        string id = Assert.Single(await EnqueueAsync(store));
        for (int attempt = 1; attempt <= RetrySchedule.AttemptsMax; attempt++)
        {
            var held = Assert.Single(await queue.LeaseAsync(10));
            Assert.Equal((id, attempt), (held.Id, held.Attempts));
            Assert.True(await queue.FinishAsync(held, new AttemptResult(500, "The receiver answered 500."), TimeSpan.FromMilliseconds(7), 0.5));
            Assert.Empty(await queue.LeaseAsync(10));
            _time.Advance(RetrySchedule.WaitAfter(attempt, 0.5) ?? TimeSpan.FromDays(30));
        }
        var dead = Assert.Single(await queue.ListAsync(Owner, null, 10));
        Assert.Equal((DeliveryStates.Dead, 10), (dead.State, dead.Attempts.Count));
        Assert.Equal((500, 7, "The receiver answered 500."), (dead.Attempts[0].Status, dead.Attempts[0].DurationMs, dead.Attempts[0].Error));
        Assert.Equal(new DeliveryDepth(0, 1), await queue.DepthAsync());
    }

    [Fact]
    public async Task Replaying_keeps_the_id_and_the_log()
    {
        var (store, queue) = await NewQueueAsync(Hook("d1"));
        string id = Assert.Single(await EnqueueAsync(store));
        await queue.FinishAsync(Assert.Single(await queue.LeaseAsync(1)), new AttemptResult(204, ""), TimeSpan.Zero, 0.5);
        Assert.Empty(await queue.LeaseAsync(1));

        Assert.Equal(DeliveryStates.Waiting, (await queue.ReplayAsync(Owner, id))!.State);
        Assert.Null(await queue.ReplayAsync("alert/other", id));

        var again = Assert.Single(await queue.LeaseAsync(1));
        Assert.Equal((id, 1), (again.Id, again.Attempts));
        await queue.FinishAsync(again, new AttemptResult(204, ""), TimeSpan.Zero, 0.5);
        Assert.Equal(2, Assert.Single(await queue.ListAsync(Owner, null, 10)).Attempts.Count);
    }

    [Fact]
    public async Task Who_holds_a_lease_no_more_notes_nothing()
    {
        var (store, queue) = await NewQueueAsync(Hook("d1"));
        await EnqueueAsync(store);
        var late = Assert.Single(await queue.LeaseAsync(1));
        _time.Advance(SqlDeliveries.Lease);
        var next = Assert.Single(await queue.LeaseAsync(1));
        Assert.Equal((late.Id, 2), (next.Id, next.Attempts));

        Assert.False(await queue.FinishAsync(late, new AttemptResult(204, ""), TimeSpan.Zero, 0.5));
        Assert.Empty(Assert.Single(await queue.ListAsync(Owner, null, 10)).Attempts);
        Assert.True(await queue.FinishAsync(next, new AttemptResult(204, ""), TimeSpan.Zero, 0.5));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_gets_nothing_more_until_it_is_written_anew()
    {
        var (store, queue) = await NewQueueAsync(Hook("d1"));
        await EnqueueAsync(store);
        await EnqueueAsync(store);
        await EnqueueAsync(store);
        var held = await queue.LeaseAsync(1);
        await queue.FinishAsync(held[0], new AttemptResult(410, "gone", IsFinal: true, IsGone: true), TimeSpan.Zero, 0.5);

        Assert.Empty(await EnqueueAsync(store));
        Assert.Empty(await queue.LeaseAsync(10));
        Assert.All(await queue.ListAsync(Owner, null, 10), d => Assert.Equal(DeliveryStates.Dead, d.State));
        Assert.True(Assert.Single(await new SqlDestinations(store).ListAsync(Owner)).IsGone);

        await PutAsync(store, Hook("d1"));
        Assert.Single(await EnqueueAsync(store));
    }

    [Fact]
    public async Task A_receiver_with_much_to_come_holds_two_senders_at_most()
    {
        var (store, queue) = await NewQueueAsync(Hook("slow"), Hook("quick"));
        for (int i = 0; i < 5; i++)
            await EnqueueAsync(store, "slow");
        var first = await queue.LeaseAsync(10);
        await EnqueueAsync(store, "quick");

        var second = await queue.LeaseAsync(10);

        Assert.Equal(["slow", "slow"], first.Select(d => d.To.Id));
        Assert.Equal(["quick"], second.Select(d => d.To.Id));
    }

    [Fact]
    public async Task Lists_go_on_where_they_stopped_and_removed_owners_leave_nothing()
    {
        var (store, queue) = await NewQueueAsync(Hook("d1"));
        for (int i = 0; i < 5; i++)
        {
            await EnqueueAsync(store);
            _time.Advance(TimeSpan.FromSeconds(i % 2));
        }
        var all = await queue.ListAsync(Owner, null, 10);
        var first = await queue.ListAsync(Owner, null, 2);
        var rest = await queue.ListAsync(Owner, (first[^1].Created.ToUnixTimeMilliseconds(), first[^1].Id), 10);
        Assert.Equal(all.Select(d => d.Id), first.Concat(rest).Select(d => d.Id));

        await store.WriteAsync(async t =>
        {
            await SqlDestinations.RemoveAsync(t, Owner);
            return true;
        });
        Assert.Empty(await queue.ListAsync(Owner, null, 10));
        Assert.Empty(await queue.LeaseAsync(10));
    }

    [Fact]
    public async Task What_was_finished_long_ago_is_removed_and_what_waits_stays()
    {
        var (store, queue) = await NewQueueAsync(Hook("d1"));
        await EnqueueAsync(store);
        await queue.FinishAsync(Assert.Single(await queue.LeaseAsync(1)), new AttemptResult(204, ""), TimeSpan.Zero, 0.5);
        await EnqueueAsync(store);
        Assert.Equal(0, await queue.SweepAsync(_time.GetUtcNow()));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await queue.SweepAsync(_time.GetUtcNow()));
        Assert.Equal(DeliveryStates.Waiting, Assert.Single(await queue.ListAsync(Owner, null, 10)).State);
    }

    [Fact]
    public async Task The_service_sends_what_is_due_and_again_after_a_restart()
    {
        await using var receiver = await Receiver.StartAsync();
        var (store, _) = await NewQueueAsync(new Destination("d1", DestinationKind.Webhook, receiver.Url, WebhookSecret.New()));
        string id = Assert.Single(await EnqueueAsync(store));
        receiver.AnswerWith(503);
        Assert.Equal(1, await SendDueAsync(store));
        _time.Advance(TimeSpan.FromSeconds(6));
        receiver.AnswerWith(204);
        // Another service on the same store, as after a restart.
        Assert.Equal(1, await SendDueAsync(store));
        Assert.Equal(0, await SendDueAsync(store));

        Assert.Equal([id, id], receiver.Requests.Select(r => r.Headers["webhook-id"]));
        var sent = Assert.Single(await new SqlDeliveries(store, _time).ListAsync(Owner, null, 10));
        Assert.Equal(DeliveryStates.Delivered, sent.State);
        Assert.Equal([503, 204], sent.Attempts.Select(a => a.Status));
    }

    [Fact]
    public async Task The_loop_sends_what_comes_while_it_runs_and_ends_when_it_is_told()
    {
        await using var receiver = await Receiver.StartAsync();
        var taken = new TaskCompletionSource();
        receiver.Answer = http =>
        {
            http.Response.StatusCode = 204;
            if (receiver.Requests.Count == 5)
                taken.SetResult();
            return Task.CompletedTask;
        };
        var (store, _) = await NewQueueAsync(new Destination("d1", DestinationKind.Webhook, receiver.Url, WebhookSecret.New()));
        var options = new DeliveryOptions { AllowsHttp = true, AllowsPrivateTargets = true };
        using var http = new GuardedHttp(options, TimeProvider.System);
        using var metrics = new DeliveryMetrics();
        using var service = new DeliveryService(
            new SqlDeliveries(store, TimeProvider.System), new Senders(http, new MailSender(options, _time), TimeProvider.System), options, metrics, TimeProvider.System,
            NullLogger<DeliveryService>.Instance);
        await service.StartAsync(TestContext.Current.CancellationToken);
        for (int i = 0; i < 5; i++)
            await EnqueueAsync(store);

        await taken.Task.WaitAsync(TestContext.Current.CancellationToken);

        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Equal(5, receiver.Requests.Select(r => r.Headers["webhook-id"]).Distinct().Count());
    }

    private async Task<int> SendDueAsync(IControlStore store)
    {
        var options = new DeliveryOptions { AllowsHttp = true, AllowsPrivateTargets = true };
        using var http = new GuardedHttp(options, TimeProvider.System);
        using var metrics = new DeliveryMetrics();
        using var service = new DeliveryService(
            new SqlDeliveries(store, _time), new Senders(http, new MailSender(options, _time), _time), options, metrics, _time, NullLogger<DeliveryService>.Instance);
        return await service.SendDueAsync(TestContext.Current.CancellationToken);
    }

    private async Task<(IControlStore Store, SqlDeliveries Queue)> NewQueueAsync(params Destination[] destinations)
    {
        var store = await NewStoreAsync();
        await PutAsync(store, destinations);
        return (store, new SqlDeliveries(store, _time));
    }

    private static Task PutAsync(IControlStore store, params Destination[] destinations) => store.WriteAsync(async t =>
    {
        await SqlDestinations.ReplaceAsync(t, store.Secrets, Owner, destinations);
        return true;
    });

    private Task<IReadOnlyList<string>> EnqueueAsync(IControlStore store, string? only = null) =>
        store.WriteAsync(t => SqlDeliveries.EnqueueAsync(t, Owner, Hello, _time.GetUtcNow().ToUnixTimeMilliseconds(), only));

    private static async Task<string> StoredAsync(IControlStore store)
    {
        await using var connection = await store.ReadAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT address || ' ' || secret || ' ' || old_secret || ' ' || signing_key FROM destinations";
        await using var reader = await command.ExecuteReaderAsync();
        var all = new StringBuilder();
        while (await reader.ReadAsync())
            all.AppendLine(reader.GetString(0));
        return all.Replace("https://example.com/hook", "").ToString();
    }

    private static Task<int> RunAsync(IControlStore store, string sql) => store.WriteAsync(async t =>
    {
        await using var command = t.Connection!.CreateCommand();
        (command.Transaction, command.CommandText) = (t, sql);
        return await command.ExecuteNonQueryAsync();
    });

    private static Destination Hook(string id) => new(id, DestinationKind.Webhook, "https://example.com/hook", WebhookSecret.New());
}
