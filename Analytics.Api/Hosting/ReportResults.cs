using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Reports;

namespace Weir.Analytics.Api.Hosting;

/// <summary>Gives a report as JSON, and a table also as CSV, JSON lines or Parquet; with an ETag, so that an unchanged one is not sent twice.</summary>
internal sealed class ReportResults(IOptions<JsonOptions> json, ReportCache cache, AnalyticsOptions options, TimeProvider time) : IEndpointFilter
{
    private const string Vary = "Accept, Authorization, Cookie";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        bool isTable = http.GetEndpoint()?.Metadata.GetMetadata<GivesTableForms>() is not null;
        if (!TableFormats.TryRead(http.Request, out var format) && isTable)
            return Problems.Invalid(new Dictionary<string, string[]>
            {
                [TableFormats.Parameter] = [$"'{TableFormats.Parameter}' must be one of {string.Join(", ", TableFormats.ByName.Keys)}, given once."],
            });
        if (http.GetEndpoint()?.Metadata.GetMetadata<KeptReport>() is null || LongestLife(http.Request) is not { Ticks: > 0 } longest)
            return await AnswerAsync(context, next, format, isTable);
        var answer = await cache.GetAsync(KeyOf(http, format), longest, WantsFresh(http.Request), async () =>
        {
            object? result = await AnswerAsync(context, next, format, isTable);
            return result is Body body ? new KeptAnswer(body, body.Bytes.Length, body.Hits) : new KeptAnswer((IResult)result!, 0);
        }, http.RequestAborted);
        http.Response.Headers.Vary = Vary;
        if (answer.Result is Body)
            http.Response.Headers.Age = ((long)(time.GetUtcNow() - answer.Made).TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return answer.Result;
    }

    // RFC 9111, section 5.2.1: what clients say who want no kept answer. Equal questions at a time are still asked once.
    internal static bool WantsFresh(HttpRequest request) =>
        request.GetTypedHeaders().CacheControl is { } wish && (wish.NoCache || wish.NoStore || wish.MaxAge == TimeSpan.Zero);

    private async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, TableFormat format, bool isTable)
    {
        var http = context.HttpContext;
        object? result = await next(context);
        if (result is INestedHttpResult nested)
            result = nested.Result;
        if (result is not IValueHttpResult { Value: { } value } || result is not IStatusCodeHttpResult { StatusCode: 200 })
            return result;
        http.Response.Headers.Vary = Vary;
        long hits = Tables.HitsOf(value);
        if (format == TableFormat.Json || !isTable || Tables.Of(value) is not { } table)
            return new Body(JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), json.Value.SerializerOptions), TableFormat.Json, null, hits);
        byte[] bytes = format switch
        {
            TableFormat.Csv => Encoding.UTF8.GetBytes(Csv.Write(table)),
            TableFormat.JsonLines => JsonLines.Write(table),
            _ => await ParquetFile.WriteAsync(table, http.RequestAborted),
        };
        return new Body(bytes, format, Tables.NextOf(value), hits);
    }

    // All that an answer depends on: what is asked, and whose data the key opens.
    private static string KeyOf(HttpContext http, TableFormat format)
    {
        var key = http.Caller();
        var text = new StringBuilder().Append(format).Append('\n').Append(http.Request.Path).Append('\n')
            .Append(http.GetRouteValue("site") is null ? key.Id : key.Tenant)
            // A share link is shown less of the same rows.
            .Append(key.IsShare ? "\nshared" : "");
        foreach (var (name, values) in http.Request.Query.OrderBy(q => q.Key, StringComparer.Ordinal))
        {
            foreach (string? value in values)
                text.Append('\n').Append(name).Append('=').Append(value);
        }
        return text.ToString();
    }

    // What is about a month may be some minutes old; what is about an hour may not. A span that is not understood is refused behind.
    private TimeSpan LongestLife(HttpRequest request)
    {
        var now = time.GetUtcNow();
        var to = TimeRange.TryParseTime(request.Query["to"].ToString(), out var end) ? end : now;
        var from = TimeRange.TryParseTime(request.Query["from"].ToString(), out var start) ? start : to - TimeSpan.FromDays(1);
        var share = (to - from) / 1000;
        var life = share < options.ReportLifeMin ? options.ReportLifeMin : share;
        return life > options.ReportLifeMax ? options.ReportLifeMax : life;
    }

    private sealed record Body(byte[] Bytes, TableFormat Format, string? Next, long Hits) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            string tag = $"\"{Convert.ToHexStringLower(XxHash128.Hash(Bytes))}\"";
            http.Response.Headers.ETag = tag;
            if (Next is not null)
            {
                string url = QueryHelpers.AddQueryString(http.Request.PathBase + http.Request.Path, http.Request.Query
                    .Where(q => q.Key != "cursor").Append(new("cursor", Next)));
                http.Response.Headers.Link = $"<{url}>; rel=\"next\"";
            }
            if (http.Request.Headers.IfNoneMatch.Any(t => t is not null && t.Contains(tag, StringComparison.Ordinal)))
            {
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            http.Response.ContentType = TableFormats.ContentType(Format);
            // Who follows a link with a format wants a file.
            if (Format != TableFormat.Json && http.Request.Query.ContainsKey(TableFormats.Parameter))
                http.Response.Headers.ContentDisposition = $"attachment; filename=\"{FileName(http)}\"";
            http.Response.ContentLength = Bytes.Length;
            await http.Response.Body.WriteAsync(Bytes, http.RequestAborted);
        }

        // Site ids and the words of our paths need no quoting.
        private string FileName(HttpContext http)
        {
            string last = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.PathSegments.SelectMany(s => s.Parts).OfType<RoutePatternLiteralPart>().Last().Content ?? "table";
            return $"{http.GetRouteValue("site") ?? "weir"}-{last}.{TableFormats.ByName.First(f => f.Value == Format).Key}";
        }
    }
}

/// <summary>Marks endpoints that give reports.</summary>
internal static class ReportEndpoints
{
    /// <summary>Answers in JSON with an ETag, and lists the problems that any report may have.</summary>
    public static RouteHandlerBuilder GivesReport(this RouteHandlerBuilder endpoint) => endpoint
        .AddEndpointFilter<RouteHandlerBuilder, ReportResults>()
        .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);

    /// <summary>Answers equal questions of some seconds by one answer. Only for what reads hits: what a key may change must be seen at once.</summary>
    public static RouteHandlerBuilder IsKept(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new KeptReport());

    /// <summary>As <see cref="GivesReport"/>, and as CSV, JSON lines or Parquet by <c>Accept</c> or <see cref="TableFormats.Parameter"/>.</summary>
    public static RouteHandlerBuilder GivesTable<T>(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new GivesTableForms())
        .Produces<T>(200, TableFormats.JsonType, TableFormats.CsvType, TableFormats.JsonLinesType, TableFormats.ParquetType).GivesReport();
}

/// <summary>Marks endpoints whose answer is a table in any of its forms.</summary>
internal sealed record GivesTableForms;

/// <summary>Marks endpoints whose answers <see cref="ReportCache"/> keeps: those that read the store of hits.</summary>
internal sealed record KeptReport;
