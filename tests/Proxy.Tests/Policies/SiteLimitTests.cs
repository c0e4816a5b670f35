using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Policies;

namespace Weir.Proxy.Tests.Policies;

public class SiteLimitTests
{
    private const long Noon = 1_767_614_400_000;
    private static readonly SiteId Shop = SiteId.Parse("shop");
    private static readonly PolicyRule Limit = new() { Name = "site-limit", Action = PolicyAction.Limit, IsEnforced = true, Limit = new RequestLimit(10, 60) };

    [Fact]
    public void One_client_gets_its_share_of_a_site_whatever_rule_it_meets_and_others_get_theirs()
    {
        var tag = new PolicyRule { Name = "tell", Action = PolicyAction.Tag, IsEnforced = true, Paths = ["/shop/"] };
        var policy = SitePolicy.Compile(Shop, [tag], Limit);
        var limits = new LocalRequestLimits(64);

        var first = Enumerable.Range(0, 10).Select(i => Ask(policy, limits, 1, i % 2 == 0 ? "/shop/a" : "/b")).ToList();
        Assert.Equal(5, first.Count(d => d.Action == PolicyAction.Tag));
        Assert.Equal(5, first.Count(d => d.Rule is null));
        var refused = Ask(policy, limits, 1, "/shop/a");
        Assert.Equal(("site-limit", PolicyAction.Limit), (refused.Rule?.Name, refused.Action));
        Assert.InRange(refused.RetryAfterSeconds, 1, 120);
        Assert.Equal(PolicyAction.Tag, Ask(policy, limits, 2, "/shop/a").Action);
    }

    [Fact]
    public void Whom_a_rule_allows_or_refuses_and_what_no_rule_touches_is_not_counted()
    {
        var policy = SitePolicy.Compile(Shop,
        [
            new PolicyRule { Name = "ours", Action = PolicyAction.Allow, IsEnforced = true, Paths = ["/ours"] },
            new PolicyRule { Name = "shut", Action = PolicyAction.Block, IsEnforced = true, Paths = ["/shut"] },
        ], Limit);
        var limits = new LocalRequestLimits(64);

        foreach (string path in (string[])["/ours", "/shut", "/robots.txt", "/feed"])
            Assert.All(Enumerable.Range(0, 50), _ => Assert.NotEqual(PolicyAction.Limit, Ask(policy, limits, 1, path).Action));
        Assert.Equal(10, Enumerable.Range(0, 50).Count(_ => Ask(policy, limits, 1, "/").Action != PolicyAction.Limit));
    }

    [Fact]
    public void In_dry_run_it_refuses_nobody_and_says_what_it_would_have_done()
    {
        var policy = SitePolicy.Compile(Shop, [], Limit with { IsEnforced = false });
        var limits = new LocalRequestLimits(64);

        var all = Enumerable.Range(0, 30).Select(_ => Ask(policy, limits, 1, "/")).ToList();
        Assert.All(all, d => Assert.Equal((null, PolicyAction.None), (d.Rule?.Name, d.Action)));
        Assert.Equal(20, all.Count(d => d is { DryRunRule.Name: "site-limit", DryRunAction: PolicyAction.Limit }));
    }

    [Fact]
    public void A_rule_in_dry_run_takes_nothing_from_what_it_counts_when_it_is_enforced()
    {
        var rule = new PolicyRule { Name = "slow", Action = PolicyAction.Limit, Limit = new RequestLimit(10, 60) };
        var (dryRun, enforced) = (SitePolicy.Compile(Shop, [rule]), SitePolicy.Compile(Shop, [rule with { IsEnforced = true }]));
        var limits = new LocalRequestLimits(64);

        for (int i = 0; i < 50; i++)
            Ask(dryRun, limits, 1, "/");

        Assert.Equal(10, Enumerable.Range(0, 50).Count(_ => Ask(enforced, limits, 1, "/").Action == PolicyAction.WithinLimit));
    }

    private static PolicyDecision Ask(SitePolicy policy, IRequestLimits limits, uint client, string path) => policy.Decide(
        new PolicyFacts { Verdict = default, Path = path, Method = "GET", ClientAddress = ClientAddress.FromIPv4(client), TimeMs = Noon }, limits);
}
