using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Alerts;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Delivery;
using Weir.Detection;
using Weir.Detection.Catalog;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>A site's alerts, and what became of their messages.</summary>
internal static class AlertEndpoints
{
    private const int BodyBytesMax = 64 * 1024, NameMax = 100, CooldownMinutesMax = 7 * 24 * 60;

    // Tests go where whoever writes an alert says; so many may wait at a time.
    private const int TestsWaitingMax = 20;

    public static RouteGroupBuilder MapAlerts(this RouteGroupBuilder v1)
    {
        var alerts = v1.MapGroup("/sites/{site}/alerts").WithTags("Alerts");
        alerts.MapGet("", ListAsync).WithName("ListAlerts").WithSummary("A site's alerts, with what is firing").RequireScope(Scopes.SitesRead);
        Writes(alerts.MapPost("", PostAsync)).WithName("CreateAlert")
            .WithSummary("Makes an alert; signing secrets that it makes are in this answer and never shown again").Accepts<AlertBody>("application/json").ProducesProblem(409);
        alerts.MapGet("/{id}", FindAsync).WithName("GetAlert").WithSummary("One alert").RequireScope(Scopes.SitesRead).ProducesProblem(404);
        Writes(alerts.MapPut("/{id}", PutAsync)).WithName("PutAlert")
            .WithSummary("Writes an alert anew; channels that keep their id keep their address and secret").Accepts<AlertBody>("application/json");
        Writes(alerts.MapDelete("/{id}", RemoveAsync)).WithName("DeleteAlert").WithSummary("Removes an alert with its log");
        Writes(alerts.MapPost("/{id}/test", TestAsync)).WithName("TestAlert").WithSummary("Sends a sample to every channel").ProducesProblem(429);
        alerts.MapGet("/{id}/deliveries", DeliveriesAsync).WithName("ListAlertDeliveries")
            .WithSummary("What was sent, newest first, with every attempt").RequireScope(Scopes.SitesRead).ProducesProblem(400).ProducesProblem(404);
        Writes(alerts.MapPost("/{id}/deliveries/{delivery}/replay", ReplayAsync)).WithName("ReplayAlertDelivery")
            .WithSummary("Sends a delivery again; its webhook-id stays");
        return v1;
    }

    private static RouteHandlerBuilder Writes(RouteHandlerBuilder endpoint) => endpoint
        .RequireScope(Scopes.SitesWrite).WithMetadata(new SessionMayWrite(), new RequestSizeLimitAttribute(BodyBytesMax)).ProducesProblem(400).ProducesProblem(404);

    private static async Task<Ok<AlertList>> ListAsync(SiteId site, SqlAlerts alerts, SqlDestinations destinations, CancellationToken stop)
    {
        var states = await alerts.StatesAsync(site.Value, stop);
        List<AlertRow> rows = [];
        foreach (var alert in await alerts.ListAsync(site.Value, stop))
            rows.Add(AlertRow.Of(alert, await destinations.ListAsync(alert.Owner, stop), states));
        return TypedResults.Ok(new AlertList(rows));
    }

    private static async Task<Results<Ok<AlertRow>, ProblemHttpResult>> FindAsync(
        SiteId site, string id, SqlAlerts alerts, SqlDestinations destinations, CancellationToken stop) =>
        await alerts.FindAsync(site.Value, id, stop) is { } alert
            ? TypedResults.Ok(AlertRow.Of(alert, await destinations.ListAsync(alert.Owner, stop), await alerts.StatesAsync(site.Value, stop)))
            : Unknown();

    private static async Task<Results<Created<AlertRow>, ProblemHttpResult>> PostAsync(
        HttpContext http, SiteId site, SqlAlerts alerts, CrawlerCatalog catalog, DeliveryOptions options, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<AlertBody>(http, check, stop);
        if (check.Failed(out var problem))
            return problem;
        var now = time.GetUtcNow();
        var alert = Read(body, new Alert(SqlDestinations.NewId("alr"), site.Value, "", new AlertRule(), new AlertManner(60, true), true, now, now), catalog, check);
        var (destinations, made) = ChannelCheck.Read(body?.Channels, [], options, check);
        if (check.Failed(out problem))
            return problem;
        if (!await alerts.PutAsync(alert, destinations, http.Caller().Tenant, http.Actor(), stop))
            return Problems.Make(409, "alerts-full", "The site has as many alerts as it may", $"A site has at most {Alert.SiteMax} alerts.", "Remove one first.");
        return TypedResults.Created($"/v1/sites/{site}/alerts/{alert.Id}", AlertRow.Of(alert, destinations, [], made));
    }

