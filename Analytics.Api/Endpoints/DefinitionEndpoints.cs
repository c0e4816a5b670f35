using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Sites as the control store defines them: edges that share the store serve a change within seconds.</summary>
internal static class DefinitionEndpoints
{
    // A character has at most three bytes in UTF-8 (a pair of them four); what is too long for the store is told by the store.
    private const int BodyBytesMax = SiteDefinition.JsonCharsMax * 3;

    public static RouteGroupBuilder MapDefinitions(this RouteGroupBuilder v1)
    {
        v1.MapGet("/definitions", ListAsync).WithName("ListDefinitions").WithTags("Definitions")
            .WithSummary("Sites that the control store defines, by id").RequireScope(Scopes.SitesRead).ProducesProblem(400);
        v1.MapGet("/sites/{site}/definition", FindAsync).WithName("GetDefinition").WithTags("Definitions")
            .WithSummary("A site's definition as the settings would hold it; its version is the ETag")
            .Produces<Stream>(200, "application/json").RequireScope(Scopes.SitesRead).ProducesProblem(404);
        v1.MapPut("/sites/{site}/definition", PutAsync).WithName("PutDefinition").WithTags("Definitions")
            .WithSummary("Makes or changes a site; with If-Match only when it has that version, with If-None-Match: * only when there is none")
            .Accepts<Stream>("application/json").WithMetadata(new SiteMayBeNew(), new RequestSizeLimitAttribute(BodyBytesMax)).RequireScope(Scopes.SitesWrite)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
        v1.MapDelete("/sites/{site}/definition", RemoveAsync).WithName("DeleteDefinition").WithTags("Definitions")
            .WithSummary("Removes a site from every edge; its hits stay").RequireScope(Scopes.SitesWrite).ProducesProblem(404).ProducesProblem(412);
        v1.MapGet("/changes", ChangesAsync).WithName("ListChanges").WithTags("Definitions")
            .WithSummary("Who changed which definition when, newest first").RequireScope(Scopes.SitesRead).ProducesProblem(400);
        return v1;
    }

    private static async Task<Results<Ok<Page<DefinitionRow>>, ProblemHttpResult>> ListAsync(
        HttpContext http, string? cursor, string? limit, ISiteDefinitions definitions, CancellationToken stop)
    {
        var check = new QueryCheck();
        SiteId? after = ReadSite(check, "cursor", cursor, "the 'next' of an earlier answer, as it was given");
        int rows = check.Int("limit", limit, 1, 1000, 100);
        if (check.Failed(out var problem))
            return problem;
        var key = http.Caller();
        var page = await definitions.ListAsync(key.Tenant, after, rows, stop);
        return TypedResults.Ok(new Page<DefinitionRow>(
            [.. page.Where(d => key.AllowsSite(d.Id)).Select(d => new DefinitionRow(d.Id.Value, d.Version, d.Changed))], page.Count < rows ? null : page[^1].Id.Value));
    }

    private static async Task<IResult> FindAsync(HttpContext http, SiteId site, ISiteDefinitions definitions, ISiteFiles files, CancellationToken stop)
    {
        if (await definitions.FindAsync(site, stop) is not { } found || found.Tenant != http.Caller().Tenant)
            return None(site, files);
        http.Response.Headers.ETag = TagOf(found.Version);
        if (http.Request.Headers.IfNoneMatch.Any(t => t is not null && t.Contains(TagOf(found.Version), StringComparison.Ordinal)))
            return TypedResults.StatusCode(304);
        return TypedResults.Text(found.Json, "application/json", Encoding.UTF8);
    }

