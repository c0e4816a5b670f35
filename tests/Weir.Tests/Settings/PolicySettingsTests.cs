using Weir.Control;
using Weir.Detection;

namespace Weir.Tests.Settings;

public class PolicySettingsTests
{
    [Fact]
    public void A_rule_means_what_it_says_and_is_in_dry_run_until_it_is_enforced()
    {
        var rules = Rules("""
            { "name": "no-training", "purposes": "ai-training", "identities": ["verified", "spoofed"], "action": "block", "contact": "mailto:web@example.com" },
            { "name": "slow", "mode": "enforce", "operators": "openai", "crawlers": ["GPTBot"], "action": "limit", "requests": 10, "seconds": 30, "per": "crawler" },
            { "name": "pay", "paths": "/articles/*", "methods": "get", "scoreMin": 50, "kinds": "automation", "referrals": "none", "action": "price", "price": "USD 0.01" }
            """);

        Assert.Equal([(PolicyAction.Block, false), (PolicyAction.Limit, true), (PolicyAction.Price, false)], rules.Select(r => (r.Action, r.IsEnforced)));
        Assert.Equal([Identity.Verified, Identity.Spoofed], rules[0].Identities);
        Assert.Equal([Purpose.AiTraining], rules[0].Purposes);
        Assert.Equal(("OpenAI", "gptbot"), (rules[1].Operators.Single(), rules[1].Crawlers.Single()));
        Assert.Equal(new RequestLimit(10, 30, LimitScope.Crawler), rules[1].Limit);
        Assert.Equal(("USD 0.01", "GET", 50, 100), (rules[2].Price, rules[2].Methods.Single(), rules[2].ScoreMin, rules[2].ScoreMax));
    }

    [Theory]
    [InlineData("""{ "action": "block" }""", "policy[0].name: A rule has no name. Write \"name\": \"no-training\", or any short name that stays: hits carry it.")]
    [InlineData("""{ "name": "a b", "action": "block" }""", "policy[0].name: 'a b' is no name of a rule. Use up to 64 letters, digits, dots, dashes and underscores.")]
    [InlineData("""{ "name": "a" }""", "policy[0].action: A rule has no action. Write \"action\": \"observe\", allow, tag, limit, block or price.")]
    [InlineData("""{ "name": "a", "action": "blok" }""", "policy[0].action: 'blok' is no action. Did you mean 'block'?")]
    [InlineData("""{ "name": "a", "action": "block", "mode": "on" }""", "policy[0].mode: 'on' is no mode. Write dry-run (as without it) or enforce.")]
    [InlineData("""{ "name": "a", "action": "block", "crawlers": ["gptbott"] }""", "policy[0].crawlers[0]: 'gptbott' is no crawler of the catalog. Did you mean 'gptbot'?")]
    [InlineData("""{ "name": "a", "action": "block", "crawlers": "google-extended" }""", "policy[0].crawlers: 'google-extended' is a name for robots.txt alone: no request comes from it. Refuse it in robots.txt; a request that carries the name is spoofed.")]
    [InlineData("""{ "name": "a", "action": "block", "operators": "OpenAl" }""", "policy[0].operators: 'OpenAl' is no operator of the catalog. Did you mean 'OpenAI'?")]
    [InlineData("""{ "name": "a", "action": "block", "purposes": "training" }""", "policy[0].purposes: 'training' is none of purposes. Did you mean 'ai-training'?")]
    [InlineData("""{ "name": "a", "action": "block", "identities": "faked" }""", "policy[0].identities: 'faked' is none of identities. Write one of not-claimed, verified, spoofed, unverifiable, pending.")]
    [InlineData("""{ "name": "a", "action": "block", "paths": "private" }""", "policy[0].paths: 'private' is no path. Write one as in robots.txt: /private/ for all below it, *.pdf$ for an ending. The query is not looked at.")]
    [InlineData("""{ "name": "a", "action": "block", "scoreMin": 80, "scoreMax": 20 }""", "policy[0].scoreMin: No score is from 80 to 20. Write the smaller number as scoreMin.")]
    [InlineData("""{ "name": "a", "action": "block", "requests": 5 }""", "policy[0].requests: 'requests' belongs to the action limit. Remove it, or write \"action\": \"limit\".")]
    [InlineData("""{ "name": "a", "action": "price", "price": "1 cent" }""", "policy[0].price: '1 cent' is no price. Write a currency in three capitals and an amount, such as USD 0.01.")]
    [InlineData("""{ "name": "a", "action": "block", "contact": "javascript:alert(1)" }""", "policy[0].contact: 'javascript:alert(1)' is no address to turn to. Write one such as https://example.com/crawlers or mailto:web@example.com.")]
    [InlineData("""{ "name": "a", "action": "block", "country": "DE" }""", "policy[0].country: There is no setting 'country' here.")]
    public void A_wrong_rule_is_named_with_its_mend(string rule, string error) =>
        Assert.Contains(error, Assert.Single(SettingsText.Errors(SiteWith(rule))), StringComparison.Ordinal);

