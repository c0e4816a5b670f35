using CsCheck;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Proxy.Policies;

namespace Weir.Proxy.Tests.Policies;

/// <summary>Compiled rules against the plainest reading of the same rules.</summary>
public class SitePolicyTests
{
    private static readonly SiteId Shop = SiteId.Parse("shop");
    private static readonly string[] Ids = ["gptbot", "ccbot", "bingbot"];
    private static readonly string[] Operators = ["OpenAI", "Microsoft"];
    private static readonly string[] Segments = ["a", "b", "ab", "x.pdf"];
    private static readonly string[] Patterns = ["/a", "/a/", "*.pdf$", "/a*b", "/*/b$", "/", "/ab$", "*a*b*"];
    private static readonly string[] Methods = ["GET", "POST", "BREW", "HEAD"];

    private static readonly Gen<PolicyRule> GenRule = Gen.Select(
        Some(Ids), Some(Operators), Some(Enum.GetValues<Purpose>()), Some(Enum.GetValues<Identity>()), Some(Enum.GetValues<VerdictKind>()),
        Gen.Select(Some(Patterns), Some(["GET", "POST"]), Some(Enum.GetValues<ReferralClass>())),
        Gen.Select(Gen.Int[0, 60], Gen.Int[40, 100], Gen.Bool),
        (crawlers, operators, purposes, identities, kinds, rest, more) => new PolicyRule
        {
            Name = "",
            Action = PolicyAction.Observe,
            IsEnforced = more.Item3,
            Crawlers = crawlers,
            Operators = operators,
            Purposes = purposes,
            Identities = identities,
            Kinds = kinds,
            Paths = rest.Item1,
            Methods = rest.Item2,
            Referrals = rest.Item3,
            ScoreMin = (byte)more.Item1,
            ScoreMax = (byte)more.Item2,
        });

    private static readonly Gen<Verdict> GenVerdict = Gen.Select(
        Gen.Int[-1, 2], Gen.OneOf(Operators), Gen.OneOf(Enum.GetValues<Purpose>()), Gen.OneOf(Enum.GetValues<Identity>()),
        Gen.OneOf(Enum.GetValues<VerdictKind>()), Gen.OneOf(Enum.GetValues<ReferralClass>()), Gen.Int[0, 100],
        (id, op, purpose, identity, kind, referral, score) => new Verdict
        {
            Crawler = id < 0 ? null : new Crawler { Id = Ids[id], Name = "", Operator = op, Purpose = purpose },
            Purpose = purpose,
            Identity = identity,
            Kind = kind,
            ReferralClass = referral,
            Score = (byte)score,
        });

    private static readonly Gen<string> GenPath = Gen.OneOf(Segments).Array[0, 4].Select(s => "/" + string.Join('/', s));

    [Fact]
    public void The_first_rule_that_matches_decides_and_dry_runs_decide_nothing() =>
        Gen.Select(GenRule.Array[0, 8], GenVerdict, GenPath, Gen.OneOf(Methods)).Sample((rules, verdict, path, method) =>
        {
            var named = rules.Select((r, i) => r with { Name = $"r{i}" }).ToArray();
            var first = named.FirstOrDefault(r => r.IsEnforced && IsMeant(r, verdict, path, method));
            var dry = named.TakeWhile(r => r != first).FirstOrDefault(r => !r.IsEnforced && IsMeant(r, verdict, path, method));

            var decision = SitePolicy.Compile(Shop, named).Decide(
                new PolicyFacts { Verdict = verdict, Path = path, Method = method }, new LocalRequestLimits(64));

            Assert.Equal((first?.Name, dry?.Name), (decision.Rule?.Name, decision.DryRunRule?.Name));
        }, iter: 20_000);

    [Fact]
    public void A_path_means_the_same_however_it_is_escaped() =>
        Gen.Select(GenPath, Gen.Int[0, int.MaxValue]).Sample((path, seed) =>
        {
            var random = new Random(seed);
            string odd = string.Concat(path.Select(c => c == '/' ? Odd(random) : random.Next(2) == 0 ? $"%{(int)c:x2}" : $"{c}"));

            Assert.Equal(path, NormalPath.Of(odd, new char[odd.Length]).ToString());

            static string Odd(Random random) => random.Next(5) switch { 0 => "//", 1 => "/./", 2 => "/y/../", _ => "/" };
        }, iter: 20_000);

    [Fact]
    public void Garbage_in_a_path_is_no_error_and_no_longer_than_it_was() =>
        Gen.Char["/.%2fF eé*"].Array[0, 40].Sample(chars =>
        {
            string path = "/" + new string(chars);
            Assert.True(NormalPath.Of(path, new char[path.Length]).Length <= path.Length);
        }, iter: 20_000);

    [Fact]
    public void Asking_256_rules_allocates_nothing()
    {
        var rules = Enumerable.Range(0, 256).Select(i => new PolicyRule
        {
            Name = $"r{i}",
            Action = i % 2 == 0 ? PolicyAction.Block : PolicyAction.Limit,
            Limit = i % 2 == 0 ? null : new RequestLimit(1000, 60),
            IsEnforced = i == 255,
            Crawlers = i == 255 ? [] : ["gptbot", "ccbot"],
            Paths = ["/private/*.pdf$", "/"],
            Methods = ["GET"],
        });
        var policy = SitePolicy.Compile(Shop, [.. rules]);
        var limits = new LocalRequestLimits(1024);
        var verdict = new Verdict { Kind = VerdictKind.Automation, Score = 80 };

        long bytes = Allocations.Of(() => policy.Decide(
            new PolicyFacts { Verdict = verdict, Path = "/x/../%70rivate/report.pdf", Method = "GET", ClientAddress = ClientAddress.FromIPv4(1), TimeMs = 1_767_614_400_000 }, limits));

        Assert.Equal(0, bytes);
    }

    // Robots.txt and what it spares are not among these paths.
    private static bool IsMeant(PolicyRule rule, Verdict verdict, string path, string method) =>
        IsIn(rule.Crawlers, verdict.Crawler?.Id) && IsIn(rule.Operators, verdict.Crawler?.Operator) && IsIn(rule.Purposes, verdict.Purpose)
        && IsIn(rule.Identities, verdict.Identity) && IsIn(rule.Kinds, verdict.Kind) && IsIn(rule.Referrals, verdict.ReferralClass)
        && IsIn(rule.Methods, method) && rule.ScoreMin <= verdict.Score && verdict.Score <= rule.ScoreMax
        && (rule.Paths.Count == 0 || rule.Paths.Any(p => Fits(p, path)));

    private static bool IsIn<T>(IReadOnlyList<T> list, T? value) => list.Count == 0 || (value is not null && list.Contains(value));

    // By every way of filling the first star.
    private static bool Fits(string pattern, string path) => pattern switch
    {
        "" => true,
        "$" => path.Length == 0,
        ['*', ..] => Enumerable.Range(0, path.Length + 1).Any(i => Fits(pattern[1..], path[i..])),
        _ => path.Length > 0 && path[0] == pattern[0] && Fits(pattern[1..], path[1..]),
    };

    private static Gen<T[]> Some<T>(T[] values) => Gen.Frequency((3, Gen.Const(Array.Empty<T>())), (2, Gen.OneOf(values).Array[1, 4]));
}
