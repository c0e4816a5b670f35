using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Delivery;
using Weir.Scheduling;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;
using Weir.Scheduling.Webhooks;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Signed events from other programs, and the endpoints that take them.</summary>
internal static class InboundEndpoints
{
    private const int BodyBytesMax = 64 * 1024;

    public static RouteGroupBuilder MapInbound(this RouteGroupBuilder v1)
    {
        var inbound = v1.MapGroup("/events/inbound").WithTags("Webhooks");
        inbound.MapGet("", ListAsync).WithName("ListInboundEndpoints").WithSummary("Endpoints that take signed events, without their secrets")
            .RequireScope(Scopes.WebhooksRead).WithMetadata(new WholeOrganisation());
        inbound.MapPost("", PostAsync).WithName("CreateInboundEndpoint").WithSummary("Makes an endpoint for signed events; its secret is in this answer and never shown again")
            .Accepts<InboundBody>(isOptional: true, "application/json").RequireScope(Scopes.WebhooksWrite)
            .WithMetadata(new WholeOrganisation(), new SessionMayWrite(), new RequestSizeLimitAttribute(BodyBytesMax)).ProducesProblem(400).ProducesProblem(409);
        inbound.MapDelete("/{inbound}", RemoveAsync).WithName("DeleteInboundEndpoint").WithSummary("Removes an endpoint; what is sent there is refused from now on")
            .RequireScope(Scopes.WebhooksWrite).WithMetadata(new WholeOrganisation(), new SessionMayWrite()).ProducesProblem(404);
        inbound.MapPost("/{inbound}", TakeAsync).WithName("PostInboundEvent")
            .WithSummary("Takes an event signed as Standard Webhooks describe it; the signature is what lets it in, and a webhook-id that comes again is the same event")
            .Accepts<InboundMessage>("application/json").WithMetadata(new VerifiesItself(), new RequestSizeLimitAttribute(BodyBytesMax))
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(404).ProducesProblem(422);
        return v1;
    }

    private static async Task<Ok<InboundList>> ListAsync(HttpContext http, SqlInboundEndpoints endpoints, CancellationToken stop) =>
        TypedResults.Ok(new InboundList([.. (await endpoints.ListAsync(http.Caller().Tenant, stop)).Select(e => InboundRow.Of(e))]));

