using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Control;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>The caller's organisation and its members.</summary>
internal static class OrganisationEndpoints
{
    public static RouteGroupBuilder MapOrganisation(this RouteGroupBuilder v1)
    {
        v1.MapGet("/organisation", FindAsync).WithName("GetOrganisation").WithTags("Organisation")
            .WithSummary("The caller's organisation, and what the caller may do in it").RequireScope(Scopes.AnalyticsRead);
        var whole = v1.MapGroup("/organisation").WithTags("Organisation").RequireScope(Scopes.Admin)
            .WithMetadata(new WholeOrganisation(), new SessionMayWrite());
        whole.MapPatch("", RenameAsync).WithName("RenameOrganisation").WithSummary("Gives the organisation another name")
            .Accepts<OrganisationName>("application/json").ProducesProblem(400);
        whole.MapGet("/members", ListAsync).WithName("ListMembers").WithSummary("Members by e-mail").ProducesProblem(400);
        whole.MapPost("/members", InviteAsync).WithName("InviteMember")
            .WithSummary("Makes somebody a member: from then on whoever signs in with that verified e-mail is in")
            .Accepts<MemberWish>("application/json").ProducesProblem(400).ProducesProblem(409);
        whole.MapPatch("/members/{member}", ChangeAsync).WithName("ChangeMember").WithSummary("Gives a member another role, which counts from the next request on")
            .Accepts<MemberRole>("application/json").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        whole.MapDelete("/members/{member}", RemoveAsync).WithName("RemoveMember").WithSummary("Removes a member and ends their sessions; never the last owner")
            .ProducesProblem(404).ProducesProblem(409);
        return v1;
    }

    private static async Task<Ok<OrganisationRow>> FindAsync(HttpContext http, IOrganisations organisations, CancellationToken stop)
    {
        var caller = http.Caller();
        var found = await organisations.FindAsync(caller.Tenant, stop);
        return TypedResults.Ok(new OrganisationRow(caller.Tenant, found?.Name ?? caller.Tenant, CallerRow.Of(caller)));
    }

    private static async Task<Results<Ok<OrganisationRow>, ProblemHttpResult>> RenameAsync(
        HttpContext http, IOrganisations organisations, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<OrganisationName>(http, check, stop);
        string name = body?.Name?.Trim() ?? "";
        if (name.Length is 0 or > Organisation.NameCharsMax || name.Any(char.IsControl))
            check.Error("name", $"'name' must be a text of 1 to {Organisation.NameCharsMax} characters on one line.");
        if (check.Failed(out var problem))
            return problem;
        var renamed = await organisations.RenameAsync(http.Caller().Tenant, name, http.Actor(), stop);
        return TypedResults.Ok(new OrganisationRow(renamed.Tenant, renamed.Name, CallerRow.Of(http.Caller())));
    }

    private static async Task<Results<Ok<Page<MemberRow>>, ProblemHttpResult>> ListAsync(
        HttpContext http, string? cursor, string? limit, IOrganisations organisations, CancellationToken stop)
    {
        var check = new QueryCheck();
        string? after = check.Text("cursor", cursor, 254);
        int rows = check.Int("limit", limit, 1, 1000, 100);
        if (check.Failed(out var problem))
            return problem;
        var page = await organisations.ListMembersAsync(http.Caller().Tenant, after, rows, stop);
        return TypedResults.Ok(new Page<MemberRow>([.. page.Select(MemberRow.Of)], page.Count < rows ? null : page[^1].Email));
    }

    private static async Task<Results<Created<MemberRow>, ProblemHttpResult>> InviteAsync(
        HttpContext http, IOrganisations organisations, CancellationToken stop)
    {
        var check = new QueryCheck();
        var wish = await JsonBody.ReadAsync<MemberWish>(http, check, stop);
        if (!EmailAddress.TryParse(wish?.Email, out string email))
            check.Error("email", $"'email' must be {EmailAddress.Rule}.");
        string role = RoleOf(check, wish?.Role);
        if (check.Failed(out var problem))
            return problem;
        try
        {
            var member = await organisations.InviteAsync(http.Caller().Tenant, email, role, http.Actor(), stop);
            return TypedResults.Created($"/v1/organisation/members/{member.Id}", MemberRow.Of(member));
        }
        catch (MemberConflictException e)
        {
            return ProblemOf(e);
        }
    }

