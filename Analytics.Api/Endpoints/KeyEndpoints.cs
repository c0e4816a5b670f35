using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>API keys: made, listed and revoked by keys and members that may. Nobody makes a key that may more than they.</summary>
internal static class KeyEndpoints
{
    public static RouteGroupBuilder MapKeys(this RouteGroupBuilder v1)
    {
        v1.MapGet("/keys", ListAsync).WithName("ListKeys").WithTags("Keys")
            .WithSummary("Keys in the order of making: what they allow, until when, and when they were last used; never the keys themselves")
            .RequireScope(Scopes.KeysRead).ProducesProblem(400);
        v1.MapPost("/keys", CreateAsync).WithName("CreateKey").WithTags("Keys")
            .WithSummary("Makes a key and shows it this once; it may no more than the caller may")
            .Accepts<KeyWish>("application/json").WithMetadata(new SessionMayWrite()).RequireScope(Scopes.KeysWrite)
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        v1.MapDelete("/keys/{key}", RevokeAsync).WithName("RevokeKey").WithTags("Keys")
            .WithSummary("Makes a key open nothing from now on; other machines follow within five seconds")
            .WithMetadata(new SessionMayWrite()).RequireScope(Scopes.KeysWrite).ProducesProblem(403).ProducesProblem(404);
        return v1;
    }

    private static async Task<Results<Ok<Page<KeyRow>>, ProblemHttpResult>> ListAsync(
        HttpContext http, string? cursor, string? limit, IApiKeys keys, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        string? after = check.Text("cursor", cursor, 64);
        int rows = check.Int("limit", limit, 1, 1000, 100);
        var visible = await VisibleAsync(http.Caller(), keys, stop);
        int start = after is null ? 0 : visible.FindIndex(k => k.Id == after) + 1;
        if (after is not null && start == 0)
            check.Error("cursor", "'cursor' must be the 'next' of an earlier answer, as it was given.");
        if (check.Failed(out var problem))
            return problem;
        var page = visible.Skip(start).Take(rows).ToList();
        return TypedResults.Ok(new Page<KeyRow>([.. page.Select(k => KeyRow.Of(k, time.GetUtcNow()))], start + page.Count < visible.Count ? page[^1].Id : null));
    }

