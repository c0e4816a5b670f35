using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Weir.Worker.Engines;

/// <summary>Asks one engine. Safe from any thread.</summary>
public sealed class EngineClient : IDisposable
{
    private readonly EngineOptions _engine;
    private readonly TimeProvider _time;
    private readonly BreakerState _breaker;
    private readonly HttpClient _http;
    private readonly IChatClient _chat;
    private readonly ChatOptions _options;

    /// <summary>Makes one; it opens no connection yet.</summary>
    public EngineClient(EngineOptions engine, TimeProvider time)
    {
        (_engine, _time, _breaker) = (engine, time, new BreakerState(time));
        Limit = new ConcurrencyLimit(engine.ConcurrencyStart, engine.ConcurrencyMax);
        _http = new HttpClient(EnginePipeline.Create(engine, Limit, _breaker, time)) { Timeout = Timeout.InfiniteTimeSpan };
        var options = new OpenAIClientOptions
        {
            Endpoint = engine.Url,
            Transport = new HttpClientPipelineTransport(_http),
            // The pipeline below retries and times: two of each would multiply.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            UserAgentApplicationId = "Weir-worker",
        };
        _chat = new OpenAIClient(new ApiKeyCredential(engine.Key.Length > 0 ? engine.Key : "none"), options).GetChatClient(engine.Model).AsIChatClient();
        _options = new ChatOptions { Instructions = engine.Instructions };
    }

    /// <summary>How many questions may be under way.</summary>
    public ConcurrencyLimit Limit { get; }

    /// <summary>Whether the engine is left alone because it failed too often.</summary>
    public bool IsLeftAlone => _breaker.IsOpen;

    /// <summary>Whether one question shall show if the engine is well again.</summary>
    public bool IsOnTrial => _breaker.IsOnTrial;

    /// <summary>Asks a question.</summary>
    /// <exception cref="EngineException">No usable answer came.</exception>
    public async Task<EngineAnswer> AskAsync(string question, CancellationToken stop)
    {
        var askedAt = _time.GetUtcNow();
        var links = new BoundedAnswers.LinkBox();
        BoundedAnswers.Links.Value = links;
        try
        {
            var response = await _chat.GetResponseAsync([new ChatMessage(ChatRole.User, question)], _options, stop);
            if (string.IsNullOrWhiteSpace(response.Text))
                throw new EngineException(EngineFailure.NoAnswer, "The engine's answer holds no text.");
            return new EngineAnswer(response.Text, links.Found, response.ModelId ?? _engine.Model, askedAt, response.FinishReason == ChatFinishReason.Length);
        }
        catch (Exception e) when (e is not EngineException && !stop.IsCancellationRequested)
        {
            throw Explain(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _chat.Dispose();
        _http.Dispose();
    }

    private EngineException Explain(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case EngineException known:
                    return known;
                case BrokenCircuitException:
                    return new EngineException(EngineFailure.BreakerOpen, "The engine failed too often and is left alone for a while.", inner: e);
                case TimeoutRejectedException:
                    return new EngineException(EngineFailure.TimedOut, $"The engine gave no whole answer within {_engine.Timeout.TotalSeconds:0.#} s.", inner: e);
                case ClientResultException { Status: > 0 } answered:
                    return OfStatus(answered);
                case HttpRequestException or IOException:
                    return new EngineException(EngineFailure.Unreachable, "The engine cannot be reached, or the connection broke.", inner: e);
            }
        }
        return new EngineException(EngineFailure.NoAnswer, $"The engine's answer cannot be read ({e.GetType().Name}).", inner: e);
    }

    private EngineException OfStatus(ClientResultException answered)
    {
        var asked = answered.GetRawResponse()?.Headers.TryGetValue("Retry-After", out string? text) == true ? Asked(text) : null;
        return answered.Status switch
        {
            429 => new EngineException(EngineFailure.RateLimited, "The engine answered 429: too many questions.", asked, answered),
            408 or >= 500 => new EngineException(EngineFailure.Overloaded, $"The engine answered {answered.Status}.", asked, answered),
            401 or 403 => new EngineException(EngineFailure.Refused, $"The engine answered {answered.Status}: it does not take the key.", inner: answered),
            404 => new EngineException(EngineFailure.Refused, "The engine answered 404: there is no such model or address.", inner: answered),
            var status => new EngineException(EngineFailure.Refused, $"The engine answered {status}: it does not take the question.", inner: answered),
        };
    }

    private TimeSpan? Asked(string? text)
    {
        using var response = new HttpResponseMessage();
        return response.Headers.TryAddWithoutValidation("Retry-After", text) ? EnginePipeline.RetryAfterOf(response, _time) : null;
    }
}