    [Fact]
    public void Two_rules_of_one_name_are_refused() =>
        Assert.EndsWith("Give each rule of a site its own name.", Assert.Single(SettingsText.Errors(
            SiteWith("""{ "name": "a", "action": "allow" }, { "name": "a", "action": "block" }"""))), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "name": "a", "mode": "enforce", "action": "allow" }, { "name": "b", "action": "block", "crawlers": "gptbot" }""", true)]
    [InlineData("""{ "name": "a", "mode": "enforce", "action": "block", "paths": "/x/" }, { "name": "b", "action": "allow", "paths": ["/x/y", "/x/z"] }""", true)]
    [InlineData("""{ "name": "a", "mode": "enforce", "action": "block", "identities": ["spoofed", "pending"] }, { "name": "b", "action": "price", "price": "USD 1", "identities": "spoofed" }""", true)]
    [InlineData("""{ "name": "a", "mode": "enforce", "action": "tag", "countries": ["DE", "FR"] }, { "name": "b", "action": "tag", "countries": "de" }""", true)]
    [InlineData("""{ "name": "a", "action": "allow" }, { "name": "b", "action": "block" }""", false)]
    [InlineData("""{ "name": "a", "mode": "enforce", "action": "allow", "crawlers": "gptbot" }, { "name": "b", "action": "block" }""", false)]
    [InlineData("""{ "name": "a", "mode": "enforce", "action": "block", "paths": "/x/*.pdf$" }, { "name": "b", "action": "allow", "paths": "/x/y" }""", false)]
    [InlineData("""{ "name": "a", "mode": "enforce", "action": "block" }, { "name": "b", "action": "allow", "paths": "/news" }""", false)]
    [InlineData("""{ "name": "a", "mode": "enforce", "action": "allow", "scoreMax": 50 }, { "name": "b", "action": "block", "scoreMin": 40 }""", false)]
    public void A_rule_that_an_enforced_one_before_it_covers_is_warned_of(string rules, bool isCovered)
    {
        var warnings = SettingsText.Read(SiteWith(rules)).Warnings;

        Assert.Equal(isCovered ? ["The rule 'b' never decides: 'a' before it matches all that it matches."] : [], warnings.Select(w => w.What));
        Assert.All(warnings, w => Assert.StartsWith("weir.json:1:", w.At, StringComparison.Ordinal));
    }

    [Fact]
    public void Countries_are_two_letters_and_what_people_write_instead_is_mended()
    {
        Assert.Equal(["DE", "US", ""], Rules("""{ "name": "a", "action": "block", "countries": ["de", "US", "unknown"] }""")[0].Countries.Select(c => c.Code));
        Assert.All((string[])["Germany", "UK", "D1", ""], wrong => Assert.Contains("is no country. Write its two letters of ISO 3166",
            Assert.Single(SettingsText.Errors(SiteWith($$"""{ "name": "a", "action": "block", "countries": "{{wrong}}" }"""))), StringComparison.Ordinal));
        Assert.Contains("geo.countryFile: There is no file '/nowhere.mmdb'", Assert.Single(SettingsText.Errors("""{ "geo": { "countryFile": "/nowhere.mmdb" } }""")), StringComparison.Ordinal);
    }

    private static IReadOnlyList<PolicyRule> Rules(string rules) => SettingsText.Read(SiteWith(rules)).Sites[0].Policy;

    private static string SiteWith(string rules) =>
        $$"""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "policy": [{{rules}}] }] }""";
}
