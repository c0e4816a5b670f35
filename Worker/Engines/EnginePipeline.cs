using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Weir.Worker.Engines;

/// <summary>How an engine that fails is treated: three attempts with jitter that heed Retry-After, each within its time, and a breaker.</summary>
internal static class EnginePipeline
{
    private const int RetriesMax = 2, BreakDoublingsMax = 5;

    /// <summary>Makes the handlers of an engine's client.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="limit">Told how the engine fares.</param>
    /// <param name="breaker">Shows where the breaker stands.</param>
    /// <param name="time">Clock of waits and timeouts.</param>
    public static HttpMessageHandler Create(EngineOptions engine, ConcurrencyLimit limit, BreakerState breaker, TimeProvider time)
    {
        var sockets = new SocketsHttpHandler
        {
            // The key would travel along.
            AllowAutoRedirect = false,
            UseCookies = false,
            // A small packed body can unpack to any size.
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 32,
            MaxResponseDrainSize = 0,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time };
        builder.AddRetry(Retry(engine, time)).AddCircuitBreaker(Breaker(engine, breaker)).AddTimeout(engine.Timeout);
        return new ResilienceHandler(builder.Build()) { InnerHandler = new BoundedAnswers(engine, limit, sockets) };
    }

    private static RetryStrategyOptions<HttpResponseMessage> Retry(EngineOptions engine, TimeProvider time) => new()
    {
        MaxRetryAttempts = RetriesMax,
        Delay = engine.RetryFirst,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = args => ValueTask.FromResult(args.Outcome switch
        {
            { Result: { } response } => IsPassing(response.StatusCode) && !(RetryAfterOf(response, time) > engine.RetryAfterMax),
            { Exception: HttpRequestException or IOException or TimeoutRejectedException } => true,
            _ => false,
        }),
        DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result is { } response ? RetryAfterOf(response, time) : null),
    };

    private static CircuitBreakerStrategyOptions<HttpResponseMessage> Breaker(EngineOptions engine, BreakerState state) => new()
    {
        FailureRatio = 0.5,
        MinimumThroughput = 6,
        SamplingDuration = TimeSpan.FromSeconds(30),
        BreakDurationGenerator = args => ValueTask.FromResult(engine.BreakFirst * (1 << Math.Min(args.HalfOpenAttempts, BreakDoublingsMax))),
        StateProvider = state.Provider,
        OnOpened = args =>
        {
            state.Opened(args.BreakDuration);
            return default;
        },
        ShouldHandle = args => ValueTask.FromResult(args.Outcome switch
        {
            // 429 is the limit's business: an engine that is asked less answers.
            { Result.StatusCode: HttpStatusCode.TooManyRequests } => false,
            // A wrong key, a wrong address: each further question would be lost the same way.
            { Result.StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound } => true,
            { Result: { } response } => IsPassing(response.StatusCode),
            { Exception: EngineException e } => e.Failure.IsOfEngine(),
            { Exception: HttpRequestException or IOException or TimeoutRejectedException } => true,
            _ => false,
        }),
    };

    private static bool IsPassing(HttpStatusCode status) => (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;

    /// <summary>How long an answer asks to be left alone; null when it does not.</summary>
    public static TimeSpan? RetryAfterOf(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } when delta > TimeSpan.Zero => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        _ => null,
    };
}