    private static async Task<Results<Ok<DefinitionRow>, Created<DefinitionRow>, ProblemHttpResult>> PutAsync(
        HttpContext http, SiteId site, ISiteDefinitions definitions, ISiteDefinitionCheck check, ISiteFiles files, CancellationToken stop)
    {
        if (!TryReadCondition(http, out long? ifVersion))
            return Problems.Make(412, "version", "Not a version of this site", "If-Match holds no version that GET gave as its ETag.", "Read the definition again and send its ETag.");
        if (files.Find(site) is { } file)
            return PolicyRuleEndpoints.InFile(site, file);
        string json;
        try
        {
            using var reader = new StreamReader(http.Request.Body, new UTF8Encoding(false, throwOnInvalidBytes: true));
            json = SiteDefinitionText.WithId(await reader.ReadToEndAsync(stop), site);
        }
        catch (DecoderFallbackException)
        {
            return Problems.BadRequest(400, "The body is not UTF-8.");
        }
        // Before the check, which reads the files that a definition names.
        if (!http.Caller().RunsInstallation && await NewReachAsync(definitions, http.Caller().Tenant, site, json, stop) is { Count: > 0 } reach)
            return Problems.Definition(reach);
        if (check.Check(site, json) is { Count: > 0 } errors)
            return Problems.Definition(errors);
        try
        {
            var put = await definitions.PutAsync(site, http.Caller().Tenant, SiteDefinitionText.Normalize(json), ifVersion, http.Actor(), stop: stop);
            http.Response.Headers.ETag = TagOf(put.Version);
            var row = new DefinitionRow(put.Id.Value, put.Version, put.Changed);
            return ifVersion == 0 ? TypedResults.Created($"/v1/sites/{site}/definition", row) : TypedResults.Ok(row);
        }
        catch (SiteConflictException e)
        {
            return ProblemOf(site, e);
        }
        catch (ControlException e)
        {
            return Problems.Definition([e.Message]);
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        HttpContext http, SiteId site, ISiteDefinitions definitions, ISiteFiles files, CancellationToken stop)
    {
        if (!TryReadCondition(http, out long? ifVersion))
            return Problems.Make(412, "version", "Not a version of this site", "If-Match holds no version that GET gave as its ETag.", "Read the definition again and send its ETag.");
        try
        {
            return await definitions.RemoveAsync(site, http.Caller().Tenant, ifVersion, http.Actor(), stop) ? TypedResults.NoContent() : None(site, files);
        }
        catch (SiteConflictException e)
        {
            return ProblemOf(site, e);
        }
    }

    private static async Task<Results<Ok<Page<ChangeRow>>, ProblemHttpResult>> ChangesAsync(
        HttpContext http, string? site, string? cursor, string? limit, ISiteDefinitions definitions, CancellationToken stop)
    {
        var check = new QueryCheck();
        SiteId? only = ReadSite(check, "site", site, SiteId.Rule);
        long before = check.Number("cursor", cursor);
        int rows = check.Int("limit", limit, 1, 1000, 100);
        if (check.Failed(out var problem))
            return problem;
        var key = http.Caller();
        var page = await definitions.ChangesAsync(key.Tenant, only, before == 0 ? null : before, rows, stop);
        return TypedResults.Ok(new Page<ChangeRow>(
            [.. page.Where(c => key.AllowsSite(c.Site)).Select(c => new ChangeRow(c.Version, c.Site.Value, c.Actor, c.Action, c.Json, c.Time))],
            page.Count < rows ? null : page[^1].Version.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>What a definition reaches inside that it does not reach already: whoever edits the rules may leave the rest as it stands.</summary>
    private static async Task<IReadOnlyList<string>> NewReachAsync(ISiteDefinitions definitions, string tenant, SiteId site, string json, CancellationToken stop)
    {
        var wanted = PrivateReach.Of(json);
        if (wanted.Count == 0)
            return [];
        var known = await definitions.FindAsync(site, stop) is { } found && found.Tenant == tenant ? PrivateReach.Of(found.Json) : [];
        return [.. wanted.Except(known, StringComparer.Ordinal).Select(piece => $"{piece}: This leads into the edge's own network or files, which is for " +
            "whoever runs the installation. Use an origin with a public address, or let an admin key of the tenant 'default' write it.")];
    }

    /// <summary>The store's refusal as a problem.</summary>
    internal static ProblemHttpResult ProblemOf(SiteId site, SiteConflictException e) => e.Kind switch
    {
        SiteConflict.Version => Problems.Make(412, "version", "Somebody changed the site", e.Message, $"GET /v1/sites/{site}/definition, change that, and send its ETag as If-Match."),
        SiteConflict.Host => Problems.Make(409, "host-taken", "A host belongs to another site", e.Message, "Change the hosts named above and send it again."),
        SiteConflict.Tenant => Problems.SiteUnknown(site.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(e), e.Kind, "Not a conflict."),
    };

    /// <summary>A site without a definition here; when a file has it, the file is named.</summary>
    internal static ProblemHttpResult None(SiteId site, ISiteFiles files) => Problems.Make(404, "definition-unknown", "No such definition",
        files.Find(site) is { } file ? $"The control store has no definition of site '{site}': it stands in {file.Place}." : $"The control store has no definition of site '{site}'.",
        "PUT one here, or list those there are with GET /v1/definitions.");

    private static string TagOf(long version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    // If-Match: "12" gives 12; If-None-Match: * gives 0; neither gives null.
    private static bool TryReadCondition(HttpContext http, out long? ifVersion)
    {
        ifVersion = http.Request.Headers.IfNoneMatch == "*" ? 0 : null;
        string given = http.Request.Headers.IfMatch.ToString().Trim();
        if (given is "" or "*")
            return true;
        bool isVersion = long.TryParse(given.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out long version) && version > 0;
        ifVersion = version;
        return isVersion;
    }

    private static SiteId? ReadSite(QueryCheck check, string name, string? text, string rule)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (SiteId.TryParse(text, null, out var site))
            return site;
        check.Error(name, $"'{name}' must be {rule}.");
        return null;
    }
}

/// <summary>A definition without its text.</summary>
/// <param name="Site">The site.</param>
/// <param name="Version">Version of its last change; as ETag in double quotes.</param>
/// <param name="Changed">When that was.</param>
internal sealed record DefinitionRow(string Site, long Version, DateTimeOffset Changed);

/// <summary>One change of a definition.</summary>
/// <param name="Version">The version that it made.</param>
/// <param name="Site">The site.</param>
/// <param name="Actor">Who changed it: an API key's id and name, or an account on a machine.</param>
/// <param name="Action"><c>put</c> or <c>remove</c>.</param>
/// <param name="Definition">The definition from then on, as JSON text; null when it was removed.</param>
/// <param name="Time">When.</param>
internal sealed record ChangeRow(long Version, string Site, string Actor, string Action, string? Definition, DateTimeOffset Time);
