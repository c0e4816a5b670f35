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

/// <summary>Links that show one site, read-only, to whoever has them.</summary>
internal static class ShareEndpoints
{
    public static RouteGroupBuilder MapShares(this RouteGroupBuilder v1)
    {
        v1.MapGet("/sites/{site}/shares", ListAsync).WithName("ListShares").WithTags("Shares")
            .WithSummary("A site's share links in the order of making; never their tokens").RequireScope(Scopes.SitesRead).ProducesProblem(400).ProducesProblem(404);
        v1.MapPost("/sites/{site}/shares", CreateAsync).WithName("CreateShare").WithTags("Shares")
            .WithSummary("Makes a link that shows the site's dashboard, read-only and without visitors' addresses; its token is shown this once")
            .Accepts<ShareWish>("application/json").WithMetadata(new SessionMayWrite()).RequireScope(Scopes.SitesWrite)
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        v1.MapDelete("/sites/{site}/shares/{share}", RevokeAsync).WithName("RevokeShare").WithTags("Shares")
            .WithSummary("Makes a link show nothing from the next request on").WithMetadata(new SessionMayWrite()).RequireScope(Scopes.SitesWrite).ProducesProblem(404);
        return v1;
    }

    private static async Task<Results<Ok<Page<ShareRow>>, ProblemHttpResult>> ListAsync(
        HttpContext http, SiteId site, string? cursor, string? limit, IShares shares, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        string? after = check.Text("cursor", cursor, 64);
        int rows = check.Int("limit", limit, 1, 1000, 100);
        var all = (await shares.ListAsync(http.Caller().Tenant, site, stop)).ToList();
        int start = after is null ? 0 : all.FindIndex(s => s.Id == after) + 1;
        if (after is not null && start == 0)
            check.Error("cursor", "'cursor' must be the 'next' of an earlier answer, as it was given.");
        if (check.Failed(out var problem))
            return problem;
        var page = all.Skip(start).Take(rows).ToList();
        return TypedResults.Ok(new Page<ShareRow>([.. page.Select(s => ShareRow.Of(s, time.GetUtcNow()))], start + page.Count < all.Count ? page[^1].Id : null));
    }

    private static async Task<Results<Created<CreatedShareLink>, ProblemHttpResult>> CreateAsync(
        HttpContext http, SiteId site, IShares shares, TimeProvider time, CancellationToken stop)
    {
        http.Response.Headers.CacheControl = "no-store";
        // Whoever has the link reads: nobody gives away what they have not.
        if (!http.Caller().Allows(Scopes.AnalyticsRead))
            return Problems.ScopeMissing(Scopes.AnalyticsRead);
        var check = new QueryCheck();
        var wish = await JsonBody.ReadAsync<ShareWish>(http, check, stop);
        string name = wish?.Name?.Trim() ?? "";
        if (name.Length > Share.NameCharsMax || name.Any(char.IsControl))
            check.Error("name", $"'name' must be a text of at most {Share.NameCharsMax} characters on one line.");
        DateTimeOffset? expires = null;
        if (!string.IsNullOrEmpty(wish?.Expires))
        {
            if (TimeRange.TryParseTime(wish.Expires, out var end) && end > time.GetUtcNow())
                expires = end;
            else
                check.Error("expires", "'expires' must be a time to come, such as 2027-01-31T00:00:00Z, or be left out for never.");
        }
        if (check.Failed(out var problem))
            return problem;
        try
        {
            var made = await shares.CreateAsync(http.Caller().Tenant, site, name, expires, http.Actor(), stop);
            return TypedResults.Created($"/v1/sites/{site}/shares/{made.Share.Id}",
                new CreatedShareLink(made.Token, $"/share/{made.Token}", ShareRow.Of(made.Share, time.GetUtcNow())));
        }
        catch (ControlException e)
        {
            return Problems.Make(409, "shares-full", "As many links as one site may have", e.Message, "Revoke those that GET shows as not needed.");
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(HttpContext http, SiteId site, string share, IShares shares, CancellationToken stop) =>
        await shares.RevokeAsync(http.Caller().Tenant, site, share, http.Actor(), stop)
            ? TypedResults.NoContent()
            : Problems.Make(404, "share-unknown", "No such link", "This site has no share link of this id.", $"List them with GET /v1/sites/{site}/shares.");
}

/// <summary>A share link to make.</summary>
/// <param name="Name">What people call it; at most 200 characters.</param>
/// <param name="Expires">When it ends; left out for never.</param>
internal sealed record ShareWish(string? Name, string? Expires);

/// <summary>A share link just made.</summary>
/// <param name="Token">The token; this is the only time that it is shown.</param>
/// <param name="Path">The link's path on this host.</param>
/// <param name="Row">What is kept of it.</param>
internal sealed record CreatedShareLink(string Token, string Path, ShareRow Row);

/// <summary>What is known of a share link.</summary>
/// <param name="Id">Public id: the ten characters behind <c>share_</c>.</param>
/// <param name="Name">What people call it; may be empty.</param>
/// <param name="State"><c>active</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it ends; null for never.</param>
/// <param name="Revoked">When it was revoked; null when it was not.</param>
internal sealed record ShareRow(string Id, string Name, string State, DateTimeOffset Created, DateTimeOffset? Expires, DateTimeOffset? Revoked)
{
    public static ShareRow Of(Share share, DateTimeOffset now) => new(
        share.Id, share.Name, share.Revoked is not null ? "revoked" : share.IsActive(now) ? "active" : "expired", share.Created, share.Expires, share.Revoked);
}
