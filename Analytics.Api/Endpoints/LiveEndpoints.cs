using System.ComponentModel;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Live;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>New hits as they are stored, as server-sent events: <c>hit</c>, and <c>skipped</c> when there were too many to show.</summary>
internal static class LiveEndpoints
{
    public static RouteGroupBuilder MapLive(this RouteGroupBuilder v1)
    {
        v1.MapGet("/live", StreamAsync).WithName("StreamHits").WithTags("Hits")
            .WithSummary("New hits of a site as they are stored, as server-sent events; send Last-Event-ID to go on where a stream broke")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares()
            .Produces<HitRow>(200, "text/event-stream")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429);
        return v1;
    }

    private static async Task<IResult> StreamAsync(
        HttpContext http,
        [Description("Site id.")] string? site,
        SiteAccess sites, LiveHub hub, AnalyticsOptions options, IOptions<JsonOptions> json, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var stop = either.Token;
        if (string.IsNullOrEmpty(site))
            return Problems.Invalid(new Dictionary<string, string[]> { ["site"] = ["'site' must be a site id; GET /v1/sites lists them."] });
        if (!SiteId.TryParse(site, null, out var id) || !await sites.MayReadAsync(http.Caller(), id, stop))
            return Problems.SiteUnknown(site);
        using var listener = hub.TryJoin(id, http.Request.Headers["Last-Event-ID"]);
        if (listener is null)
            return Problems.TooMany($"{options.LiveListenersMax} live streams are open.", "Close one, or try again later.");
        try
        {
            await SendAsync(http, listener, new Form(json.Value.SerializerOptions, options.LiveHeartbeat, time, http.Caller().IsShare), stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client left, or the program ends: both are how a stream ends.
        }
        return Results.Empty;
    }

    private static async Task SendAsync(HttpContext http, LiveListener listener, Form form, CancellationToken stop)
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await WriteAsync(http, "retry: 2000\n: live\n\n", stop);
        while (true)
        {
            string text = await WaitAsync(listener, form, stop) switch
            {
                null => ": still here\n\n",
                false => "",
                true => Take(listener, form),
            };
            if (text.Length == 0)
                return;
            await WriteAsync(http, text, stop);
        }
    }

    /// <returns>True when hits wait, false at the end, null when it is time for a heartbeat.</returns>
    private static async Task<bool?> WaitAsync(LiveListener listener, Form form, CancellationToken stop)
    {
        using var heartbeat = new CancellationTokenSource(form.Heartbeat, form.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, heartbeat.Token);
        try
        {
            return await listener.Hits.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string Take(LiveListener listener, Form form)
    {
        var text = new StringBuilder();
        if (listener.TakeSkipped() > 0)
            text.Append("event: skipped\ndata: {}\n\n");
        while (text.Length < 65_536 && listener.Hits.TryRead(out var hit))
        {
            // JSON has no line breaks outside its escapes, so one data line is enough.
            text.Append("id: ").Append(hit.Id).Append("\nevent: hit\ndata: ").Append(JsonSerializer.Serialize(form.HidesVisitors ? hit.Hit.WithoutVisitor() : hit.Hit, form.Json)).Append("\n\n");
        }
        return text.ToString();
    }

    private static async Task WriteAsync(HttpContext http, string text, CancellationToken stop)
    {
        await http.Response.WriteAsync(text, stop);
        await http.Response.Body.FlushAsync(stop);
    }

    private sealed record Form(JsonSerializerOptions Json, TimeSpan Heartbeat, TimeProvider Time, bool HidesVisitors);
}
