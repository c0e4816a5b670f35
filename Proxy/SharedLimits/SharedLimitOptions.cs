using System.Net;

namespace Weir.Proxy.SharedLimits;

/// <summary>The Redis through which edges share the counts of their limits.</summary>
public sealed class SharedLimitOptions
{
    /// <summary>Servers: one, or some of a cluster, from which the others are learned.</summary>
    public required IReadOnlyList<EndPoint> Servers { get; init; }

    /// <summary>User of Redis' access lists; null for the default one.</summary>
    public string? User { get; init; }

    /// <summary>Password; empty for none. Never printed.</summary>
    public string Password { get; init; } = "";

    /// <summary>Whether to speak TLS; the server's certificate must be for its name.</summary>
    public bool IsTls { get; init; }

    /// <summary>Number of the database; a cluster has 0 alone.</summary>
    public int Database { get; init; }

    /// <summary>Begin of every key.</summary>
    public string KeyPrefix { get; init; } = "weir:";

    /// <summary>How long counts gather before they are sent.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an answer is waited for, beside requests; what comes later is taken from the next batch's answer.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Counts (a limit of one client or crawler) that are shared at once; more are counted by this edge alone.</summary>
    public int CountsMax { get; init; } = 65_536;

    /// <summary>Requests let pass that may wait to be counted.</summary>
    public int QueueMax { get; init; } = 65_536;

    /// <summary>The servers, for people and logs.</summary>
    public override string ToString() => string.Join(", ", Servers.Select(s => s is DnsEndPoint name ? $"{name.Host}:{name.Port}" : s.ToString()));
}
