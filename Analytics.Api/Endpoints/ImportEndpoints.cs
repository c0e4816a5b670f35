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
using Weir.Control.Sql;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Targets by the file: in, and out again.</summary>
public static class ImportEndpoints
{
    // 500,000 rows have some 60 MB; read as a stream, so that memory is no reason against more.
    private const long ImportBytes = 1024L * 1024 * 1024;

    private static readonly string[] Formats = ["csv", "jsonl"];

    /// <summary>Maps <c>/targets/import</c>, <c>/targets/imports</c> and <c>/targets/export</c>.</summary>
    public static RouteGroupBuilder MapImports(this RouteGroupBuilder v1)
    {
        v1.MapPost("/targets/import", ImportAsync).WithName("ImportTargets").WithTags("Targets")
            .WithSummary("Makes targets of a file, plain or gzip: CSV with the columns brand, query, engine, site, pattern, weight and topics, JSON lines or a JSON list. "
                + "Up to 1 MB it is answered with what became of it; a larger one is taken (202), and Location says how far it is")
            // The form is told from the file itself; what a client's default header says of it does not matter.
            .Accepts<Stream>("text/csv", "application/x-ndjson", "application/json", "multipart/form-data", "application/gzip", "*/*")
            .WithMetadata(new RequestSizeLimitAttribute(ImportBytes)).RequireScope(Scopes.TargetsWrite)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(507);
        v1.MapGet("/targets/imports", ListAsync).WithName("ListImports").WithTags("Targets")
            .WithSummary("Imports that were too large to be answered at once, the newest first").RequireScope(Scopes.TargetsRead).ProducesProblem(400);
        v1.MapGet("/targets/imports/{id:long}", FindAsync).WithName("GetImport").WithTags("Targets")
            .WithSummary("How far an import has come").RequireScope(Scopes.TargetsRead).ProducesProblem(404);
        v1.MapGet("/targets/imports/{id:long}/errors", ErrorsAsync).WithName("ListImportErrors").WithTags("Targets")
            .WithSummary("What was wrong with an import's rows: line, field, and what to write instead").RequireScope(Scopes.TargetsRead)
            .GivesTable<Page<ImportError>>();
        v1.MapGet("/targets/export", ExportAsync).WithName("ExportTargets").WithTags("Targets")
            .WithSummary("All targets as CSV or, with format=jsonl, JSON lines; an import reads them back to the same")
            .Produces<Stream>(200, TableFormats.CsvType, TableFormats.JsonLinesType).RequireScope(Scopes.TargetsRead).ProducesProblem(400);
        return v1;
    }

    private static async Task<Results<Ok<ImportSummary>, Accepted<ImportJob>, ProblemHttpResult>> ImportAsync(
        HttpContext http, string? site, TargetImport import, ITargetImports imports, ImportFolder folder, ImportRunner runner, CrawledPathsReport crawled,
        IAuditLog audit, SqlSiteHosts hosts, EngineCatalog engines, CancellationToken stop)
    {
        var reach = http.Reach();
        var rules = await TargetRules.ForAsync(reach, hosts, engines, stop);
        try
        {
            var (small, spool, bytes) = await TargetUpload.ReadAsync(http, folder, stop);
            if (small is null)
            {
                var job = await imports.AddAsync(new NewImport(reach.Tenant, reach.Sites, site, spool!, bytes), stop);
                runner.Wake();
                await NoteAsync(http, audit, Text(job.Id), $"{bytes} bytes, read in the background", stop);
                return TypedResults.Accepted($"/v1/targets/imports/{Text(job.Id)}", job);
            }
            await using var file = small;
            var summary = await import.RunAsync(reach.Tenant, TargetRows.ReadAsync(file, rules, site, stop), stop);
            await NoteAsync(http, audit, "", $"{summary.Rows} rows: {summary.Created} targets made, {summary.Linked} linked", stop);
            return TypedResults.Ok(summary with { Warnings = await crawled.WarningsAsync(summary.Patterns, stop) });
        }
        catch (FormatException e)
        {
            return Problems.Make(400, "import-unreadable", "The file cannot be read", e.Message,
                "Rows before that place are imported. Mend the file and send it again: rows that are there already change nothing.");
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            return Problems.Make(507, "import-unstorable", "The upload cannot be kept", $"The data folder could not take it: {e.Message}",
                "Free disk space in the data folder and send it again. Nothing of it was imported.");
        }
    }

    private static Task NoteAsync(HttpContext http, IAuditLog audit, string subject, string detail, CancellationToken stop) =>
        audit.NoteAsync(http.Reach().Tenant, http.Caller().ActorAt(http), new AuditNote(AuditActions.TargetImport, subject, detail), stop);

    private static async Task<Results<Ok<Page<ImportJob>>, ProblemHttpResult>> ListAsync(
        HttpContext http, string? cursor, string? limit, ITargetImports imports, CancellationToken stop)
    {
        var check = new QueryCheck();
        long before = check.Number("cursor", cursor);
        int rows = check.Int("limit", limit, 1, 1000, 100);
        if (check.Failed(out var problem))
            return problem;
        var items = await imports.ListAsync(http.Reach(), before == 0 ? null : before, rows, stop);
        return TypedResults.Ok(new Page<ImportJob>(items, items.Count < rows ? null : Text(items[^1].Id)));
    }

    private static async Task<Results<Ok<ImportJob>, ProblemHttpResult>> FindAsync(
        HttpContext http, long id, ITargetImports imports, CancellationToken stop) =>
        await imports.FindAsync(http.Reach(), id, stop) is { } import ? TypedResults.Ok(import) : NoSuch(id);

    private static async Task<Results<Ok<Page<ImportError>>, ProblemHttpResult>> ErrorsAsync(
        HttpContext http, long id, string? cursor, string? limit, ITargetImports imports, CancellationToken stop)
    {
        var check = new QueryCheck();
        long after = check.Number("cursor", cursor);
        int rows = check.Int("limit", limit, 1, 10_000, 100);
        if (check.Failed(out var problem))
            return problem;
        if (await imports.FindAsync(http.Reach(), id, stop) is null)
            return NoSuch(id);
        var items = await imports.ErrorsAsync(id, after, rows, stop);
        return TypedResults.Ok(new Page<ImportError>(items, items.Count < rows ? null : Text(items[^1].Id)));
    }

    private static Results<PushStreamHttpResult, ProblemHttpResult> ExportAsync(HttpContext http, string? format, TargetExport export, CancellationToken stop)
    {
        var check = new QueryCheck();
        string form = check.OneOf("format", format, Formats) ?? "csv";
        if (check.Failed(out var problem))
            return problem;
        var reach = http.Reach();
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"weir-targets.{form}\"";
        return TypedResults.Stream(
            async body =>
            {
                await using var text = new StreamWriter(body, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
                await (form == "csv" ? export.WriteCsvAsync(reach, text, stop) : export.WriteJsonLinesAsync(reach, text, stop));
            },
            form == "csv" ? TableFormats.CsvType : TableFormats.JsonLinesType);
    }

    private static ProblemHttpResult NoSuch(long id) => Problems.Make(404, "import-unknown", "No such import", $"This key knows no import {id}.",
        "List them with GET /v1/targets/imports.");

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
