using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Analytics.Api.Alerts;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Delivery;

namespace Weir.Analytics.Api.Tests.Alerts;

/// <summary>What alerts find in a real store of hits, and what they say of it.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class AlertEvaluationTests(AnalyticsFixture api) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = Whole(TimeProvider.System.GetUtcNow());

    private readonly TestLog _log = new();
    private string _site = "";

    public async ValueTask InitializeAsync() => _site = await api.NewSiteAsync();

    // What fires here is nobody's business in another test.
    public async ValueTask DisposeAsync()
    {
        foreach (var alert in await Alerts.ListAsync(_site))
            await Alerts.RemoveAsync(alert, Tenant.Default, Actor.Account);
    }

    private SqlAlerts Alerts => api.Services.GetRequiredService<SqlAlerts>();

    [Fact]
    public async Task Spoofing_is_told_with_its_figures_and_when_it_is_over()
    {
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0.2, MinHits = 20, WindowHours = 24 });
        await StoreAsync(40, Now.AddHours(-3), h => h.GptBot("spoofed"));
        await StoreAsync(40, Now.AddMinutes(-1), h => h.GptBot());

        await LookAsync(NewEvaluation(), Now);

        var message = Assert.Single(await MessagesAsync(alert));
        Assert.Equal(("alert.firing", _site), (message["type"]!.GetValue<string>(), message["data"]!["site"]!.GetValue<string>()));
        Assert.Equal("gptbot", message["data"]!["subject"]!.GetValue<string>());
        Assert.Equal((80, 40, 0.393), (message["data"]!["figures"]!["hits"]!.GetValue<int>(), message["data"]!["figures"]!["spoofed"]!.GetValue<int>(), message["data"]!["figures"]!["rateLow"]!.GetValue<double>()));
        Assert.Contains("40 of 80 hits", message["data"]!["summary"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("gptbot", Assert.Single((await api.Api.JsonAsync($"/v1/sites/{_site}/alerts/{alert.Id}")).GetProperty("firing").EnumerateArray()).Text("subject"));

        await LookAsync(NewEvaluation(), Now.AddHours(30));
        Assert.Equal(["alert.firing", "alert.resolved"], await TypesAsync(alert));
    }

    [Fact]
    public async Task An_identity_that_is_found_out_late_raises_the_alert_then_and_once()
    {
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0.2, MinHits = 20, WindowHours = 24 });
        await StoreAsync(40, Now.AddHours(-2), h => h.Googlebot("pending") with { Address = "203.0.113.77" });
        await StoreAsync(10, Now.AddMinutes(-1), h => h.Googlebot("pending") with { Address = "203.0.113.77" });
        await StoreAsync(50, Now.AddHours(-2), h => h.Googlebot());
        await LookAsync(NewEvaluation(), Now);
        await NothingAsync(alert);

        await KnowAsync("203.0.113.77", Now.AddMinutes(-90), "spoofed");
        var evaluation = NewEvaluation();
        await LookAsync(evaluation, Now.AddMinutes(1));
        await LookAsync(evaluation, Now.AddMinutes(2));

        var message = Assert.Single(await MessagesAsync(alert));
        Assert.Equal((100, 50), (message["data"]!["figures"]!["hits"]!.GetValue<int>(), message["data"]!["figures"]!["spoofed"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_new_crawler_that_is_unmasked_late_is_none_and_the_real_one_is_told()
    {
        await StoreAsync(1, Now.AddDays(-20), h => h);
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.NewCrawler, Days = 7, Purposes = ["search"] }, Now.AddDays(-2));
        await StoreAsync(3, Now.AddDays(-5), h => h.Googlebot("pending") with { Address = "203.0.113.78" });
        await KnowAsync("203.0.113.78", Now.AddDays(-5).AddSeconds(5), "spoofed");
        await StoreAsync(3, Now.AddMinutes(-2), h => h.Googlebot("pending") with { Address = "203.0.113.79" });
        await StoreAsync(3, Now.AddMinutes(-2), h => h.By("bingbot", "Microsoft", "search", "pending") with { Address = "203.0.113.79" });
        var evaluation = NewEvaluation();
        await LookAsync(evaluation, Now);
        await NothingAsync(alert);

        await KnowAsync("203.0.113.79", Now.AddMinutes(-1), "verified");
        await LookAsync(evaluation, Now.AddMinutes(1));
        await LookAsync(evaluation, Now.AddMinutes(2));
        Assert.Equal("googlebot", Assert.Single(await MessagesAsync(alert))["data"]!["subject"]!.GetValue<string>());

        // Of the other nobody answers: it counts as it stands.
        await LookAsync(evaluation, Now.AddHours(3));
        Assert.Equal(["bingbot", "googlebot"], (await MessagesAsync(alert)).Select(m => m["data"]!["subject"]!.GetValue<string>()).Order());
    }

    [Fact]
    public async Task Neither_a_few_spoofed_hits_nor_a_rate_that_is_not_sure_alarm()
    {
        var few = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0.2, MinHits = 20, WindowHours = 24 });
        var unsure = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0.3, MinHits = 1, WindowHours = 24 });
        var sure = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0.1, MinHits = 1, WindowHours = 24 });
        await StoreAsync(4, Now.AddHours(-1), h => h.GptBot("spoofed"));
        await StoreAsync(6, Now.AddHours(-1), h => h.GptBot());

        await LookAsync(NewEvaluation(), Now);

        // 4 of 10 are 40 %; the lower end is 17 %.
        Assert.Equal((0, 0, 1), ((await TypesAsync(few)).Count, (await TypesAsync(unsure)).Count, (await TypesAsync(sure)).Count));
    }

    [Fact]
    public async Task What_is_not_complete_yet_does_not_count()
    {
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0, MinHits = 1, WindowHours = 1 });
        await StoreAsync(30, Now, h => h.GptBot("spoofed"));
        await LookAsync(NewEvaluation(), Now);
        Assert.Empty(await TypesAsync(alert));
        await LookAsync(NewEvaluation(), Now.AddMinutes(1));
        Assert.Single(await TypesAsync(alert));
    }

    [Fact]
    public async Task A_restart_and_a_second_program_repeat_and_forget_nothing()
    {
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0.2, MinHits = 20, WindowHours = 24 });
        await StoreAsync(40, Now.AddHours(-1), h => h.GptBot("spoofed"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LookAsync(NewEvaluation(), Now)));
        await LookAsync(NewEvaluation(), Now.AddMinutes(1));
        Assert.Equal(["alert.firing"], await TypesAsync(alert));
        await LookAsync(NewEvaluation(), Now.AddHours(30));
        await LookAsync(NewEvaluation(), Now.AddHours(31));
        Assert.Equal(["alert.firing", "alert.resolved"], await TypesAsync(alert));
    }

    [Fact]
    public async Task A_rule_for_other_crawlers_or_that_is_off_says_nothing()
    {
        var other = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0, MinHits = 1, WindowHours = 24, Crawlers = ["googlebot"] });
        var purpose = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0, MinHits = 1, WindowHours = 24, Purposes = ["search"] });
        var off = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0, MinHits = 1, WindowHours = 24 }, isEnabled: false);
        await StoreAsync(40, Now.AddHours(-1), h => h.GptBot("spoofed"));
        await LookAsync(NewEvaluation(), Now);
        await NothingAsync(other, purpose, off);
    }

    [Fact]
    public async Task A_crawler_that_was_never_seen_is_told_once()
    {
        await StoreAsync(1, Now.AddDays(-20), h => h);
        await StoreAsync(1, Now.AddDays(-19), h => h.Googlebot());
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.NewCrawler, Days = 7 }, Now.AddDays(-2));
        await StoreAsync(3, Now.AddHours(-5), h => h.GptBot());
        await StoreAsync(3, Now.AddHours(-5), h => h.Googlebot());
        await StoreAsync(3, Now.AddHours(-5), h => h.By("claudebot", "Anthropic", "ai-training", "spoofed"));

        var evaluation = NewEvaluation();
        await LookAsync(evaluation, Now);
        await LookAsync(evaluation, Now.AddMinutes(2));
        await LookAsync(NewEvaluation(), Now.AddMinutes(3));

        Assert.Equal("gptbot", Assert.Single(await MessagesAsync(alert))["data"]!["subject"]!.GetValue<string>());

        // One that comes while the program runs.
        await StoreAsync(1, Now.AddMinutes(3), h => h.By("perplexitybot", "Perplexity", "ai-search", "verified"));
        await LookAsync(evaluation, Now.AddMinutes(5));
        await LookAsync(evaluation, Now.AddMinutes(7));
        Assert.Equal(["gptbot", "perplexitybot"], (await MessagesAsync(alert)).Select(m => m["data"]!["subject"]!.GetValue<string>()).Order());
    }

    [Fact]
    public async Task Crawlers_that_were_there_before_the_alert_or_in_a_site_s_first_days_are_not_new()
    {
        var late = await AlertAsync(new AlertRule { Kind = AlertKinds.NewCrawler, Days = 0, Purposes = ["ai-training"] }, Now.AddDays(-1));
        var learning = await AlertAsync(new AlertRule { Kind = AlertKinds.NewCrawler, Days = 30, Purposes = ["ai-training"] }, Now.AddDays(-10));
        await StoreAsync(1, Now.AddDays(-4), h => h);
        await StoreAsync(1, Now.AddDays(-3), h => h.GptBot());
        await StoreAsync(1, Now.AddHours(-3), h => h.GptBot());
        await LookAsync(NewEvaluation(), Now);
        await NothingAsync(late, learning);
    }

    [Fact]
    public async Task A_regular_crawler_that_stays_away_is_told_and_its_return_too()
    {
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.CrawlStopped, Factor = 5, MinVisits = 10, Purposes = ["ai-training"] });
        var patient = await AlertAsync(new AlertRule { Kind = AlertKinds.CrawlStopped, Factor = 50, MinVisits = 10, Purposes = ["ai-training"] });
        for (int hours = 20; hours <= 80; hours += 2)
            await StoreAsync(2, Now.AddHours(-hours), h => h.GptBot());
        // Spoofed hits are no visits, and who came only twice is not regular.
        await StoreAsync(5, Now.AddHours(-1), h => h.GptBot("spoofed"));
        await StoreAsync(1, Now.AddHours(-100), h => h.By("claudebot", "Anthropic", "ai-training", "verified"));
        await StoreAsync(1, Now.AddHours(-90), h => h.By("claudebot", "Anthropic", "ai-training", "verified"));

        await LookAsync(NewEvaluation(), Now);

        var message = Assert.Single(await MessagesAsync(alert));
        Assert.Equal(("gptbot", 2), (message["data"]!["subject"]!.GetValue<string>(), message["data"]!["figures"]!["usualGapHours"]!.GetValue<double>()));
        Assert.Empty(await TypesAsync(patient));

        // So long that its visits are no longer in the history: still silent.
        await LookAsync(NewEvaluation(), Now.AddDays(40));
        Assert.Equal(["alert.firing"], await TypesAsync(alert));
        await StoreAsync(1, Now.AddDays(40).AddHours(1), h => h.GptBot());
        await LookAsync(NewEvaluation(), Now.AddDays(40).AddHours(2));
        Assert.Equal(["alert.firing", "alert.resolved"], await TypesAsync(alert));
    }

    [Fact]
    public async Task Disallowed_fetches_are_told_by_the_robots_file_that_was_served()
    {
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.Robots, MinHits = 5, WindowHours = 24 });
        var many = await AlertAsync(new AlertRule { Kind = AlertKinds.Robots, MinHits = 500, WindowHours = 24 });
        await ServeRobotsAsync(Now.AddDays(-10), "User-agent: *\nDisallow: /private\n");
        await StoreAsync(6, Now.AddHours(-2), h => h.GptBot() with { Path = "/private/a" });
        await StoreAsync(9, Now.AddHours(-2), h => h.Googlebot() with { Path = "/open" });
        await StoreAsync(9, Now.AddHours(-2), h => h.By("claudebot", "Anthropic", "ai-training", "spoofed") with { Path = "/private/b" });
        var evaluation = NewEvaluation();

        await LookAsync(evaluation, Now);

        var message = Assert.Single(await MessagesAsync(alert));
        Assert.Equal(("gptbot", 6), (message["data"]!["subject"]!.GetValue<string>(), message["data"]!["figures"]!["fetches"]!.GetValue<int>()));
        Assert.Empty(await TypesAsync(many));

        // The same evaluation reads on, and a new alert of another site does not begin this one anew.
        string other = await api.NewSiteAsync();
        await AlertAsync(new AlertRule { Kind = AlertKinds.Robots, MinHits = 1, WindowHours = 1 }, site: other);
        await LookAsync(evaluation, Now.AddMinutes(2));
        Assert.Equal(["alert.firing"], await TypesAsync(alert));
        await LookAsync(evaluation, Now.AddHours(26));
        Assert.Equal(["alert.firing", "alert.resolved"], await TypesAsync(alert));
        foreach (var theirs in await Alerts.ListAsync(other))
            await Alerts.RemoveAsync(theirs, Tenant.Default, Actor.Account);
    }

    [Fact]
    public async Task A_page_group_that_nobody_fetches_is_told_until_somebody_does()
    {
        string prefix = "/it's/\\{x:String}";
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.NotCrawled, Days = 3, PathPrefix = prefix, Crawlers = ["gptbot"] }, Now.AddDays(-10));
        var fresh = await AlertAsync(new AlertRule { Kind = AlertKinds.NotCrawled, Days = 3, PathPrefix = prefix }, Now.AddDays(-10));
        var young = await AlertAsync(new AlertRule { Kind = AlertKinds.NotCrawled, Days = 3, PathPrefix = "/nothing" }, Now.AddDays(-1));
        await StoreAsync(1, Now.AddDays(-5), h => h.GptBot() with { Path = prefix + "/a" });
        await StoreAsync(1, Now.AddDays(-1), h => h.Googlebot() with { Path = prefix + "/a" });
        await StoreAsync(1, Now.AddDays(-1), h => h.GptBot() with { Path = "/other" });
        await StoreAsync(1, Now.AddDays(-1), h => h.GptBot() with { Path = prefix, Status = 404 });
        var evaluation = NewEvaluation();

        await LookAsync(evaluation, Now);

        Assert.Equal(["alert.firing"], await TypesAsync(alert));
        await NothingAsync(fresh, young);
        await StoreAsync(1, Now.AddMinutes(5), h => h.GptBot() with { Path = prefix });
        await LookAsync(evaluation, Now.AddMinutes(6));
        Assert.Equal(["alert.firing", "alert.resolved"], await TypesAsync(alert));
    }

    [Fact]
    public async Task A_rule_that_is_written_anew_forgets_and_one_whose_channels_change_does_not()
    {
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0.2, MinHits = 20, WindowHours = 24 });
        await StoreAsync(40, Now.AddHours(-1), h => h.GptBot("spoofed"));
        await LookAsync(NewEvaluation(), Now);

        await PutAsync(alert with { Name = "Other name" });
        await LookAsync(NewEvaluation(), Now.AddMinutes(1));
        Assert.Single(await TypesAsync(alert));
        await PutAsync(alert with { Rule = alert.Rule with { MinHits = 30 } });
        await LookAsync(NewEvaluation(), Now.AddMinutes(2));
        Assert.Equal(2, (await TypesAsync(alert)).Count);
    }

    [Fact]
    public async Task The_service_looks_at_what_the_store_says_is_complete()
    {
        // Every writer of this store stopped in order or there is none, so it is complete until now.
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0.2, MinHits = 20, WindowHours = 24 });
        await StoreAsync(40, Now.AddHours(-1), h => h.GptBot("spoofed"));
        var looked = new FailingFinder();
        using var service = new AlertService(
            NewEvaluation(ActivatorUtilities.CreateInstance<SpoofingFinder>(api.Services), looked), api.Services.GetRequiredService<Weir.Analytics.Api.Reports.CompletenessReport>(),
            new AnalyticsOptions { AlertPause = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, LoggerFactory.Create(_ => { }).CreateLogger<AlertService>());
        await AlertAsync(new AlertRule { Kind = AlertKinds.Robots, MinHits = 5, WindowHours = 24 });

        await service.StartAsync(TestContext.Current.CancellationToken);
        await looked.Twice.Task.WaitAsync(TestContext.Current.CancellationToken);
        await service.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Equal(["alert.firing"], await TypesAsync(alert));
    }

    [Fact]
    public async Task A_kind_that_cannot_be_looked_for_keeps_no_other_and_is_tried_again()
    {
        var alert = await AlertAsync(new AlertRule { Kind = AlertKinds.Spoofing, Rate = 0.2, MinHits = 20, WindowHours = 24 });
        await AlertAsync(new AlertRule { Kind = AlertKinds.Robots, MinHits = 5, WindowHours = 24 });
        await StoreAsync(40, Now.AddHours(-1), h => h.GptBot("spoofed"));
        var failing = new FailingFinder();
        var spoofing = api.Services.GetServices<IAlertFinder>().Single(f => f.Kind == AlertKinds.Spoofing);
        var evaluation = NewEvaluation(failing, spoofing);
        await LookAsync(evaluation, Now);
        await LookAsync(evaluation, Now.AddSeconds(1));
        Assert.Equal(["alert.firing"], await TypesAsync(alert));
        Assert.Equal(2, failing.Looks);
    }

    private sealed class FailingFinder : IAlertFinder
    {
        public int Looks { get; private set; }

        public TaskCompletionSource Twice { get; } = new();

        public string Kind => AlertKinds.Robots;

        public TimeSpan Every => TimeSpan.FromHours(1);

        public Task<IReadOnlyList<Finding>?> FindAsync(IReadOnlyList<Alert> alerts, IReadOnlyList<AlertState> states, DateTimeOffset until, CancellationToken stop)
        {
            if (++Looks == 2)
                Twice.SetResult();
            throw new IOException("The store is away.");
        }
    }

    /// <summary>One with no memory, as after a start.</summary>
    private AlertEvaluation NewEvaluation(params IAlertFinder[] finders) => new(
        Alerts, finders.Length > 0 ? finders :
        [
            ActivatorUtilities.CreateInstance<NewCrawlerFinder>(api.Services), ActivatorUtilities.CreateInstance<SpoofingFinder>(api.Services),
            ActivatorUtilities.CreateInstance<CrawlStoppedFinder>(api.Services), ActivatorUtilities.CreateInstance<RobotsFinder>(api.Services),
            ActivatorUtilities.CreateInstance<NotCrawledFinder>(api.Services),
        ], api.Services.GetRequiredService<AlertMetrics>(), LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<AlertEvaluation>());

    private async Task LookAsync(AlertEvaluation evaluation, DateTimeOffset until)
    {
        await evaluation.EvaluateAsync(until, TestContext.Current.CancellationToken);
        Assert.All(_log.Lines, l => Assert.Contains("The store is away.", l, StringComparison.Ordinal));
    }

    private async Task<Alert> AlertAsync(AlertRule rule, DateTimeOffset? created = null, bool isEnabled = true, string? site = null)
    {
        var alert = new Alert(SqlDestinations.NewId("alr"), site ?? _site, rule.Kind, rule, new AlertManner(60, true), isEnabled, created ?? Now.AddDays(-1), Now);
        await PutAsync(alert);
        return alert;
    }

    private Task<bool> PutAsync(Alert alert) =>
        Alerts.PutAsync(alert, [new Destination($"chn_{alert.Id}", DestinationKind.Webhook, "http://127.0.0.1:9/", WebhookSecret.New())], Tenant.Default, Actor.Account);

    private Task StoreAsync(int count, DateTimeOffset at, Func<TestHit, TestHit> of) =>
        api.StoreAsync(Enumerable.Range(0, count).Select(i => of(new TestHit(_site, at.AddMilliseconds(i)))));

    private Task KnowAsync(string address, DateTimeOffset at, string identity) => api.Store.InsertBinaryAsync(
        "weir.verifications", ["as_of", "client_address", "crawler", "identity", "identity_method"],
        [[at.UtcDateTime, System.Net.IPAddress.Parse(address).MapToIPv6(), "googlebot", identity, "reverse-dns"]]);

    private Task ServeRobotsAsync(DateTimeOffset at, string text) => api.Store.InsertBinaryAsync(
        "weir.robots_versions", ["time", "site", "host", "status", "mode", "hash", "text", "edge"],
        [[at.UtcDateTime, _site, $"{_site}.test", (ushort)200, "pass", "abc", text, "edge"]]);

    private async Task NothingAsync(params Alert[] alerts)
    {
        foreach (var alert in alerts)
            Assert.Empty(await TypesAsync(alert));
    }

    private async Task<List<string>> TypesAsync(Alert alert) => [.. (await MessagesAsync(alert)).Select(m => m["type"]!.GetValue<string>())];

    /// <summary>The bodies of an alert's messages, oldest first.</summary>
    private async Task<List<JsonNode>> MessagesAsync(Alert alert)
    {
        var deliveries = await api.Services.GetRequiredService<SqlDeliveries>().ListAsync(alert.Owner, null, 100);
        await using var connection = await api.Services.GetRequiredService<IControlStore>().ReadAsync();
        List<JsonNode> bodies = [];
        foreach (var delivery in deliveries.OrderBy(d => d.Type, StringComparer.Ordinal))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT json FROM deliveries WHERE id = @id";
            var id = command.CreateParameter();
            (id.ParameterName, id.Value) = ("@id", delivery.Id);
            command.Parameters.Add(id);
            bodies.Add(JsonNode.Parse((string)(await command.ExecuteScalarAsync())!)!);
        }
        return bodies;
    }

    private static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds() / 60_000 * 60_000);
}
