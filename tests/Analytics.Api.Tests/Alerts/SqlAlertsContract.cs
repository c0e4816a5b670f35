using Weir.Analytics.Api.Alerts;
using Weir.Control;
using Weir.Control.Postgres;
using Weir.Control.Sql;
using Weir.Delivery;
using Weir.TestKit;

namespace Weir.Analytics.Api.Tests.Alerts;

/// <summary>What every store of alerts must do.</summary>
public abstract class SqlAlertsContract
{
    private static readonly DateTimeOffset Then = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Message Hello = new("alert.firing", "Title", "Text", "{}");

    protected abstract Task<IControlStore> NewStoreAsync();

    [Fact]
    public async Task An_alert_reads_as_it_was_written()
    {
        var (_, alerts) = await NewAsync();
        var alert = NewAlert("shop") with
        {
            Name = "It's “quoted” 🕷 -- ; DROP TABLE alerts",
            Rule = new AlertRule { Kind = AlertKinds.NotCrawled, Days = 3, PathPrefix = "/ä'\"\\", Crawlers = ["gptbot"], Purposes = [] },
            Manner = new AlertManner(0, false),
        };
        Assert.True(await PutAsync(alerts, alert));

        var read = Assert.Single(await alerts.ListAsync("shop"));

        Assert.Equal((alert.Id, alert.Name, alert.Manner, alert.IsEnabled, alert.Created), (read.Id, read.Name, read.Manner, read.IsEnabled, read.Created));
        Assert.Equal(alert.Rule.ToJson(), read.Rule.ToJson());
        Assert.Equal(alert.Id, (await alerts.FindAsync("shop", alert.Id))!.Id);
        Assert.Null(await alerts.FindAsync("other", alert.Id));
        Assert.Empty(await alerts.ListAsync("other"));
    }

    [Fact]
    public async Task Only_those_that_look_are_looked_for()
    {
        var (_, alerts) = await NewAsync();
        var on = NewAlert("a");
        await PutAsync(alerts, on);
        await PutAsync(alerts, NewAlert("b") with { IsEnabled = false });
        Assert.Equal([on.Id], (await alerts.ListEnabledAsync()).Select(a => a.Id));
    }

    [Fact]
    public async Task A_site_has_so_many_and_no_more()
    {
        var (_, alerts) = await NewAsync();
        var last = NewAlert("shop");
        for (int i = 1; i < Alert.SiteMax; i++)
            Assert.True(await PutAsync(alerts, NewAlert("shop")));
        Assert.True(await PutAsync(alerts, last));
        Assert.False(await PutAsync(alerts, NewAlert("shop")));
        Assert.True(await PutAsync(alerts, last with { Name = "changed" }));
        Assert.True(await PutAsync(alerts, NewAlert("other")));
        Assert.Equal(Alert.SiteMax, (await alerts.ListAsync("shop")).Count);
    }

    [Fact]
    public async Task Of_programs_that_found_the_same_one_tells_it()
    {
        var (store, alerts) = await NewAsync();
        var alert = NewAlert("shop");
        await PutAsync(alerts, alert);
        var fires = new AlertState(alert.Id, "gptbot", true, 1, 1, true, "It is so.");
        var over = fires with { IsFiring = false, SinceMs = 2, IsSent = false };

        Assert.Equal(1, await RaceAsync(() => alerts.ChangeAsync(alert, null, fires, Hello)));
        Assert.Equal(1, await alerts.CountFiringAsync());
        Assert.Equal(1, await RaceAsync(() => alerts.ChangeAsync(alert, fires, over, Hello)));
        Assert.False(await alerts.ChangeAsync(alert, fires, over, Hello));

        Assert.Equal([over], await alerts.StatesAsync());
        Assert.Equal([over], await alerts.StatesAsync("shop"));
        Assert.Empty(await alerts.StatesAsync("other"));
        Assert.Equal(0, await alerts.CountFiringAsync());
        Assert.Equal(2, (await new SqlDeliveries(store, TimeProvider.System).ListAsync(alert.Owner, null, 10)).Count);
    }

