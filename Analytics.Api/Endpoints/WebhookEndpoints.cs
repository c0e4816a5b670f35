using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Delivery;
using Weir.Scheduling.Webhooks;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>An organisation's webhooks, and what they were sent.</summary>
internal static class WebhookEndpoints
{
    private const int BodyBytesMax = 64 * 1024, OverlapHoursMax = 168;

    // Tests go where whoever writes a webhook says; so many may wait at a time.
    private const int TestsWaitingMax = 20;

    public static RouteGroupBuilder MapWebhooks(this RouteGroupBuilder v1)
    {
        var hooks = v1.MapGroup("/webhooks").WithTags("Webhooks");
        Reads(hooks.MapGet("", ListAsync)).WithName("ListWebhooks").WithSummary("The organisation's webhooks");
        Writes(hooks.MapPost("", PostAsync)).WithName("CreateWebhook")
            .WithSummary("Makes a webhook; its signing secret is in this answer and never shown again").Accepts<WebhookBody>("application/json").ProducesProblem(409);
        Reads(hooks.MapGet("/{webhook}", FindAsync)).WithName("GetWebhook").WithSummary("One webhook").ProducesProblem(404);
        Writes(hooks.MapPut("/{webhook}", PutAsync)).WithName("PutWebhook")
            .WithSummary("Writes a webhook anew; its secret stays, and one that had ended with 410 is told again").Accepts<WebhookBody>("application/json").ProducesProblem(404);
        Writes(hooks.MapDelete("/{webhook}", RemoveAsync)).WithName("DeleteWebhook").WithSummary("Removes a webhook with its log").ProducesProblem(404);
        Writes(hooks.MapPost("/{webhook}/secret", ChangeSecretAsync)).WithName("ChangeWebhookSecret")
            .WithSummary("Makes another signing secret, shown this once; messages are signed with both for a while").Accepts<SecretBody>(isOptional: true, "application/json").ProducesProblem(404);
        Writes(hooks.MapPost("/{webhook}/test", TestAsync)).WithName("TestWebhook").WithSummary("Sends a sample").ProducesProblem(404).ProducesProblem(409).ProducesProblem(429);
        Reads(hooks.MapGet("/{webhook}/deliveries", DeliveriesAsync)).WithName("ListWebhookDeliveries")
            .WithSummary("What was sent, newest first, with every attempt").ProducesProblem(400).ProducesProblem(404);
        Writes(hooks.MapPost("/{webhook}/replay", ReplayAsync)).WithName("ReplayWebhook")
            .WithSummary("Sends a delivery or those of a span again; each keeps its webhook-id").Accepts<WebhookReplayBody>("application/json").ProducesProblem(404);
        return v1;
    }

    // Messages tell of all of an organisation's targets.
    private static RouteHandlerBuilder Reads(RouteHandlerBuilder endpoint) => endpoint.RequireScope(Scopes.WebhooksRead).WithMetadata(new WholeOrganisation());

    private static RouteHandlerBuilder Writes(RouteHandlerBuilder endpoint) => endpoint
        .RequireScope(Scopes.WebhooksWrite).WithMetadata(new WholeOrganisation(), new SessionMayWrite(), new RequestSizeLimitAttribute(BodyBytesMax)).ProducesProblem(400);

    private static async Task<Ok<WebhookList>> ListAsync(HttpContext http, SqlWebhooks hooks, SqlDestinations destinations, TimeProvider time, CancellationToken stop)
    {
        List<WebhookRow> rows = [];
        foreach (var hook in await hooks.ListAsync(http.Caller().Tenant, stop))
        {
            if (await destinations.ListAsync(hook.Owner, stop) is [var to, ..])
                rows.Add(WebhookRow.Of(hook, to, time.GetUtcNow()));
        }
        return TypedResults.Ok(new WebhookList(rows));
    }

    private static async Task<Results<Ok<WebhookRow>, ProblemHttpResult>> FindAsync(
        HttpContext http, string webhook, SqlWebhooks hooks, SqlDestinations destinations, TimeProvider time, CancellationToken stop) =>
        await LookAsync(http, webhook, hooks, destinations, stop) is var (hook, to) ? TypedResults.Ok(WebhookRow.Of(hook, to, time.GetUtcNow())) : Unknown();

