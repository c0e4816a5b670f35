namespace Weir.Detection.Robots;

/// <summary>One allow or disallow line.</summary>
public sealed class RobotsRule
{
    internal RobotsRule(RobotsLine line, bool isAllow, RobotsPattern pattern) => (Line, IsAllow, Pattern) = (line, isAllow, pattern);

    /// <summary>The line as written.</summary>
    public RobotsLine Line { get; }

    /// <summary>Whether it allows; else it disallows.</summary>
    public bool IsAllow { get; }

    internal RobotsPattern Pattern { get; }
}

/// <summary>The rules of one file that hold for one crawler. Immutable; safe from any thread.</summary>
public sealed class RobotsRules
{
    private readonly RobotsRule[] _rules;

    internal RobotsRules(IReadOnlyList<RobotsLine> agents, RobotsRule[] rules)
    {
        Agents = agents;
        // An empty path matches everything with nothing: it never decides.
        _rules = [.. rules.Where(r => r.Pattern.Octets > 0)];
    }

    /// <summary>No group speaks to the crawler: everything is allowed.</summary>
    public static RobotsRules None { get; } = new([], []);

    /// <summary>The user-agent lines that make these rules the crawler's, one for each group; empty when no group does.</summary>
    public IReadOnlyList<RobotsLine> Agents { get; }

    /// <summary>Whether a request is allowed: by the matching rule with the most octets, and by allow when two are equal (§2.2.2).</summary>
    /// <param name="pathAndQuery">Path with its leading slash, and the query. Over 20,000 characters it is judged by its head.</param>
    public RobotsAnswer Decide(ReadOnlySpan<char> pathAndQuery)
    {
        if (IsRobotsFile(pathAndQuery))
            return new RobotsAnswer(true, RobotsBasis.RobotsFileItself, null);
        byte[] path = RobotsOctets.OfPath(pathAndQuery);
        RobotsRule? best = null;
        foreach (var rule in _rules)
        {
            if (best is not null && (rule.Pattern.Octets < best.Pattern.Octets || (rule.Pattern.Octets == best.Pattern.Octets && (best.IsAllow || !rule.IsAllow))))
                continue;
            if (rule.Pattern.Matches(path))
                best = rule;
        }
        return best is not null ? new RobotsAnswer(best.IsAllow, RobotsBasis.Rule, best)
            : new RobotsAnswer(true, Agents.Count == 0 ? RobotsBasis.NoGroup : RobotsBasis.NoRuleMatches, null);
    }

    /// <summary>Whether a request asks for the robots.txt file itself, which is always allowed (§2.2.2).</summary>
    public static bool IsRobotsFile(ReadOnlySpan<char> pathAndQuery)
    {
        int query = pathAndQuery.IndexOf('?');
        return (query < 0 ? pathAndQuery : pathAndQuery[..query]).SequenceEqual("/robots.txt");
    }

    /// <summary>Path and query of an address such as <c>https://example.com/a?b#c</c>; a text that begins with a slash is one already.</summary>
    public static string PathOf(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        int begin = address.StartsWith("//", StringComparison.Ordinal) ? 2 : 0;
        int scheme = address.IndexOf("://", begin, StringComparison.Ordinal);
        int early = address.AsSpan(begin).IndexOfAny("/?;#");
        if (scheme >= 0 && begin + early > scheme)
            begin = scheme + 3;
        int path = address.AsSpan(begin).IndexOfAny("/?;#");
        if (path < 0 || address[begin + path] == '#')
            return "/";
        string rest = address[(begin + path)..];
        int fragment = rest.IndexOf('#', StringComparison.Ordinal);
        rest = fragment < 0 ? rest : rest[..fragment];
        return rest[0] == '/' ? rest : "/" + rest;
    }
}

/// <summary>What an answer of robots.txt rests on.</summary>
public enum RobotsBasis
{
    /// <summary>A rule matches; it is named.</summary>
    Rule,

    /// <summary>A group speaks to the crawler, and none of its rules matches.</summary>
    NoRuleMatches,

    /// <summary>No group speaks to the crawler.</summary>
    NoGroup,

    /// <summary>The robots.txt file itself is always allowed.</summary>
    RobotsFileItself,

    /// <summary>There was no file (a 4xx answer): everything is allowed (§2.3.1.3).</summary>
    Unavailable,

    /// <summary>The file could not be had (a 5xx answer, or none): everything is disallowed (§2.3.1.4).</summary>
    Unreachable,
}

/// <summary>Whether robots.txt allows a request, and why.</summary>
/// <param name="IsAllowed">The answer.</param>
/// <param name="Basis">What it rests on.</param>
/// <param name="Rule">The rule that decided; null when none did.</param>
public readonly record struct RobotsAnswer(bool IsAllowed, RobotsBasis Basis, RobotsRule? Rule)
{
    /// <summary>The reason in one sentence. Holds hostile text when a rule decided.</summary>
    public string Sentence => Basis switch
    {
        RobotsBasis.Rule => $"Line {Rule!.Line.Number} decides: {Rule.Line}.",
        RobotsBasis.NoRuleMatches => "A group speaks to this crawler, and none of its rules matches the path.",
        RobotsBasis.NoGroup => "No group names this crawler, and none is for all.",
        RobotsBasis.RobotsFileItself => "The robots.txt file itself is always allowed.",
        RobotsBasis.Unavailable => "There was no robots.txt file (a 4xx answer), so everything is allowed.",
        RobotsBasis.Unreachable => "The robots.txt file could not be had (a 5xx answer, or none), so everything is disallowed.",
        _ => throw new InvalidOperationException($"{Basis} has no sentence."),
    };
}