    [Fact]
    public async Task Another_rule_forgets_what_was_found_and_other_channels_do_not()
    {
        var (_, alerts) = await NewAsync();
        var alert = NewAlert("shop");
        await PutAsync(alerts, alert);
        await alerts.ChangeAsync(alert, null, new AlertState(alert.Id, "", true, 1, 1, true, "It is so."), null);
        await PutAsync(alerts, alert with { Name = "changed", Manner = new AlertManner(1, false) });
        Assert.Single(await alerts.StatesAsync());
        await PutAsync(alerts, alert with { Rule = alert.Rule with { MinHits = 99 } });
        Assert.Empty(await alerts.StatesAsync());
    }

    [Fact]
    public async Task Removing_leaves_nothing_and_says_so_in_the_audit_log()
    {
        var (store, alerts) = await NewAsync();
        var alert = NewAlert("shop");
        await PutAsync(alerts, alert);
        await alerts.ChangeAsync(alert, null, new AlertState(alert.Id, "", true, 1, 1, true, "It is so."), Hello);

        Assert.True(await alerts.RemoveAsync(alert, Tenant.Default, Actor.Account));
        Assert.False(await alerts.RemoveAsync(alert, Tenant.Default, Actor.Account));

        Assert.Empty(await alerts.StatesAsync());
        Assert.Empty(await new SqlDestinations(store).ListAsync(alert.Owner));
        Assert.Equal(default, await new SqlDeliveries(store, TimeProvider.System).DepthAsync());
        Assert.False(await alerts.ChangeAsync(alert, null, new AlertState(alert.Id, "", true, 1, 1, true, "It is so."), Hello));
        var log = await new SqlAuditLog(store, TimeProvider.System).ListAsync(Tenant.Default, new AuditFilter(), null, 10);
        Assert.Equal([AuditActions.AlertRemove, AuditActions.AlertPut], log.Select(e => e.What.Action));
        Assert.All(log, e => Assert.DoesNotContain("example.com", $"{e}", StringComparison.Ordinal));
    }

    private static async Task<int> RaceAsync(Func<Task<bool>> change) => (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(change)))).Count(won => won);

    private async Task<(IControlStore Store, SqlAlerts Alerts)> NewAsync()
    {
        var store = await NewStoreAsync();
        return (store, new SqlAlerts(store, TimeProvider.System));
    }

    private static Task<bool> PutAsync(SqlAlerts alerts, Alert alert) => alerts.PutAsync(
        alert, [new Destination($"chn_{alert.Id}", DestinationKind.Webhook, "https://example.com/", WebhookSecret.New())], Tenant.Default, Actor.Account);

    private static Alert NewAlert(string site) => new(
        SqlDestinations.NewId("alr"), site, "Demo", new AlertRule { Kind = AlertKinds.Robots, MinHits = 10, WindowHours = 24 }, new AlertManner(60, true), true, Then, Then);
}

public sealed class SqliteAlertsTests : SqlAlertsContract, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ControlDatabase? _store;

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        _folder.Dispose();
    }

    protected override async Task<IControlStore> NewStoreAsync() => _store = await ControlDatabase.OpenAsync(_folder.Path, [], TimeProvider.System);
}

/// <summary>One PostgreSQL server for the tests of this class.</summary>
public sealed class PostgresAlertsServer : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

public sealed class PostgresAlertsTests(PostgresAlertsServer postgres) : SqlAlertsContract, IClassFixture<PostgresAlertsServer>, IAsyncDisposable
{
    private PostgresStore? _store;

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
    }

    protected override async Task<IControlStore> NewStoreAsync() => _store = await PostgresStore.OpenAsync(new PostgresOptions
    {
        Host = "127.0.0.1",
        Port = postgres.Server.Port,
        Database = await postgres.Server.CreateDatabaseAsync(),
        User = PostgresServer.User,
        Password = PostgresServer.Password,
    }, []);
}