    private static async Task<Results<Created<WebhookRow>, ProblemHttpResult>> PostAsync(
        HttpContext http, SqlWebhooks hooks, DeliveryOptions options, TimeProvider time, CancellationToken stop)
    {
        http.Response.Headers.CacheControl = "no-store";
        var now = time.GetUtcNow();
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<WebhookBody>(http, check, stop);
        if (check.Failed(out var problem))
            return problem;
        var to = new Destination(SqlDestinations.NewId("chn"), DestinationKind.Webhook, Url(body, null, options, check), WebhookSecret.New()) { SigningKey = WebhookSigningKey.New() };
        var hook = Read(body, new Webhook(SqlDestinations.NewId("whk"), http.Caller().Tenant, "", [], true, now, now), to.Address, check);
        if (check.Failed(out problem))
            return problem;
        if (!await hooks.PutAsync(hook, to, http.Actor(), stop))
            return Problems.Make(409, "webhooks-full", "The organisation has as many webhooks as it may", $"An organisation has at most {Webhook.TenantMax} webhooks.", "Remove one first.");
        return TypedResults.Created($"/v1/webhooks/{hook.Id}", WebhookRow.Of(hook, to, now, isSecretShown: true));
    }

    private static async Task<Results<Ok<WebhookRow>, ProblemHttpResult>> PutAsync(
        HttpContext http, string webhook, SqlWebhooks hooks, SqlDestinations destinations, DeliveryOptions options, TimeProvider time, CancellationToken stop)
    {
        if (await LookAsync(http, webhook, hooks, destinations, stop) is not var (before, had))
            return Unknown();
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<WebhookBody>(http, check, stop);
        if (check.Failed(out var problem))
            return problem;
        var to = had with { Address = Url(body, had.Address, options, check), IsGone = false };
        var hook = Read(body, before with { Changed = time.GetUtcNow() }, to.Address, check);
        if (check.Failed(out problem))
            return problem;
        await hooks.PutAsync(hook, to, http.Actor(), stop);
        return TypedResults.Ok(WebhookRow.Of(hook, to, time.GetUtcNow()));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(HttpContext http, string webhook, SqlWebhooks hooks, CancellationToken stop) =>
        await hooks.FindAsync(http.Caller().Tenant, webhook, stop) is { } hook && await hooks.RemoveAsync(hook, http.Actor(), stop) ? TypedResults.NoContent() : Unknown();

    private static async Task<Results<Ok<WebhookRow>, ProblemHttpResult>> ChangeSecretAsync(
        HttpContext http, string webhook, SqlWebhooks hooks, SqlDestinations destinations, TimeProvider time, CancellationToken stop)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (await LookAsync(http, webhook, hooks, destinations, stop) is not var (hook, _))
            return Unknown();
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<SecretBody>(http, check, stop);
        int hours = body?.OverlapHours ?? 24;
        if (hours is < 0 or > OverlapHoursMax)
            check.Error("overlapHours", $"'overlapHours' must be from 0 to {OverlapHoursMax}.");
        if (check.Failed(out var problem))
            return problem;
        await hooks.ChangeSecretAsync(hook, WebhookSecret.New(), time.GetUtcNow().AddHours(hours), http.Actor(), stop);
        return await destinations.ListAsync(hook.Owner, stop) is [var to, ..] ? TypedResults.Ok(WebhookRow.Of(hook, to, time.GetUtcNow(), isSecretShown: true)) : Unknown();
    }

    private static async Task<Results<Accepted<WebhookSent>, ProblemHttpResult>> TestAsync(
        HttpContext http, string webhook, SqlWebhooks hooks, SqlDeliveries deliveries, TimeProvider time, CancellationToken stop)
    {
        if (await hooks.FindAsync(http.Caller().Tenant, webhook, stop) is not { } hook)
            return Unknown();
        if ((await deliveries.ListAsync(hook.Owner, null, TestsWaitingMax, stop)).Count(d => d.State == DeliveryStates.Waiting) >= TestsWaitingMax)
            return Problems.TooMany($"{TestsWaitingMax} messages of this webhook wait already.", "Look at its deliveries, mend the receiver, and try again later.");
        var ids = await hooks.SendAsync(hook, WebhookMessages.Test(hook, time.GetUtcNow()), stop);
        return ids.Count > 0 ? TypedResults.Accepted($"/v1/webhooks/{hook.Id}/deliveries", new WebhookSent(ids.Count))
            : Problems.Make(409, "webhook-gone", "The receiver wants no more messages", "It answered 410.", "PUT the webhook to try it again.");
    }

