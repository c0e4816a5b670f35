using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Whether the API runs, and whether it can answer.</summary>
/// <param name="Status"><c>ok</c> or <c>unavailable</c>.</param>
/// <param name="Checks">The same for each thing that it needs: <c>clickhouse</c>, <c>control</c>.</param>
public sealed record Health(string Status, IReadOnlyDictionary<string, string> Checks);

/// <summary>Health, without a key and without data.</summary>
internal static class HealthEndpoints
{
    private const string Good = "ok", Bad = "unavailable";

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => TypedResults.Ok(new Health(Good, new Dictionary<string, string>()))).WithName("GetLiveness")
            .WithTags("Health").WithSummary("Whether the process runs");
        app.MapGet("/health/ready", ReadyAsync).WithName("GetReadiness").WithTags("Health")
            .WithSummary("Whether ClickHouse and the control store answer").Produces<Health>().Produces<Health>(503);
        return app;
    }

    private static async Task<IResult> ReadyAsync(StoreCheck clickHouse, ISites control, CancellationToken stop)
    {
        var checks = new Dictionary<string, string>
        {
            ["clickhouse"] = await AnswersAsync(() => clickHouse.RunAsync(stop)),
            ["control"] = await AnswersAsync(() => control.FindAsync(SiteId.Parse("health"), stop)),
        };
        bool isReady = checks.Values.All(c => c == Good);
        return TypedResults.Json(new Health(isReady ? Good : Bad, checks), statusCode: isReady ? 200 : 503);
    }

    /// <summary>Why something does not answer is for the log, not for strangers.</summary>
    private static async Task<string> AnswersAsync(Func<Task> check)
    {
        try
        {
            await check();
            return Good;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Bad;
        }
    }
}
