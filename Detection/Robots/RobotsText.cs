using System.Buffers;
using System.Text;

namespace Weir.Detection.Robots;

/// <summary>A robots.txt under way.</summary>
internal sealed class RobotsText
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);

    public byte[] ToBytes() => _bytes.WrittenSpan.ToArray();

    public void Line(string text)
    {
        Encoding.UTF8.GetBytes(text, _bytes);
        Line([]);
    }

    public void Line(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        _bytes.Write("\n"u8);
    }

    public void Lines(IEnumerable<string> lines)
    {
        foreach (string line in lines)
            Line(line);
    }

    public void Comment(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write("# "u8);
        Line(bytes);
    }

    public void Group(RobotsPlanRule rule, IEnumerable<string> names, RobotsPlan plan, IEnumerable<(bool IsAllow, string Path)> shared)
    {
        foreach (string name in names)
            Line($"User-agent: {name}");
        Signals(plan);
        foreach (string path in rule.Allow)
            Line($"Allow: {path}");
        foreach (string path in rule.Disallow)
            Line($"Disallow: {path}");
        // Whoever may read nothing needs no list of what else is closed.
        foreach (var (isAllow, path) in rule.DisallowsAll ? [] : shared)
        {
            if (!(isAllow ? rule.Allow : rule.Disallow).Contains(path))
                Line($"{(isAllow ? "Allow" : "Disallow")}: {path}");
        }
        Trap(plan);
        Line("");
    }

    public void Signals(RobotsPlan plan)
    {
        if (plan.SignalsDeclared is { Count: > 0 } signals)
            Line($"Content-Signal: {string.Join(", ", signals)}");
    }

    public void Trap(RobotsPlan plan)
    {
        if (plan.TrapPath is not null)
            Line($"Disallow: {plan.TrapPath}");
    }

    public void Sitemaps(IEnumerable<string> sitemaps)
    {
        foreach (string sitemap in sitemaps)
            Line($"Sitemap: {sitemap}");
    }
}