    private static async Task<Results<Ok<Page<DeliveryView>>, ProblemHttpResult>> DeliveriesAsync(
        HttpContext http, string webhook, string? cursor, string? limit, SqlWebhooks hooks, SqlDeliveries deliveries, CancellationToken stop)
    {
        var check = new QueryCheck();
        int rows = check.Int("limit", limit, 1, 200, 50);
        var before = DeliveryCursor.Read(cursor, check);
        if (check.Failed(out var problem))
            return problem;
        if (await hooks.FindAsync(http.Caller().Tenant, webhook, stop) is not { } hook)
            return Unknown();
        return TypedResults.Ok(DeliveryCursor.Page(await deliveries.ListAsync(hook.Owner, before, rows, stop), rows));
    }

    private static async Task<Results<Accepted<WebhookSent>, ProblemHttpResult>> ReplayAsync(
        HttpContext http, string webhook, SqlWebhooks hooks, SqlDeliveries deliveries, TimeProvider time, CancellationToken stop)
    {
        if (await hooks.FindAsync(http.Caller().Tenant, webhook, stop) is not { } hook)
            return Unknown();
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<WebhookReplayBody>(http, check, stop);
        if (body?.Delivery is null == (body?.From is null))
            check.Error("delivery", "Name one 'delivery' by its id, or a span by 'from' and 'to'.");
        var from = Time(body?.From, "from", DateTimeOffset.MinValue, check);
        var to = Time(body?.To, "to", time.GetUtcNow(), check);
        if (check.Failed(out var problem))
            return problem;
        if (body!.Delivery is { } id)
        {
            return await deliveries.ReplayAsync(hook.Owner, id, stop) is not null ? TypedResults.Accepted($"/v1/webhooks/{hook.Id}/deliveries", new WebhookSent(1))
                : Problems.Make(404, "delivery-unknown", "No such delivery", "The webhook has no delivery of this id; they are kept for 30 days.", "List them with GET …/deliveries.");
        }
        int sent = await deliveries.ReplaySpanAsync(hook.Owner, from, to, deadOnly: body.Delivered != true, stop);
        return TypedResults.Accepted($"/v1/webhooks/{hook.Id}/deliveries", new WebhookSent(sent));
    }

    private static Webhook Read(WebhookBody? body, Webhook webhook, string address, QueryCheck check)
    {
        string name = body?.Name?.Trim() ?? (webhook.Name.Length > 0 ? webhook.Name : Uri.TryCreate(address, UriKind.Absolute, out var url) ? url.Host : "");
        if (name.Length is 0 or > Webhook.NameMax || name.Any(char.IsControl))
            check.Error("name", $"'name' must be 1 to {Webhook.NameMax} characters on one line.");
        if (body?.Events is not { Count: > 0 } events || events.Any(e => e is null || !WebhookEvents.All.Contains(e)))
            check.Error("events", $"'events' must be one or more of {string.Join(", ", WebhookEvents.All)}.");
        return webhook with { Name = name, Events = [.. body?.Events?.OfType<string>().Distinct(StringComparer.Ordinal) ?? []], IsEnabled = body?.IsEnabled ?? true };
    }

    private static string Url(WebhookBody? body, string? before, DeliveryOptions options, QueryCheck check)
    {
        if (body?.Url is null && before is not null)
            return before;
        if (!TargetUrl.TryParse(body?.Url, options, out _, out string? why))
            check.Error("url", $"'url' {why}.");
        return body?.Url ?? "";
    }

    private static DateTimeOffset Time(string? text, string name, DateTimeOffset otherwise, QueryCheck check)
    {
        if (text is null)
            return otherwise;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        check.Error(name, $"'{name}' must be a time as ISO 8601 has it, such as 2026-11-27T09:00:00Z.");
        return otherwise;
    }

    private static async Task<(Webhook, Destination)?> LookAsync(HttpContext http, string id, SqlWebhooks hooks, SqlDestinations destinations, CancellationToken stop) =>
        await hooks.FindAsync(http.Caller().Tenant, id, stop) is { } hook && await destinations.ListAsync(hook.Owner, stop) is [var to, ..] ? (hook, to) : null;

    private static ProblemHttpResult Unknown() => Problems.Make(404, "webhook-unknown", "No such webhook",
        "The organisation has no webhook of this id.", "List them with GET /v1/webhooks.");
}
