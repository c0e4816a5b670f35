using Weir.Control;
using Weir.Detection;

namespace Weir.Settings;

/// <summary>Finds rules that can never decide, because an enforced one before them matches whatever they match.</summary>
internal static class RuleCover
{
    /// <summary>Whether every request that the later rule matches is one that the earlier matches. False where it cannot be told.</summary>
    public static bool Covers(PolicyRule earlier, PolicyRule later) =>
        Holds(earlier.Crawlers, later.Crawlers) && Holds(earlier.Operators, later.Operators) && Holds(earlier.Purposes, later.Purposes)
        && Holds(earlier.Identities, later.Identities) && Holds(earlier.Kinds, later.Kinds) && Holds(earlier.Referrals, later.Referrals)
        && Holds(earlier.Countries, later.Countries) && Holds(earlier.Methods, later.Methods)
        && earlier.ScoreMin <= later.ScoreMin && later.ScoreMax <= earlier.ScoreMax && HoldsPaths(earlier, later);

    private static bool Holds<T>(IReadOnlyList<T> earlier, IReadOnlyList<T> later) =>
        earlier.Count == 0 || (later.Count > 0 && later.All(earlier.Contains));

    private static bool HoldsPaths(PolicyRule earlier, PolicyRule later)
    {
        if (earlier.Paths.Count > 0)
            return later.Paths.Count > 0 && later.Paths.All(path => earlier.Paths.Any(pattern => pattern == path || (IsPrefix(pattern) && path.StartsWith(pattern, StringComparison.Ordinal))));
        // A refusal without paths spares feeds, which a later rule may then meet.
        return !earlier.Action.IsRefusal() || (later.Paths.Count == 0 && later.Action.IsRefusal());
    }

    private static bool IsPrefix(string pattern) => !pattern.Contains('*') && !pattern.EndsWith('$');
}
