using System.Buffers;
using Weir.Control;
using Weir.Detection;

namespace Weir.Proxy.Policies;

/// <summary>A site's rules, compiled once. The first that matches decides; robots.txt, /.well-known/ and the favicon pass whatever they say.
/// Immutable; safe from any thread.</summary>
public sealed class SitePolicy
{
    private const int PathOnStack = 512;

    private readonly CompiledRule[] _rules;

    private SitePolicy(CompiledRule[] rules) => _rules = rules;

    /// <summary>Compiles rules.</summary>
    public static SitePolicy Compile(SiteId site, IReadOnlyList<PolicyRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return new SitePolicy([.. rules.Select(r => new CompiledRule(site, r))]);
    }

    /// <summary>Whether there is no rule.</summary>
    public bool IsEmpty => _rules.Length == 0;

    /// <summary>Asks the rules about a request. Allocates nothing, for paths of usual length.</summary>
    public PolicyDecision Decide(in PolicyFacts facts, IRequestLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (_rules.Length == 0)
            return default;
        if (NormalPath.IsNormal(facts.Path))
            return DecideAt(facts.Path, facts, limits);
        if (facts.Path.Length <= PathOnStack)
            return DecideAt(NormalPath.Of(facts.Path, stackalloc char[PathOnStack]), facts, limits);
        char[] rented = ArrayPool<char>.Shared.Rent(facts.Path.Length);
        try
        {
            return DecideAt(NormalPath.Of(facts.Path, rented), facts, limits);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    private PolicyDecision DecideAt(ReadOnlySpan<char> path, in PolicyFacts facts, IRequestLimits limits)
    {
        if (FreePaths.IsFree(path))
            return default;
        PolicyRule? dryRun = null;
        var wouldDo = PolicyAction.None;
        foreach (var rule in _rules)
        {
            // Of rules in dry run only the first counts: were it enforced, it would hide the others.
            if ((!rule.Rule.IsEnforced && dryRun is not null) || !rule.Matches(facts, path))
                continue;
            var action = rule.ActionFor(facts, limits, out int retryAfterSeconds);
            if (rule.Rule.IsEnforced)
                return new PolicyDecision(rule.Rule, action, dryRun, wouldDo, retryAfterSeconds);
            (dryRun, wouldDo) = (rule.Rule, action);
        }
        return new PolicyDecision(null, PolicyAction.None, dryRun, wouldDo);
    }
}
