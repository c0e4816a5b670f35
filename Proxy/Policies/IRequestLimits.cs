namespace Weir.Proxy.Policies;

/// <summary>Counts requests against limits. Answers at once from what it knows: a store that several edges share is told beside the
/// request's way.</summary>
public interface IRequestLimits
{
    /// <summary>Takes one request out of a limit. Never waits, never throws, allocates nothing; safe from any thread.</summary>
    /// <param name="key">Whose count.</param>
    /// <param name="requests">Requests of one window.</param>
    /// <param name="seconds">Length of the window.</param>
    /// <param name="timeMs">The request's time, milliseconds since 1970-01-01 UTC.</param>
    /// <param name="retryAfterSeconds">When refused: after how many seconds to try again.</param>
    bool TryTake(LimitKey key, int requests, int seconds, long timeMs, out int retryAfterSeconds);
}

/// <summary>Whose count: a rule's, for one client or crawler.</summary>
/// <param name="Rule">The rule, by a number that outlives a change of settings.</param>
/// <param name="Subject">The client key, or the crawler's number.</param>
public readonly record struct LimitKey(ulong Rule, UInt128 Subject);