    private static async Task<Results<Created<CreatedKey>, ProblemHttpResult>> CreateAsync(
        HttpContext http, IApiKeys keys, SiteAccess sites, TimeProvider time, CancellationToken stop)
    {
        http.Response.Headers.CacheControl = "no-store";
        var caller = http.Caller();
        var check = new QueryCheck();
        var wish = await JsonBody.ReadAsync<KeyWish>(http, check, stop) ?? new KeyWish(null, null, null, null);
        var wanted = await ReadAsync(check, wish, caller, sites, time.GetUtcNow(), stop);
        if (check.Failed(out var problem))
            return problem;
        if (MoreThan(caller, wanted.Scopes, wanted.Sites, wanted.Expires) is { } more)
            return Problems.Make(403, "key-grants-more", "The key would allow more than you may", more, "Ask for less, or use a key that may that.");
        if ((await keys.ListAsync(caller.Tenant, stop)).Count(k => k.IsActive(time.GetUtcNow())) >= ApiKey.ActiveMax)
            return Problems.Make(409, "keys-full", "As many keys as one organisation may have", $"{ApiKey.ActiveMax} keys are active.", "Revoke those that GET /v1/keys shows as unused.");
        var made = await keys.CreateAsync(wanted with { By = http.Actor() }, stop);
        return TypedResults.Created($"/v1/keys/{made.Key.Id}", new CreatedKey(made.Text, KeyRow.Of(made.Key, time.GetUtcNow())));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(HttpContext http, string key, IApiKeys keys, CancellationToken stop)
    {
        var caller = http.Caller();
        if ((await VisibleAsync(caller, keys, stop)).Find(k => k.Id == key) is not { } found)
            return Problems.Make(404, "key-unknown", "No such key", "There is no key of this public id here.", "List them with GET /v1/keys.");
        // A key's end is no matter of its own: whoever may make short-lived ones may end them.
        if (found.Id != caller.Id && MoreThan(caller, found.Scopes, found.Sites, null) is { } more)
            return Problems.Make(403, "key-grants-more", "The key allows more than you may", more, "Use a key that may as much as the one to revoke.");
        await keys.RevokeAsync(found.Id, http.Actor(), stop);
        return TypedResults.NoContent();
    }

    private static async Task<List<ApiKey>> VisibleAsync(Caller caller, IApiKeys keys, CancellationToken stop) =>
        [.. (await keys.ListAsync(caller.Tenant, stop)).Where(k => IsWithin(caller, k.Sites))];

    private static async Task<NewApiKey> ReadAsync(QueryCheck check, KeyWish wish, Caller caller, SiteAccess access, DateTimeOffset now, CancellationToken stop)
    {
        string[] scopes = wish.Scopes ?? [];
        if (scopes.Length is 0 or > 50 || scopes.Any(s => !Scopes.All.Contains(s, StringComparer.Ordinal)))
            check.Error("scopes", $"'scopes' must be a list of at least one of {string.Join(", ", Scopes.All)}.");
        // What is left out is what the caller has: a key for one site, or until tomorrow, makes none for all sites and for ever.
        var sites = caller.Sites?.ToList();
        if (wish.Sites is { } given)
        {
            sites = [];
            if (given.Length is 0 or > 100)
                check.Error("sites", "'sites' must list 1 to 100 sites, or be left out for all.");
            foreach (string text in given.Take(100).Distinct(StringComparer.Ordinal))
            {
                if (SiteId.TryParse(text, null, out var site) && (await access.MayReadAsync(caller, site, stop) || await access.MayMakeAsync(caller, site, stop)))
                    sites.Add(site);
                else
                    check.Error("sites", "'sites' names a site that this caller does not know. List the sites with GET /v1/sites.");
            }
        }
        var expires = caller.Expires;
        if (!string.IsNullOrEmpty(wish.Expires))
        {
            if (TimeRange.TryParseTime(wish.Expires, out var end) && end > now)
                expires = end;
            else
                check.Error("expires", "'expires' must be a time to come, such as 2027-01-31T00:00:00Z, or be left out for never.");
        }
        string name = wish.Name?.Trim() ?? "";
        if (name.Length > ApiKey.NameCharsMax || name.Any(char.IsControl))
            check.Error("name", $"'name' must be a text of at most {ApiKey.NameCharsMax} characters on one line.");
        return new NewApiKey(scopes, caller.Tenant, sites, expires, name);
    }

    private static bool IsWithin(Caller caller, IReadOnlyList<SiteId>? sites) => caller.Sites is null || sites is not null && sites.All(caller.AllowsSite);

    /// <summary>What a key with these would allow that the caller may not, by the field's name; null when nothing.</summary>
    private static string? MoreThan(Caller caller, IReadOnlyList<string> scopes, IReadOnlyList<SiteId>? sites, DateTimeOffset? expires)
    {
        if (scopes.FirstOrDefault(s => !caller.Allows(s)) is { } scope)
            return $"scopes: '{scope}' is none of the caller's.";
        if (!IsWithin(caller, sites))
            return $"sites: the caller is for {string.Join(", ", caller.Sites!)} alone.";
        return expires is not null && caller.Expires is { } end && expires > end
            ? string.Create(CultureInfo.InvariantCulture, $"expires: the caller itself ends at {end:u}.") : null;
    }
}

/// <summary>A key to make.</summary>
/// <param name="Name">What people call it; at most 200 characters.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="Sites">The only sites; left out for all that the caller has.</param>
/// <param name="Expires">When it ends; left out for when the caller's own key does, else never.</param>
internal sealed record KeyWish(string? Name, string[]? Scopes, string[]? Sites, string? Expires);

/// <summary>A key just made.</summary>
/// <param name="Key">The key; this is the only time that it is shown.</param>
/// <param name="Row">What is kept of it.</param>
internal sealed record CreatedKey(string Key, KeyRow Row);

/// <summary>What is known of a key.</summary>
/// <param name="Id">Public id: the ten characters behind <c>weir_</c>.</param>
/// <param name="Name">What people call it; may be empty.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="Sites">The only sites; null for all of the organisation's.</param>
/// <param name="State"><c>active</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it ends; null for never.</param>
/// <param name="LastUsed">The last use, to about a minute; null when there was none.</param>
/// <param name="Revoked">When it was revoked; null when it was not.</param>
internal sealed record KeyRow(
    string Id, string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string>? Sites, string State,
    DateTimeOffset Created, DateTimeOffset? Expires, DateTimeOffset? LastUsed, DateTimeOffset? Revoked)
{
    public static KeyRow Of(ApiKey key, DateTimeOffset now) => new(
        key.Id, key.Name, key.Scopes, key.Sites?.Select(s => s.Value).ToList(), key.Revoked is not null ? "revoked" : key.IsActive(now) ? "active" : "expired",
        key.Created, key.Expires, key.LastUsed, key.Revoked);
}
