using Weir.Detection;
using Weir.Detection.Places;

namespace Weir.Proxy.Policies;

/// <summary>What the rules of a policy are asked about.</summary>
public readonly ref struct PolicyFacts
{
    /// <summary>Detection's answer.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Path with its leading slash, as sent.</summary>
    public required ReadOnlySpan<char> Path { get; init; }

    /// <summary>Request method.</summary>
    public required string Method { get; init; }

    /// <summary>Who asks.</summary>
    public ClientAddress ClientAddress { get; init; }

    /// <summary>Where that is.</summary>
    public Country Country { get; init; }

    /// <summary>When, milliseconds since 1970-01-01 UTC.</summary>
    public long TimeMs { get; init; }
}

/// <summary>What a policy decided.</summary>
/// <param name="Rule">The enforced rule that matched first; null when none did.</param>
/// <param name="Action">What it does with this request.</param>
/// <param name="DryRunRule">The rule in dry run that matched before it; null when none did.</param>
/// <param name="DryRunAction">What that would have done.</param>
/// <param name="RetryAfterSeconds">After how long a limited client may try again.</param>
public readonly record struct PolicyDecision(
    Control.PolicyRule? Rule, PolicyAction Action, Control.PolicyRule? DryRunRule, PolicyAction DryRunAction, int RetryAfterSeconds = 0);
