using Polly.CircuitBreaker;

namespace Weir.Worker.Engines;

/// <summary>Where an engine's breaker stands. Safe from any thread.</summary>
/// <remarks>A breaker whose time is over calls itself open until it is used, and nobody would use it who only looks at it: so the time is kept here.</remarks>
internal sealed class BreakerState(TimeProvider time)
{
    private long _openUntilTicks;

    /// <summary>The breaker's own view.</summary>
    public CircuitBreakerStateProvider Provider { get; } = new();

    /// <summary>Whether nothing may be asked now.</summary>
    public bool IsOpen => Provider.CircuitState is CircuitState.Open or CircuitState.Isolated && time.GetUtcNow().UtcTicks < Volatile.Read(ref _openUntilTicks);

    /// <summary>Whether one question shall show if it closes.</summary>
    public bool IsOnTrial => Provider.CircuitState is not CircuitState.Closed && !IsOpen;

    /// <summary>It opened for a time.</summary>
    public void Opened(TimeSpan duration) => Volatile.Write(ref _openUntilTicks, (time.GetUtcNow() + duration).UtcTicks);
}
