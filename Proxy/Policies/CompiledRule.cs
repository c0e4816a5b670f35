using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Catalog;

namespace Weir.Proxy.Policies;

/// <summary>A rule as bits and numbers: asking it compares no text but the path. Immutable.</summary>
internal sealed class CompiledRule
{
    private static readonly string[] KnownMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    private const uint OtherMethod = 1u << 31;

    private readonly uint _kinds, _purposes, _identities, _referrals, _methods;
    private readonly byte _scoreMin, _scoreMax;
    private readonly int[] _crawlers, _operators;
    private readonly ushort[] _countries;
    private readonly PathPattern[] _paths;
    private readonly bool _spareFeeds;
    private readonly ulong _limitKey;

    public CompiledRule(SiteId site, PolicyRule rule)
    {
        Rule = rule;
        _kinds = Bits(rule.Kinds, k => (int)k);
        _purposes = Bits(rule.Purposes, p => (int)p);
        _identities = Bits(rule.Identities, i => (int)i);
        _referrals = Bits(rule.Referrals, r => (int)r);
        _methods = rule.Methods.Count == 0 ? uint.MaxValue : rule.Methods.Aggregate(0u, (bits, m) => bits | BitOf(m));
        (_scoreMin, _scoreMax) = (rule.ScoreMin, rule.ScoreMax);
        _crawlers = [.. rule.Crawlers.Select(NameNumbers.Of)];
        _operators = [.. rule.Operators.Select(NameNumbers.Of)];
        _countries = [.. rule.Countries.Select(c => c.Number)];
        _paths = [.. rule.Paths.Select(p => new PathPattern(p))];
        _spareFeeds = rule.Action.IsRefusal() && _paths.Length == 0;
        // A rule in dry run never takes from what it will count when it is enforced, nor from an edge where it is already.
        _limitKey = rule.Limit is not { } limit ? 0 : KeyOf($"{site}\n{rule.Name}\n{(rule.IsEnforced ? "enforce" : "dry-run")}\n{limit.Seconds}");
    }

    public PolicyRule Rule { get; }

    /// <summary>Whether the rule is for this request. Allocates nothing.</summary>
    /// <param name="facts">The request.</param>
    /// <param name="path">Its normal path.</param>
    public bool Matches(in PolicyFacts facts, ReadOnlySpan<char> path)
    {
        var verdict = facts.Verdict;
        if (!Has(_kinds, (int)verdict.Kind) || !Has(_purposes, (int)verdict.Purpose) || !Has(_identities, (int)verdict.Identity)
            || !Has(_referrals, (int)verdict.ReferralClass) || verdict.Score < _scoreMin || verdict.Score > _scoreMax)
            return false;
        if (_crawlers.Length > 0 && !(verdict.Crawler is { } crawler && _crawlers.AsSpan().Contains(crawler.Number)))
            return false;
        if (_operators.Length > 0 && !(verdict.Crawler is { } run && _operators.AsSpan().Contains(run.OperatorNumber)))
            return false;
        if (_countries.Length > 0 && !_countries.AsSpan().Contains(facts.Country.Number))
            return false;
        if (_methods != uint.MaxValue && (_methods & BitOf(facts.Method)) == 0)
            return false;
        return MatchesPath(path) && !(_spareFeeds && FreePaths.IsFeed(path));
    }

    /// <summary>What the rule does with a request that it matches.</summary>
    public PolicyAction ActionFor(in PolicyFacts facts, IRequestLimits limits, out int retryAfterSeconds)
    {
        retryAfterSeconds = 0;
        if (Rule.Limit is not { } limit)
            return Rule.Action;
        var subject = limit.Per == LimitScope.Client ? facts.ClientAddress.ClientKey : (UInt128)(facts.Verdict.Crawler?.Number ?? 0);
        return limits.TryTake(new LimitKey(_limitKey, subject), limit.Requests, limit.Seconds, facts.TimeMs, out retryAfterSeconds)
            ? PolicyAction.WithinLimit : PolicyAction.Limit;
    }

    private bool MatchesPath(ReadOnlySpan<char> path)
    {
        if (_paths.Length == 0)
            return true;
        foreach (var pattern in _paths)
        {
            if (pattern.Matches(path))
                return true;
        }
        return false;
    }

    private static bool Has(uint bits, int number) => (bits >> number & 1) != 0;

    private static uint Bits<T>(IReadOnlyList<T> values, Func<T, int> number) =>
        values.Count == 0 ? uint.MaxValue : values.Aggregate(0u, (bits, v) => bits | (1u << number(v)));

    private static uint BitOf(string method)
    {
        int i = Array.IndexOf(KnownMethods, method);
        return i < 0 ? OtherMethod : 1u << i;
    }

    private static ulong KeyOf(string text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
