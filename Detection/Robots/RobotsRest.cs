using System.Text;

namespace Weir.Detection.Robots;

/// <summary>Copies what a plan leaves of a site's own file. For one copy.</summary>
internal sealed class RobotsRest(RobotsText text, RobotsPlan plan, RobotsNames managed, bool hasSignals)
{
    private bool _hasBegun;
    private bool _isAmongAgents;
    private bool _speaksToAll;
    private bool _isForAll;
    private int _kept;

    /// <summary>Copies it. True when a group for everyone is among what was copied.</summary>
    public bool Copy(ReadOnlySpan<byte> origin, bool dropsAll)
    {
        var reader = new RobotsReader(origin);
        while (reader.TryRead(out var key))
        {
            switch (key)
            {
                case RobotsKey.UserAgent:
                    Agent(reader, dropsAll);
                    break;
                case RobotsKey.Allow or RobotsKey.Disallow:
                    EndAgents(hasRules: true);
                    Member(reader);
                    break;
                case RobotsKey.Other when IsOfTheFile(reader.Name):
                case RobotsKey.None:
                    text.Line(reader.Line);
                    break;
                default:
                    Member(reader);
                    break;
            }
        }
        // Without a rule behind them these agents would join the next group.
        EndAgents(hasRules: false);
        return _speaksToAll;
    }

    private void Agent(in RobotsReader reader, bool dropsAll)
    {
        if (!_isAmongAgents)
            (_kept, _isForAll) = (0, false);
        _hasBegun = _isAmongAgents = true;
        string value = Encoding.UTF8.GetString(reader.Value);
        bool isAll = RobotsAgent.IsAll(value);
        if (managed.Has(value) || (isAll && dropsAll))
            return;
        _kept++;
        _isForAll |= isAll;
        _speaksToAll |= isAll;
        text.Line(reader.Line);
    }

    private void EndAgents(bool hasRules)
    {
        if (!_isAmongAgents)
            return;
        _isAmongAgents = false;
        if (_kept == 0)
            return;
        if (_isForAll && !hasSignals)
            text.Signals(plan);
        text.Trap(plan);
        if (!hasRules && plan.TrapPath is null)
            text.Line("Disallow:");
    }

    // What stands before any user agent is for nobody, and must not come to be for the last group of the plan.
    private void Member(in RobotsReader reader)
    {
        if (!_hasBegun)
            text.Comment(reader.Line);
        else if (_kept > 0)
            text.Line(reader.Line);
    }

    private static bool IsOfTheFile(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "sitemap"u8) || Ascii.EqualsIgnoreCase(name, "host"u8);
}
