using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Weir.Analytics.Api.Hosting;

namespace Weir.Analytics.Api.Access;

/// <summary>Takes <c>/share/{token}</c> off the front of a path: what is behind it is the dashboard and the API, opened by the token and nothing else.</summary>
/// <remarks>
/// The token stays in the address, so no cookie is set: whoever is signed in stays signed in, and a stream, which can send no header, is
/// opened too. Requests under a share only read, and only endpoints marked <see cref="SharesMayRead"/>.
/// </remarks>
internal sealed class ShareLinks(RequestDelegate next)
{
    private const string Prefix = "/share";

    private static readonly object TokenItem = new();

    public async Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal, out var rest))
        {
            await next(http);
            return;
        }
        string text = rest.Value!.TrimStart('/');
        int end = text.IndexOf('/');
        string token = end < 0 ? text : text[..end];
        PathString path = end < 0 ? "/" : text[end..];
        bool isReading = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if (token.Length == 0 || !isReading || !(path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) || DashboardFiles.IsPage(path)))
        {
            await Problems.NotFound().ExecuteAsync(http);
            return;
        }
        http.Response.Headers["X-Robots-Tag"] = "noindex, nofollow";
        http.Request.PathBase = http.Request.PathBase.Add($"{Prefix}/{token}");
        http.Request.Path = path;
        http.Items[TokenItem] = token;
        await next(http);
    }

    /// <summary>The token that the request's address has; null without one.</summary>
    public static string? TokenOf(HttpContext http) => (string?)http.Items[TokenItem];
}

/// <summary>Marks an endpoint that share links may read, for their one site.</summary>
internal sealed record SharesMayRead;

/// <summary>Opens endpoints to share links.</summary>
internal static class ShareExtensions
{
    /// <summary>Lets whoever has a link to the site read this. Only for what shows no visitor, or hides them from <see cref="Caller.IsShare"/>.</summary>
    public static TBuilder OpenToShares<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new SharesMayRead());
}
