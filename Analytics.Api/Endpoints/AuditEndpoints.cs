using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Reports;
using Weir.Control;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Who changed what in the caller's organisation.</summary>
internal static class AuditEndpoints
{
    public static RouteGroupBuilder MapAudit(this RouteGroupBuilder v1)
    {
        v1.MapGet("/audit", ListAsync).WithName("ListAudit").WithTags("Organisation")
            .WithSummary("Who changed keys, members, shares, definitions and rules, and who signed in or was not let in, newest first")
            .RequireScope(Scopes.Admin).WithMetadata(new WholeOrganisation()).ProducesProblem(400);
        return v1;
    }

    private static async Task<Results<Ok<Page<AuditRow>>, ProblemHttpResult>> ListAsync(
        HttpContext http, string? action, string? actor, string? subject, string? cursor, string? limit, IAuditLog audit, CancellationToken stop)
    {
        var check = new QueryCheck();
        var filter = new AuditFilter(check.OneOf("action", action, AuditActions.All), check.Text("actor", actor, 500), check.Text("subject", subject, 500));
        long before = check.Number("cursor", cursor);
        int rows = check.Int("limit", limit, 1, 1000, 100);
        if (check.Failed(out var problem))
            return problem;
        var page = await audit.ListAsync(http.Caller().Tenant, filter, before == 0 ? null : before, rows, stop);
        return TypedResults.Ok(new Page<AuditRow>(
            [.. page.Select(AuditRow.Of)], page.Count < rows ? null : page[^1].Id.ToString(CultureInfo.InvariantCulture)));
    }
}

/// <summary>One entry of the audit log.</summary>
/// <param name="Id">Its place: later entries have higher ones.</param>
/// <param name="Time">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Address">Where the request came from: the other end of the connection; null for a command on a machine.</param>
/// <param name="Action">What, such as <c>key.create</c>.</param>
/// <param name="Subject">The id of what it was done to.</param>
/// <param name="Detail">What became of it.</param>
internal sealed record AuditRow(long Id, DateTimeOffset Time, AuditActor Actor, string? Address, string Action, string Subject, string Detail)
{
    public static AuditRow Of(AuditEntry entry) => new(
        entry.Id, entry.Time, new AuditActor(entry.By.KindName, entry.By.Id, entry.By.Name), entry.By.Address, entry.What.Action, entry.What.Subject, entry.What.Detail);
}

/// <summary>Who did something.</summary>
/// <param name="Kind"><c>key</c>, <c>member</c>, <c>share</c>, <c>account</c> (a command on a machine) or <c>nobody</c>.</param>
/// <param name="Id">Public id; an account's name.</param>
/// <param name="Name">What people call the key or share; the member's e-mail. May be empty.</param>
internal sealed record AuditActor(string Kind, string Id, string Name);