    private static async Task<Results<Created<InboundRow>, ProblemHttpResult>> PostAsync(
        HttpContext http, SqlInboundEndpoints endpoints, TimeProvider time, CancellationToken stop)
    {
        http.Response.Headers.CacheControl = "no-store";
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<InboundBody>(http, check, stop);
        string name = body?.Name?.Trim() ?? "events";
        if (name.Length is 0 or > Webhook.NameMax || name.Any(char.IsControl))
            check.Error("name", $"'name' must be 1 to {Webhook.NameMax} characters on one line.");
        if (body?.Secret is { } given && !WebhookSecret.IsValid(given))
            check.Error("secret", $"'secret' must be {WebhookSecret.Rule}; one is made without it.");
        if (check.Failed(out var problem))
            return problem;
        var made = new InboundEndpoint(SqlDestinations.NewId("in"), http.Caller().Tenant, name, body?.Secret ?? WebhookSecret.New(), time.GetUtcNow());
        if (!await endpoints.AddAsync(made, http.Actor(), stop))
            return Problems.Make(409, "inbound-full", "The organisation has as many endpoints as it may", $"An organisation has at most {InboundEndpoint.TenantMax}.", "Remove one first.");
        return TypedResults.Created($"/v1/events/inbound/{made.Id}", InboundRow.Of(made, isSecretShown: body?.Secret is null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(HttpContext http, string inbound, SqlInboundEndpoints endpoints, CancellationToken stop) =>
        await endpoints.RemoveAsync(http.Caller().Tenant, inbound, http.Actor(), stop) ? TypedResults.NoContent() : Unknown();

    private static async Task<Results<Ok<EventTaken>, ProblemHttpResult>> TakeAsync(
        HttpContext http, string inbound, SqlInboundEndpoints endpoints, IEvents events, SqlSiteHosts hosts, EngineCatalog engines, TimeProvider time, CancellationToken stop)
    {
        if (await endpoints.FindAsync(inbound, stop) is not { } endpoint)
            return Unknown();
        using var whole = new MemoryStream();
        await http.Request.Body.CopyToAsync(whole, stop);
        string? id = http.Request.Headers["webhook-id"];
        if (WebhookVerifier.Refusal(endpoint.Secret, id, http.Request.Headers["webhook-timestamp"], http.Request.Headers["webhook-signature"], whole.ToArray(), time.GetUtcNow()) is { } why)
            return Problems.Make(401, "signature-refused", "The message is not signed as it must be", why, "Sign it as standardwebhooks.com describes, with this endpoint's secret, and send it again.");
        if (Read(whole.ToArray(), id!) is not { } body)
            return Problems.Make(400, "bad-request", "The body cannot be used", "It must be one JSON object with type, timestamp and data.", "See docs/webhooks.md.");
        var rules = new EventRules(engines, await EventRules.HostsAsync([body], endpoint.Tenant, hosts, stop), isNarrow: false, time.GetUtcNow());
        var draft = rules.Read(body);
        var taken = draft.Event is null ? EventTaken.Wrong(0, draft)
            : EventTaken.Of(0, draft.Event, (await events.RecordAsync(new Reach(endpoint.Tenant), [draft.Event], stop))[0]);
        return taken.Errors.Count == 0 ? TypedResults.Ok(taken)
            : Problems.Make(422, "events", "The event cannot be used", $"{taken.Errors[0].Field}: {taken.Errors[0].Error}", "Mend it and send it again, under the same webhook-id.");
    }

    // The form of Standard Webhooks, as the one event that POST /v1/events takes: its key is the message's id.
    private static JsonElement? Read(byte[] body, string id)
    {
        try
        {
            if (JsonNode.Parse(body) is not JsonObject message || message["data"] is not JsonObject data)
                return null;
            return JsonSerializer.SerializeToElement(new JsonObject
            {
                ["key"] = id,
                ["kind"] = message["type"]?.DeepClone(),
                ["at"] = message["timestamp"]?.DeepClone(),
                ["strength"] = data["strength"]?.DeepClone(),
                ["aim"] = data["aim"]?.DeepClone(),
                ["note"] = data["note"]?.DeepClone(),
            });
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ProblemHttpResult Unknown() => Problems.Make(404, "inbound-unknown", "No such endpoint",
        "There is no endpoint of this id here.", "List them with GET /v1/events/inbound.");
}

/// <summary>An endpoint as it is made.</summary>
internal sealed record InboundBody
{
    /// <summary>What people call it, 1 to 100 characters.</summary>
    public string? Name { get; init; }

    /// <summary>What its messages are signed with, when the sender made it; one is made without it.</summary>
    public string? Secret { get; init; }
}

/// <summary>An endpoint as it is shown.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Path">Where messages are POSTed.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Secret">What messages are signed with, in the answer to whoever had it made, and never again.</param>
internal sealed record InboundRow(
    string Id, string Name, string Path, DateTimeOffset Created, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret = null)
{
    public static InboundRow Of(InboundEndpoint e, bool isSecretShown = false) => new(e.Id, e.Name, $"/v1/events/inbound/{e.Id}", e.Created, isSecretShown ? e.Secret : null);
}

/// <summary>An organisation's endpoints for signed events.</summary>
/// <param name="Items">In the order of their making.</param>
internal sealed record InboundList(IReadOnlyList<InboundRow> Items);

/// <summary>A signed event.</summary>
internal sealed record InboundMessage
{
    /// <summary><c>competitor_published</c>, <c>ai_model_updated</c> or <c>query_trending</c>.</summary>
    public string? Type { get; init; }

    /// <summary>When it happened.</summary>
    public string? Timestamp { get; init; }

    /// <summary>What it is about.</summary>
    public InboundData? Data { get; init; }
}

/// <summary>What a signed event is about.</summary>
internal sealed record InboundData
{
    /// <summary><c>high</c>, <c>medium</c> (without it) or <c>low</c>.</summary>
    public string? Strength { get; init; }

    /// <summary>What it is about; of several, all must hold.</summary>
    public EventAimBody? Aim { get; init; }

    /// <summary>For people, up to 1000 characters.</summary>
    public string? Note { get; init; }
}