    private static async Task<Results<Ok<MemberRow>, ProblemHttpResult>> ChangeAsync(
        HttpContext http, string member, IOrganisations organisations, CancellationToken stop)
    {
        var check = new QueryCheck();
        string role = RoleOf(check, (await JsonBody.ReadAsync<MemberRole>(http, check, stop))?.Role);
        if (check.Failed(out var problem))
            return problem;
        try
        {
            return await organisations.ChangeAsync(http.Caller().Tenant, member, role, http.Actor(), stop) is { } changed
                ? TypedResults.Ok(MemberRow.Of(changed)) : Unknown();
        }
        catch (MemberConflictException e)
        {
            return ProblemOf(e);
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        HttpContext http, string member, IOrganisations organisations, CancellationToken stop)
    {
        try
        {
            return await organisations.RemoveAsync(http.Caller().Tenant, member, http.Actor(), stop) ? TypedResults.NoContent() : Unknown();
        }
        catch (MemberConflictException e)
        {
            return ProblemOf(e);
        }
    }

    private static string RoleOf(QueryCheck check, string? given)
    {
        if (given is null || !Roles.All.Contains(given, StringComparer.Ordinal))
            check.Error("role", $"'role' must be one of {string.Join(", ", Roles.All)}.");
        return given ?? "";
    }

    private static ProblemHttpResult Unknown() => Problems.Make(404, "member-unknown", "No such member",
        "This organisation has no member of this id.", "List them with GET /v1/organisation/members.");

    private static ProblemHttpResult ProblemOf(MemberConflictException e) => e.Kind switch
    {
        MemberConflict.Taken => Problems.Make(409, "member-exists", "Is a member already", e.Message, "PATCH the member to change the role."),
        MemberConflict.LastOwner => Problems.Make(409, "last-owner", "The last owner stays", e.Message, "PATCH another member to the role owner, then send this again."),
        MemberConflict.TooMany => Problems.Make(409, "members-full", "As many members as one organisation may have", e.Message, "DELETE a member first."),
        _ => throw new ArgumentOutOfRangeException(nameof(e), e.Kind, "Not a conflict."),
    };
}

/// <summary>A name for an organisation.</summary>
/// <param name="Name">1 to 200 characters.</param>
internal sealed record OrganisationName(string? Name);

/// <summary>Somebody to invite.</summary>
/// <param name="Email">The address that they sign in with.</param>
/// <param name="Role"><c>owner</c>, <c>editor</c> or <c>viewer</c>.</param>
internal sealed record MemberWish(string? Email, string? Role);

/// <summary>A role to give.</summary>
/// <param name="Role"><c>owner</c>, <c>editor</c> or <c>viewer</c>.</param>
internal sealed record MemberRole(string? Role);

/// <summary>An organisation as its caller sees it.</summary>
/// <param name="Id">The tenant's id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="You">Who asks.</param>
internal sealed record OrganisationRow(string Id, string Name, CallerRow You);

/// <summary>Who asks, and what that opens.</summary>
/// <param name="Kind"><c>key</c> or <c>member</c>.</param>
/// <param name="Id">Public id of the key or member.</param>
/// <param name="Name">What people call the key; the member's e-mail.</param>
/// <param name="Role">A member's role; null for a key.</param>
/// <param name="Scopes">What is allowed; <c>admin</c> is everything.</param>
/// <param name="Sites">The only sites; null for all of the organisation's.</param>
internal sealed record CallerRow(string Kind, string Id, string Name, string? Role, IReadOnlyList<string> Scopes, IReadOnlyList<string>? Sites)
{
    public static CallerRow Of(Caller caller) => new(
        new Actor(caller.Kind, caller.Id).KindName, caller.Id, caller.Name, caller.Role, caller.Scopes, caller.Sites?.Select(s => s.Value).ToList());
}

/// <summary>A member.</summary>
/// <param name="Id">Public id.</param>
/// <param name="Email">The address that was invited.</param>
/// <param name="Role"><c>owner</c>, <c>editor</c> or <c>viewer</c>.</param>
/// <param name="HasSignedIn">Whether somebody signed in as this member; before that it is an invitation.</param>
/// <param name="Created">When the invitation was made.</param>
/// <param name="SignedIn">The last sign-in; null when there was none.</param>
internal sealed record MemberRow(string Id, string Email, string Role, bool HasSignedIn, DateTimeOffset Created, DateTimeOffset? SignedIn)
{
    public static MemberRow Of(Member member) => new(member.Id, member.Email, member.Role, member.IsBound, member.Created, member.SignedIn);
}
