namespace Weir.Detection.Robots;

/// <summary>Names of user-agent lines, found as crawlers find theirs.</summary>
internal sealed class RobotsNames
{
    private readonly HashSet<string> _tokens = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _others = new(StringComparer.OrdinalIgnoreCase);

    public void Add(IEnumerable<string> names)
    {
        foreach (string name in names)
            (RobotsAgent.IsProductToken(name) ? _tokens : _others).Add(name);
    }

    /// <summary>Whether a user-agent line's value names one of them; see <see cref="RobotsAgent.IsNamedBy"/>.</summary>
    public bool Has(ReadOnlySpan<char> value)
    {
        int end = value.IndexOfAny(" \t/");
        return _tokens.GetAlternateLookup<ReadOnlySpan<char>>().Contains(value[..RobotsAgent.TokenLength(value)])
            || _others.GetAlternateLookup<ReadOnlySpan<char>>().Contains(end < 0 ? value : value[..end]);
    }
}
