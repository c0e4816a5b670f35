namespace Weir.Delivery;

/// <summary>When a delivery that failed is tried again. Pure; safe from any thread.</summary>
/// <remarks>The schedule that standardwebhooks.com suggests: ten attempts within 75 h and 35 min, give or take the jitter.</remarks>
public static class RetrySchedule
{
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    // A receiver that asks for more would have the message outlive its news.
    private static readonly TimeSpan AskedMax = TimeSpan.FromHours(24);

    /// <summary>Most attempts of a delivery, the first included.</summary>
    public static int AttemptsMax => Waits.Length + 1;

    /// <summary>How long to wait behind an attempt; null when it was the last.</summary>
    /// <param name="attempts">Attempts made so far, 1 or more.</param>
    /// <param name="jitter">0 to 1: where in the tenth around the wait this one lies, so that many that failed together do not return together.</param>
    /// <param name="asked">What the receiver asked for (Retry-After); counts where it is longer, up to a day.</param>
    public static TimeSpan? WaitAfter(int attempts, double jitter, TimeSpan? asked = null)
    {
        if (attempts >= AttemptsMax)
            return null;
        var wait = Waits[Math.Max(attempts, 1) - 1] * (0.9 + 0.2 * jitter);
        return asked > wait ? (asked < AskedMax ? asked : AskedMax) : wait;
    }
}
