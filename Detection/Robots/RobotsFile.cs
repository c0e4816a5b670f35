using System.Text;

namespace Weir.Detection.Robots;

/// <summary>One line of a robots.txt file as its author wrote it, without its comment. Hostile text.</summary>
/// <param name="Number">Its place in the file, from 1.</param>
/// <param name="Name">What stands before the colon; empty when the line is no name with a value.</param>
/// <param name="Value">What stands behind it.</param>
public sealed record RobotsLine(int Number, string Name, string Value)
{
    /// <summary>The line for people.</summary>
    public override string ToString() => Name.Length == 0 ? Value : $"{Name}: {Value}";
}

/// <summary>A robots.txt file read by RFC 9309. Immutable; safe from any thread.</summary>
/// <remarks>Memory is bounded by the 500 KiB that are read. Misspelt names are taken as Google's parser takes them.</remarks>
public sealed class RobotsFile
{
    /// <summary>Bytes that are read of a file: 500 KiB (RFC 9309 §2.5).</summary>
    public const int BytesMax = RobotsReader.BytesMax;

    /// <summary>Lines of other names that are kept; more are counted.</summary>
    public const int OtherLinesMax = 1000;

    private readonly List<RobotsGroup> _groups = [];
    private readonly List<RobotsLine> _other = [];

    private RobotsFile()
    {
    }

    /// <summary>Lines that RFC 9309 defines nothing for, such as Sitemap, Crawl-delay or Content-Signal; the first thousand.</summary>
    public IReadOnlyList<RobotsLine> Other => _other;

    /// <summary>Lines of that kind, and lines that are none.</summary>
    public int OtherCount { get; private set; }

    /// <summary>Lines that name a user agent, allow or disallow.</summary>
    public int KnownCount { get; private set; }

    /// <summary>Bytes behind the first 500 KiB (RFC 9309 §2.5), which nothing was read from.</summary>
    public int BytesCut { get; private set; }

    internal IReadOnlyList<RobotsGroup> Groups => _groups;

    /// <summary>Reads a file. Never throws, whatever the bytes.</summary>
    public static RobotsFile Parse(ReadOnlySpan<byte> content)
    {
        var file = new RobotsFile();
        var reader = new RobotsReader(content);
        file.BytesCut = reader.BytesCut;
        RobotsGroup? group = null;
        while (reader.TryRead(out var key))
        {
            switch (key)
            {
                case RobotsKey.UserAgent:
                    file.KnownCount++;
                    // Several user agents may share the rules below them; the first rule ends their list.
                    if (group is null || group.Rules.Count > 0)
                        file._groups.Add(group = new RobotsGroup());
                    group.Agents.Add(LineOf(reader));
                    break;
                case RobotsKey.Allow or RobotsKey.Disallow when group is not null:
                    file.KnownCount++;
                    group.Rules.Add(new RobotsRule(LineOf(reader), key == RobotsKey.Allow, new RobotsPattern(reader.Value)));
                    break;
                case RobotsKey.Allow or RobotsKey.Disallow: // outside any group it is for nobody
                case RobotsKey.Other:
                case RobotsKey.Unreadable:
                    file.OtherCount++;
                    if (file._other.Count < OtherLinesMax)
                        file._other.Add(LineOf(reader));
                    break;
                case RobotsKey.None:
                    break;
            }
        }
        return file;
    }

    /// <summary>The rules that hold for a crawler: those of every group that names it, else of every group of <c>*</c>, else none.</summary>
    public RobotsRules RulesFor(RobotsAgent agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        if (Gather(value => agent.Names.Any(name => RobotsAgent.IsNamedBy(value, name))) is { } own)
            return own;
        foreach (string substitute in agent.Substitutes)
        {
            if (Gather(value => RobotsAgent.IsNamedBy(value, substitute)) is { } others)
                return others;
        }
        return (agent.ObeysGroupOfAll ? Gather(RobotsAgent.IsAll) : null) ?? RobotsRules.None;
    }

    private RobotsRules? Gather(Func<string, bool> isMeant)
    {
        var groups = _groups.Where(g => g.Agents.Exists(a => isMeant(a.Value))).ToList();
        return groups.Count == 0 ? null : new RobotsRules(
            [.. groups.Select(g => g.Agents.First(a => isMeant(a.Value)))], [.. groups.SelectMany(g => g.Rules)]);
    }

    private static RobotsLine LineOf(in RobotsReader reader) =>
        new(reader.Number, Encoding.UTF8.GetString(reader.Name), Encoding.UTF8.GetString(reader.Value));
}

/// <summary>User agents and the rules that they share.</summary>
internal sealed class RobotsGroup
{
    public List<RobotsLine> Agents { get; } = [];

    public List<RobotsRule> Rules { get; } = [];
}
