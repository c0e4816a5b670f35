using Weir.Control;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.ClickHouse;

namespace Weir.Proxy.Policies;

/// <summary>Asks rules about requests of the past, every rule as if it were enforced, and adds up what would have been done. For one thread.</summary>
public sealed class PolicyReplay
{
    private readonly SitePolicy _policy;
    private readonly LocalRequestLimits _limits = new();
    private readonly Dictionary<string, Crawler> _crawlers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RuleTally> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<PolicyChange, long> _changes = [];

    /// <summary>Begins with nothing counted.</summary>
    public PolicyReplay(SiteId site, IReadOnlyList<PolicyRule> rules, PolicyRule? limit = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _policy = SitePolicy.Compile(site, [.. rules.Select(r => r with { IsEnforced = true })], limit is null ? null : limit with { IsEnforced = true });
        foreach (var rule in limit is null ? rules : [.. rules, limit])
            _rules.Add(rule.Name, new RuleTally(rule));
    }

    /// <summary>Requests asked about.</summary>
    public long Requests { get; private set; }

    /// <summary>What each rule would have done, in the order of the rules.</summary>
    public IReadOnlyCollection<RuleTally> Rules => _rules.Values;

    /// <summary>What clients would have met instead of what they met, most frequent first.</summary>
    public IEnumerable<KeyValuePair<PolicyChange, long>> Changes =>
        _changes.OrderByDescending(c => c.Value).ThenBy(c => c.Key.Crawler, StringComparer.Ordinal).ThenBy(c => c.Key.Identity);

    /// <summary>Asks about one request; they come in the order of time.</summary>
    public void Take(in StoredRequest request)
    {
        Requests++;
        var decision = _policy.Decide(
            new PolicyFacts
            {
                Verdict = VerdictOf(request),
                Path = request.Path,
                Method = request.Method,
                ClientAddress = request.ClientAddress,
                Country = request.Country,
                TimeMs = request.TimeMs,
            }, _limits);
        if (decision.Rule is not null)
            _rules[decision.Rule.Name].Add(decision.Action, request.Kind);
        var (was, would) = (Met(request.Action), Met(decision.Action));
        if (was == would)
            return;
        var change = new PolicyChange(was, would, request.Crawler, request.Kind, request.Identity);
        _changes[change] = _changes.GetValueOrDefault(change) + 1;
    }

    // Actions that a client and an origin cannot tell apart are one.
    private static PolicyAction Met(PolicyAction action) =>
        action is PolicyAction.Observe or PolicyAction.Allow or PolicyAction.WithinLimit ? PolicyAction.None : action;

    private Verdict VerdictOf(in StoredRequest request) => new()
    {
        Kind = request.Kind,
        Crawler = request.Crawler.Length == 0 ? null : CrawlerOf(request),
        Purpose = request.Purpose,
        Identity = request.Identity,
        Score = request.Score,
        ReferralClass = request.Referral,
    };

    // As it was stored: the catalog of today may call it otherwise.
    private Crawler CrawlerOf(in StoredRequest request)
    {
        if (!_crawlers.TryGetValue(request.Crawler, out var crawler))
            _crawlers[request.Crawler] = crawler = new Crawler { Id = request.Crawler, Name = request.Crawler, Operator = request.Operator, Purpose = request.Purpose };
        return crawler;
    }
}

/// <summary>Requests that would have met something else.</summary>
/// <param name="Was">What was done; <see cref="PolicyAction.None"/> when it passed.</param>
/// <param name="Would">What would have been done.</param>
/// <param name="Crawler">The crawler that they claimed; empty for none.</param>
/// <param name="Kind">What sort of client.</param>
/// <param name="Identity">What checking the claim gave.</param>
public readonly record struct PolicyChange(PolicyAction Was, PolicyAction Would, string Crawler, VerdictKind Kind, Identity Identity);

/// <summary>What one rule would have done.</summary>
public sealed class RuleTally(PolicyRule rule)
{
    /// <summary>The rule.</summary>
    public PolicyRule Rule { get; } = rule;

    /// <summary>Requests that it would have decided.</summary>
    public long Matched { get; private set; }

    /// <summary>Those that would not have reached the origin.</summary>
    public long Refused { get; private set; }

    /// <summary>Refused ones that look like people.</summary>
    public long RefusedLikelyPeople { get; private set; }

    internal void Add(PolicyAction action, VerdictKind kind)
    {
        Matched++;
        if (!action.IsRefusal())
            return;
        Refused++;
        RefusedLikelyPeople += kind == VerdictKind.LikelyHuman ? 1 : 0;
    }
}
