namespace Weir.Worker.Engines;

/// <summary>Why an engine gave no usable answer. A closed list: metrics and reasons go by it.</summary>
public enum EngineFailure
{
    /// <summary>It said 429.</summary>
    RateLimited = 1,

    /// <summary>It said 5xx or 408.</summary>
    Overloaded = 2,

    /// <summary>No whole answer came in time.</summary>
    TimedOut = 3,

    /// <summary>No connection, or it broke.</summary>
    Unreachable = 4,

    /// <summary>The answer had more bytes than are read.</summary>
    TooLarge = 5,

    /// <summary>The answer was no JSON.</summary>
    NotJson = 6,

    /// <summary>The answer said 200 and held an error.</summary>
    ErrorBody = 7,

    /// <summary>The answer held no text.</summary>
    NoAnswer = 8,

    /// <summary>Another model answered than was asked.</summary>
    WrongModel = 9,

    /// <summary>It said 4xx: the key, the model or the question is not taken.</summary>
    Refused = 10,

    /// <summary>Its filter withheld the answer.</summary>
    Withheld = 11,

    /// <summary>It sent elsewhere; redirects are not followed, since the key would travel along.</summary>
    Redirected = 12,

    /// <summary>It was not asked: it failed too often just before.</summary>
    BreakerOpen = 13,
}

/// <summary>Names and sentences of failures.</summary>
public static class EngineFailures
{
    /// <summary>A failure's name in metrics.</summary>
    public static string Name(this EngineFailure failure) => failure switch
    {
        EngineFailure.RateLimited => "rate-limited",
        EngineFailure.Overloaded => "overloaded",
        EngineFailure.TimedOut => "timed-out",
        EngineFailure.Unreachable => "unreachable",
        EngineFailure.TooLarge => "too-large",
        EngineFailure.NotJson => "not-json",
        EngineFailure.ErrorBody => "error-body",
        EngineFailure.NoAnswer => "no-answer",
        EngineFailure.WrongModel => "wrong-model",
        EngineFailure.Refused => "refused",
        EngineFailure.Withheld => "withheld",
        EngineFailure.Redirected => "redirected",
        EngineFailure.BreakerOpen => "breaker-open",
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "Not a failure."),
    };

    /// <summary>Whether it speaks of the engine rather than of one question, so that an engine that goes on so is left alone for a while.</summary>
    public static bool IsOfEngine(this EngineFailure failure) => failure switch
    {
        EngineFailure.Overloaded or EngineFailure.TimedOut or EngineFailure.Unreachable or EngineFailure.TooLarge or EngineFailure.NotJson
            or EngineFailure.ErrorBody or EngineFailure.WrongModel or EngineFailure.Redirected => true,
        _ => false,
    };
}

/// <summary>An engine gave no usable answer.</summary>
/// <param name="failure">Why.</param>
/// <param name="message">One sentence for people; nothing that the engine wrote, nor a secret.</param>
/// <param name="retryAfter">How long it asked to be left alone; null when it did not.</param>
/// <param name="inner">What caused it.</param>
public sealed class EngineException(EngineFailure failure, string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public EngineFailure Failure => failure;

    /// <summary>How long the engine asked to be left alone; null when it did not.</summary>
    public TimeSpan? RetryAfter => retryAfter;
}
