namespace Weir.Scheduling.Queue;

/// <summary>How long a failed scan waits: doubling from the first wait to the longest, each drawn between half and one and a half of
/// that, so that scans that failed together do not come back together.</summary>
public sealed class RetryRule(SchedulingSettings settings, Random random)
{
    /// <summary>Attempts after which a scan becomes a dead letter.</summary>
    public int MaxAttempts => settings.MaxAttempts;

    /// <summary>The wait after an attempt.</summary>
    /// <param name="attempts">How often the scan was leased, 1 or more.</param>
    public TimeSpan Wait(int attempts)
    {
        double doubled = settings.RetryFirst.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 40));
        double seconds = Math.Min(doubled, settings.RetryMax.TotalSeconds);
        lock (random)
            return TimeSpan.FromSeconds(seconds * (0.5 + random.NextDouble()));
    }
}
