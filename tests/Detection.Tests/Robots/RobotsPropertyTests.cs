using System.Text;
using CsCheck;
using Weir.Detection.Robots;

namespace Weir.Tests.Robots;

public sealed class RobotsPropertyTests
{
    private static readonly Gen<string> Path = Gen.Char["ab/?="].Array[0, 12].Select(c => "/" + new string(c));
    private static readonly Gen<string> Pattern = Gen.Char["ab/?*$="].Array[0, 10].Select(c => "/" + new string(c));

    [Fact]
    public void Patterns_match_what_the_plain_reading_of_stars_matches() =>
        Gen.Select(Pattern, Path).Sample((pattern, path) =>
            new RobotsPattern(Encoding.ASCII.GetBytes(pattern)).Matches(RobotsOctets.OfPath(path)) == Matches(pattern, path), iter: 20_000);

    [Fact]
    public void The_longest_rule_decides_and_allow_wins_a_tie() =>
        Gen.Select(Gen.Select(Gen.Bool, Pattern).Array[0, 6], Path).Sample((rules, path) =>
        {
            string text = "User-agent: *\n" + string.Concat(rules.Select(r => $"{(r.Item1 ? "Allow" : "Disallow")}: {r.Item2}\n"));
            var matching = rules.Where(r => Matches(r.Item2, path)).ToList();
            int longest = matching.Count == 0 ? 0 : matching.Max(r => Octets(r.Item2));
            bool expected = matching.Count == 0 || matching.Exists(r => r.Item1 && Octets(r.Item2) == longest);
            return RobotsFile.Parse(Encoding.ASCII.GetBytes(text)).RulesFor(RobotsAgent.Named("a")).Decide(path).IsAllowed == expected;
        }, iter: 10_000);

    [Fact]
    public void Any_bytes_are_read_and_any_path_is_answered()
    {
        var lines = Gen.OneOf(
            Gen.Byte.Array[0, 60],
            Gen.Select(Generators.Pick("User-agent:", "Allow:", "Disallow:", "Sitemap:", "#", ""), Gen.Byte.Array[0, 20])
                .Select((name, rest) => (byte[])[.. Encoding.ASCII.GetBytes(name), .. rest, (byte)'\n']));
        Gen.Select(lines.Array[0, 20], Gen.String).Sample((parts, path) =>
        {
            var file = RobotsFile.Parse([.. parts.SelectMany(p => p)]);
            _ = file.RulesFor(RobotsAgent.Named("a")).Decide(path).Sentence;
            _ = RobotsRules.PathOf(path);
            return file.OtherCount >= file.Other.Count;
        }, iter: 5_000);
    }

    [Fact]
    public void A_file_of_hostile_patterns_is_answered()
    {
        // 30 rules of 8,000 stars each against the longest path: backtracking would not end.
        string rule = "Disallow: /" + string.Concat(Enumerable.Repeat("*a", 8_000)) + "b\n";
        var rules = RobotsFile.Parse(Encoding.ASCII.GetBytes("User-agent: *\n" + string.Concat(Enumerable.Repeat(rule, 30))))
            .RulesFor(RobotsAgent.Named("a"));

        Assert.True(rules.Decide("/" + new string('a', 30_000)).IsAllowed);
    }

    // Every way of giving octets to a star is tried.
    private static bool Matches(string pattern, string path)
    {
        if (pattern.Length == 0)
            return true;
        if (pattern == "$")
            return path.Length == 0;
        if (pattern[0] == '*')
            return Enumerable.Range(0, path.Length + 1).Any(i => Matches(pattern[1..], path[i..]));
        return path.Length > 0 && path[0] == pattern[0] && Matches(pattern[1..], path[1..]);
    }

    // A dollar sign inside is compared in its escaped form.
    private static int Octets(string pattern) => pattern.Length + (2 * pattern[..^1].Count(c => c == '$'));
}
