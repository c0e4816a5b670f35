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
    private readonly CompiledRule? _limit;

    private SitePolicy(CompiledRule[] rules, CompiledRule? limit) => (_rules, _limit) = (rules, limit);

    /// <summary>Compiles rules.</summary>
    /// <param name="site">Whose.</param>
    /// <param name="rules">In their order.</param>
    /// <param name="limit">The limit of the whole site; null for none.</param>
    public static SitePolicy Compile(SiteId site, IReadOnlyList<PolicyRule> rules, PolicyRule? limit = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return new SitePolicy([.. rules.Select(r => new CompiledRule(site, r))], limit is null ? null : new CompiledRule(site, limit));
    }

    /// <summary>Whether there is no rule and no limit.</summary>
    public bool IsEmpty => _rules.Length == 0 && _limit is null;

    /// <summary>Asks the rules about a request. Allocates nothing, for paths of usual length.</summary>
    public PolicyDecision Decide(in PolicyFacts facts, IRequestLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (IsEmpty)
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
                return WithLimit(new PolicyDecision(rule.Rule, action, dryRun, wouldDo, retryAfterSeconds), path, facts, limits);
            (dryRun, wouldDo) = (rule.Rule, action);
        }
        return WithLimit(new PolicyDecision(null, PolicyAction.None, dryRun, wouldDo), path, facts, limits);
    }

    // The site's own limit counts whoever the rules let pass, but for those whom one allows.
    private PolicyDecision WithLimit(PolicyDecision decision, ReadOnlySpan<char> path, in PolicyFacts facts, IRequestLimits limits)
    {
        if (_limit is null || decision.Action == PolicyAction.Allow || decision.Action.IsRefusal() || !_limit.Matches(facts, path)
            || _limit.ActionFor(facts, limits, out int retryAfterSeconds) != PolicyAction.Limit)
            return decision;
        if (_limit.Rule.IsEnforced)
            return decision with { Rule = _limit.Rule, Action = PolicyAction.Limit, RetryAfterSeconds = retryAfterSeconds };
        return decision.DryRunRule is null ? decision with { DryRunRule = _limit.Rule, DryRunAction = PolicyAction.Limit } : decision;
    }
}
