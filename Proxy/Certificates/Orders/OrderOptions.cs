using System.Net;

namespace Weir.Proxy.Certificates.Orders;

/// <summary>When certificates are ordered, and how many at most.</summary>
public sealed record OrderOptions
{
    /// <summary>Addresses that lead to this edge from the world; a host that points anywhere else is not ordered for.</summary>
    public required IReadOnlyList<IPAddress> Expected { get; init; }

    /// <summary>A certificate is renewed in its last days, but not before the last third of its life.</summary>
    public TimeSpan RenewWithin { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Orders of one run at most.</summary>
    public int PerRun { get; init; } = 5;

    /// <summary>Orders of any 24 hours at most, failed ones included.</summary>
    public int PerDay { get; init; } = 20;
}

/// <summary>What becomes of a host in a run.</summary>
public enum OrderChoice
{
    /// <summary>A certificate is ordered for it.</summary>
    Order,

    /// <summary>Its certificate is good for a while.</summary>
    Keep,

    /// <summary>It can have one later: a pause after a failure, or a budget.</summary>
    Wait,

    /// <summary>None is ordered for it as things stand.</summary>
    Skip,
}

/// <summary>One host of a plan.</summary>
/// <param name="Host">The host.</param>
/// <param name="Choice">What becomes of it.</param>
/// <param name="Why">Why: a clause for people.</param>
public sealed record OrderLine(string Host, OrderChoice Choice, string Why);
