using System.Diagnostics.CodeAnalysis;

namespace Weir.Scheduling.Planning;

/// <summary>How a tenant's scans are chosen. Names are stored and promised.</summary>
public enum PlanPolicy
{
    /// <summary>Whenever something happened that may mean a change (<c>event</c>).</summary>
    Event = 1,

    /// <summary>Where a scan is worth most (<c>index</c>).</summary>
    Index = 2,

    /// <summary>By a volatility score: above 70, 40 or 20 every 1, 3 or 7 days, else every 30 (<c>tiers</c>).</summary>
    Tiers = 3,

    /// <summary>A tenth of the targets daily, all of them when more than 5 % of those changed (<c>sampling</c>).</summary>
    Sampling = 4,
}

/// <summary>A tenant's budget and the policy that spends it.</summary>
public sealed record TenantPlan
{
    /// <summary>Most scans a target and day that a share may ask for: one an hour.</summary>
    public const double ShareMax = 24;

    /// <summary>Most scans a day.</summary>
    public const double ScansPerDayMax = 100_000_000;

    /// <summary>Usual price of a scan, in the tenant's money.</summary>
    public const double CostPerScan = 0.01;

    /// <summary>What a tenant has that never said anything: no budget, and a scan for whatever happens.</summary>
    public static TenantPlan Default { get; } = new() { Policy = PlanPolicy.Event };

    /// <summary>How scans are chosen.</summary>
    public required PlanPolicy Policy { get; init; }

    /// <summary>Scans a day; null when <see cref="Share"/> says it, or there is no budget.</summary>
    public double? ScansPerDay { get; init; }

    /// <summary>Scans a target and day: 1 is daily scanning, 0.1 a tenth of its cost. Null when <see cref="ScansPerDay"/> says it, or there is no budget.</summary>
    public double? Share { get; init; }

    /// <summary>What a scan costs at each engine, by its name, above 0; <see cref="CostPerScan"/> where none is named.</summary>
    public IReadOnlyDictionary<string, double> Costs { get; init; } = new Dictionary<string, double>();

    /// <summary>Scans a day for so many targets; null without a budget.</summary>
    public double? PerDay(int targets) => ScansPerDay ?? (Share * targets);

    /// <summary>Whether another plan says the same.</summary>
    public bool IsSame(TenantPlan other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Policy, ScansPerDay, Share) == (other.Policy, other.ScansPerDay, other.Share) && Costs.Count == other.Costs.Count
            && Costs.All(c => other.Costs.TryGetValue(c.Key, out double cost) && cost == c.Value);
    }

    /// <summary>What a scan costs at an engine.</summary>
    public double CostOf(string engine) => Costs.GetValueOrDefault(engine, CostPerScan);
}

/// <summary>Names of policies.</summary>
public static class PlanPolicies
{
    /// <summary>All names, for error messages.</summary>
    public const string Names = "index, tiers, event or sampling";

    /// <summary>A policy's name.</summary>
    public static string Name(this PlanPolicy policy) => policy switch
    {
        PlanPolicy.Event => "event",
        PlanPolicy.Index => "index",
        PlanPolicy.Tiers => "tiers",
        PlanPolicy.Sampling => "sampling",
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Not a policy."),
    };

    /// <summary>Reads a name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out PlanPolicy policy)
    {
        policy = Enum.GetValues<PlanPolicy>().FirstOrDefault(p => p.Name() == name);
        return policy != default;
    }
}
