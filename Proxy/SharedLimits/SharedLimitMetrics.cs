using System.Diagnostics.Metrics;

namespace Weir.Proxy.SharedLimits;

/// <summary>Why a request that was let pass is not told to other edges.</summary>
internal enum LimitShed
{
    /// <summary>Too many waited to be counted.</summary>
    QueueFull,

    /// <summary>Too many clients and crawlers are counted at once.</summary>
    TooManyCounts,
}

/// <summary>What became of a batch of counts.</summary>
internal enum LimitResult
{
    /// <summary>Told, and the answer taken.</summary>
    Ok,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>No connection.</summary>
    Unreachable,

    /// <summary>Redis takes no writes: a replica, out of memory, or its disk is full.</summary>
    ReadOnly,

    /// <summary>Redis refused it: the password, the user's rights, or an error of the script's.</summary>
    Refused,
}

/// <summary>What is counted of shared limits, under the edge's meter. Names are part of what users build alerts on.</summary>
internal sealed class SharedLimitMetrics(IMeterFactory meters) : IDisposable
{
    private readonly Meter _meter = meters.Create(EdgeMetrics.MeterName);
    private Counter<long>? _redis, _shed;

    /// <summary>A batch of counts was sent.</summary>
    public void Sent(LimitResult result) =>
        (_redis ??= _meter.CreateCounter<long>("weir.edge.limits.redis", "{batch}", "Batches of limits' counts told to Redis, by result."))
            .Add(1, new KeyValuePair<string, object?>("result", Word(result)));

    /// <summary>A request was let pass and other edges will not know.</summary>
    public void Shed(LimitShed reason) =>
        (_shed ??= _meter.CreateCounter<long>("weir.edge.limits.shed", "{request}", "Requests counted by this edge alone although limits are shared, by reason."))
            .Add(1, new KeyValuePair<string, object?>("reason", reason == LimitShed.QueueFull ? "queue-full" : "too-many-counts"));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>The word of a result; may grow, never change.</summary>
    public static string Word(LimitResult result) => result switch
    {
        LimitResult.Ok => "ok",
        LimitResult.Timeout => "timeout",
        LimitResult.Unreachable => "unreachable",
        LimitResult.ReadOnly => "read-only",
        LimitResult.Refused => "refused",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };
}