    private static async Task<Results<Ok<AlertRow>, ProblemHttpResult>> PutAsync(
        HttpContext http, SiteId site, string id, SqlAlerts alerts, SqlDestinations stored, CrawlerCatalog catalog, DeliveryOptions options, TimeProvider time,
        CancellationToken stop)
    {
        if (await alerts.FindAsync(site.Value, id, stop) is not { } before)
            return Unknown();
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<AlertBody>(http, check, stop);
        if (check.Failed(out var problem))
            return problem;
        var alert = Read(body, before with { Changed = time.GetUtcNow() }, catalog, check);
        var (destinations, made) = ChannelCheck.Read(body?.Channels, await stored.ListAsync(alert.Owner, stop), options, check);
        if (check.Failed(out problem))
            return problem;
        await alerts.PutAsync(alert, destinations, http.Caller().Tenant, http.Actor(), stop);
        return TypedResults.Ok(AlertRow.Of(alert, destinations, await alerts.StatesAsync(site.Value, stop), made));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(HttpContext http, SiteId site, string id, SqlAlerts alerts, CancellationToken stop) =>
        await alerts.FindAsync(site.Value, id, stop) is { } alert && await alerts.RemoveAsync(alert, http.Caller().Tenant, http.Actor(), stop)
            ? TypedResults.NoContent() : Unknown();

    private static async Task<Results<Accepted<AlertSent>, ProblemHttpResult>> TestAsync(
        SiteId site, string id, SqlAlerts alerts, SqlDeliveries deliveries, TimeProvider time, CancellationToken stop)
    {
        if (await alerts.FindAsync(site.Value, id, stop) is not { } alert)
            return Unknown();
        if ((await deliveries.ListAsync(alert.Owner, null, TestsWaitingMax, stop)).Count(d => d.State == DeliveryStates.Waiting) >= TestsWaitingMax)
            return Problems.TooMany($"{TestsWaitingMax} messages of this alert wait already.", "Look at its deliveries, mend the receiver, and try again later.");
        var ids = await alerts.SendAsync(alert, AlertMessages.Test(alert, time.GetUtcNow()), stop);
        return TypedResults.Accepted($"/v1/sites/{site}/alerts/{id}/deliveries", new AlertSent(ids));
    }

    private static async Task<Results<Ok<Page<DeliveryView>>, ProblemHttpResult>> DeliveriesAsync(
        SiteId site, string id, string? cursor, string? limit, SqlAlerts alerts, SqlDeliveries deliveries, CancellationToken stop)
    {
        var check = new QueryCheck();
        int rows = check.Int("limit", limit, 1, 200, 50);
        var before = DeliveryCursor.Read(cursor, check);
        if (check.Failed(out var problem))
            return problem;
        if (await alerts.FindAsync(site.Value, id, stop) is not { } alert)
            return Unknown();
        return TypedResults.Ok(DeliveryCursor.Page(await deliveries.ListAsync(alert.Owner, before, rows, stop), rows));
    }

    private static async Task<Results<Accepted<DeliveryView>, ProblemHttpResult>> ReplayAsync(
        SiteId site, string id, string delivery, SqlAlerts alerts, SqlDeliveries deliveries, CancellationToken stop)
    {
        if (await alerts.FindAsync(site.Value, id, stop) is not { } alert)
            return Unknown();
        return await deliveries.ReplayAsync(alert.Owner, delivery, stop) is { } replayed
            ? TypedResults.Accepted($"/v1/sites/{site}/alerts/{id}/deliveries", replayed)
            : Problems.Make(404, "delivery-unknown", "No such delivery", "The alert has no delivery of this id; they are kept for 30 days.", "List them with GET …/deliveries.");
    }

    private static Alert Read(AlertBody? body, Alert alert, CrawlerCatalog catalog, QueryCheck check)
    {
        string name = body?.Name ?? "";
        if (name.Trim().Length is 0 or > NameMax || name.Any(char.IsControl))
            check.Error("name", $"'name' must be 1 to {NameMax} characters on one line.");
        int cooldown = body?.CooldownMinutes ?? 60;
        if (cooldown is < 0 or > CooldownMinutesMax)
            check.Error("cooldownMinutes", $"'cooldownMinutes' must be from 0 to {CooldownMinutesMax}.");
        return alert with
        {
            Name = name,
            Rule = AlertRuleCheck.Complete(body?.Rule, catalog, check),
            Manner = new AlertManner(cooldown, body?.SendResolved ?? true),
            IsEnabled = body?.IsEnabled ?? true,
        };
    }

    private static ProblemHttpResult Unknown() => Problems.Make(404, "alert-unknown", "No such alert",
        "The site has no alert of this id.", "List them with GET /v1/sites/{site}/alerts.");
}
