using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Weir.Analytics.Api.Reports;

namespace Weir.Analytics.Api.Hosting;

/// <summary>Gives a report in the form that was asked for: JSON, or CSV for tables; with an ETag, so that an unchanged one is not sent twice.</summary>
internal sealed class ReportResults(IOptions<JsonOptions> json) : IEndpointFilter
{
    public const string CsvType = "text/csv";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        object? result = await next(context);
        if (result is INestedHttpResult nested)
            result = nested.Result;
        if (result is not IValueHttpResult { Value: { } value } || result is not IStatusCodeHttpResult { StatusCode: 200 })
            return result;
        var http = context.HttpContext;
        http.Response.Headers.Vary = "Accept, Authorization, Cookie";
        return WantsCsv(http.Request) && Tables.Of(value) is { } table
            ? new Body(Encoding.UTF8.GetBytes(Csv.Write(table)), $"{CsvType}; charset=utf-8; header=present", Tables.NextOf(value))
            : new Body(JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), json.Value.SerializerOptions), "application/json; charset=utf-8", null);
    }

    /// <summary>Whether the client prefers CSV to JSON.</summary>
    public static bool WantsCsv(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return false;
        double Quality(string type) => accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
            .Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
        return Quality(CsvType) > Quality("application/json");
    }

    private sealed record Body(byte[] Bytes, string ContentType, string? Next) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            string tag = $"\"{Convert.ToHexStringLower(XxHash128.Hash(Bytes))}\"";
            http.Response.Headers.ETag = tag;
            if (Next is not null)
            {
                string url = QueryHelpers.AddQueryString(http.Request.Path, http.Request.Query
                    .Where(q => q.Key != "cursor").Append(new("cursor", Next)));
                http.Response.Headers.Link = $"<{url}>; rel=\"next\"";
            }
            if (http.Request.Headers.IfNoneMatch.Any(t => t is not null && t.Contains(tag, StringComparison.Ordinal)))
            {
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            http.Response.ContentType = ContentType;
            http.Response.ContentLength = Bytes.Length;
            await http.Response.Body.WriteAsync(Bytes, http.RequestAborted);
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

    /// <summary>As <see cref="GivesReport"/>, and as CSV for <c>Accept: text/csv</c>.</summary>
    public static RouteHandlerBuilder GivesTable<T>(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<T>(200, "application/json", ReportResults.CsvType).GivesReport();
}
