using Weir.Worker.Citations;

namespace Weir.Worker.Scans;

/// <summary>A scan to do, as the API's lease gives it; what the worker does not need is left out.</summary>
internal sealed record LeasedScan
{
    public long Id { get; init; }

    public long FencingToken { get; init; }

    public string Brand { get; init; } = "";

    public string Query { get; init; } = "";

    public string Engine { get; init; } = "";

    /// <summary>Hosts of the sites that the target is linked to: what makes a URL the brand's own.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>What the target's last scan found; null for the first.</summary>
    public string? LastResult { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? LastScan { get; init; }

    /// <summary>The newest triggers, newest first.</summary>
    public IReadOnlyList<ScanTrigger> Triggers { get; init; } = [];
}

/// <summary>When something happened that the scan is made for.</summary>
/// <param name="At">When.</param>
internal sealed record ScanTrigger(DateTimeOffset At);

/// <summary>What a lease answers.</summary>
/// <param name="Scans">In the order in which to do them.</param>
internal sealed record LeaseAnswer(IReadOnlyList<LeasedScan> Scans);

/// <summary>What a scan found.</summary>
/// <param name="Scan">As it was leased.</param>
/// <param name="Found">What the engine's answer shows.</param>
internal sealed record FoundScan(LeasedScan Scan, Citation Found);

/// <summary>A scan that is given back.</summary>
/// <param name="Scan">As it was leased.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Kind">What the queue makes of it: <c>overload</c>, <c>timeout</c>, <c>returned</c> (the attempt does not count) or <c>error</c>.</param>
/// <param name="RetryAfter">How long the engine asked to be left alone; null when it did not.</param>
internal sealed record FailedScan(LeasedScan Scan, string Reason, string Kind, TimeSpan? RetryAfter);

/// <summary>What a call for many scans answers.</summary>
/// <param name="Scans">For each, in their order.</param>
internal sealed record TellAnswer(IReadOnlyList<ToldScan> Scans);

/// <summary>What became of one scan of a call.</summary>
/// <param name="Status">200, 404 or 409.</param>
internal sealed record ToldScan(int Status);
