using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>A site's rules in their order, and the switch that turns one on or back to dry run.</summary>
internal static class PolicyRuleEndpoints
{
    // Each try starts from what the store holds by then; who loses so often writes against a machine.
    private const int TriesMax = 5;

    public static RouteGroupBuilder MapPolicyRules(this RouteGroupBuilder v1)
    {
        v1.MapGet("/sites/{site}/policy/rules", ListAsync).WithName("ListPolicyRules").WithTags("Definitions")
            .WithSummary("The site's rules in the order in which they are asked, and where they are changed")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares().ProducesProblem(404);
        foreach (string mode in (string[])["enforce", "dry-run"])
        {
            v1.MapPost($"/sites/{{site}}/policy/rules/{{rule}}/{mode}",
                    (HttpContext http, SiteId site, string rule, ISiteDefinitions definitions, ISiteDefinitionCheck check, ISiteFiles files, CancellationToken stop) =>
                        SwitchAsync(http, site, rule, mode == "enforce", definitions, check, files, stop))
                .WithName(mode == "enforce" ? "EnforceRule" : "DryRunRule").WithTags("Definitions")
                .WithSummary(mode == "enforce" ? "Turns a rule on: from then on it acts" : "Turns a rule back to dry run: hits say what it would have done")
                .WithMetadata(new SessionMayWrite()).RequireScope(Scopes.SitesWrite).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        }
        return v1;
    }

    private static async Task<Ok<RuleList>> ListAsync(
        HttpContext http, SiteId site, ISiteDefinitions definitions, ISiteFiles files, CancellationToken stop)
    {
        if (files.Find(site) is { } file)
            return TypedResults.Ok(new RuleList("file", http.Caller().IsShare ? "" : file.Place, false, [.. file.Site.Policy.Select(RuleRow.Of)]));
        return TypedResults.Ok(await definitions.FindAsync(site, stop) is { } found
            ? new RuleList("control", "the control store", http.Caller().Allows(Scopes.SitesWrite), [.. SiteDefinitionText.RulesOf(found.Json).Select(RuleRow.Of)])
            : new RuleList("none", "", false, []));
    }

    private static async Task<Results<Ok<RuleRow>, ProblemHttpResult>> SwitchAsync(
        HttpContext http, SiteId site, string rule, bool isEnforced, ISiteDefinitions definitions, ISiteDefinitionCheck check, ISiteFiles files, CancellationToken stop)
    {
        if (files.Find(site) is { } file)
            return InFile(site, file);
        for (int tries = 1; ; tries++)
        {
            if (await definitions.FindAsync(site, stop) is not { } found || found.Tenant != http.Caller().Tenant)
                return DefinitionEndpoints.None(site, files);
            if (SiteDefinitionText.WithMode(found.Json, rule, isEnforced) is not { } json)
                return Problems.Make(404, "rule-unknown", "No such rule", $"Site '{site}' has no rule of this name.", $"List its rules with GET /v1/sites/{site}/policy/rules.");
            if (check.Check(site, json) is { Count: > 0 } errors)
                return Problems.Definition(errors);
            try
            {
                await definitions.PutAsync(site, found.Tenant, json, found.Version, http.Actor(),
                    new AuditNote(isEnforced ? AuditActions.RuleEnforce : AuditActions.RuleDryRun, site.Value, rule), stop);
                return TypedResults.Ok(RuleRow.Of(SiteDefinitionText.RulesOf(json).First(r => SiteDefinitionText.TextOf(r, "name") == rule)));
            }
            catch (SiteConflictException e) when (e.Kind == SiteConflict.Version && tries < TriesMax)
            {
                // Somebody else changed the site since it was read.
            }
            catch (SiteConflictException e)
            {
                return DefinitionEndpoints.ProblemOf(site, e);
            }
        }
    }

    /// <summary>A site that must be changed in its file.</summary>
    internal static ProblemHttpResult InFile(SiteId site, FileSite file) => Problems.Make(409, "site-in-file", "The site stands in a file",
        $"Site '{site}' is defined in {file.Place}, and a file that somebody keeps is not changed behind their back.",
        $"Change it in {file.Place} (a rule's switch is its \"mode\"), or remove it there and PUT it here.");
}
