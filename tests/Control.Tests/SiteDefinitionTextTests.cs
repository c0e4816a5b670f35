using CsCheck;
using Weir.Detection;

namespace Weir.Control.Tests;

public sealed class SiteDefinitionTextTests
{
    private static readonly SiteId Shop = SiteId.Parse("shop");

    [Theory]
    [InlineData("{}", "{ \"id\": \"shop\",}")]
    [InlineData("// {\n{ \"hosts\": 1 }", "// {\n{ \"id\": \"shop\", \"hosts\": 1 }")]
    [InlineData("{ \"a\": { \"id\": 1 } }", "{ \"id\": \"shop\", \"a\": { \"id\": 1 } }")]
    [InlineData("{ \"é\": 1, \"id\": \"x\" }", "{ \"é\": 1, \"id\": \"x\" }")]
    [InlineData("[]", "[]")]
    [InlineData("", "")]
    [InlineData("{ \"\\ud800\": 1 }", "{ \"\\ud800\": 1 }")]
    public void An_id_is_put_into_an_object_that_has_none_and_lines_stay(string json, string with) =>
        Assert.Equal(with, SiteDefinitionText.WithId(json, Shop));

    [Fact]
    public void Any_text_is_left_as_it_is_but_for_an_id()
    {
        string[] pieces = ["{", "}", "\"", "\"id\"", ":", ",", "[", "]", "/*", "*/", "\"\\ud83d\"", "1", " "];
        Gen.Int[0, pieces.Length - 1].Array[0, 12].Sample(picks =>
        {
            string text = string.Concat(picks.Select(i => pieces[i]));
            Assert.Equal(text, SiteDefinitionText.WithId(text, Shop).Replace(" \"id\": \"shop\",", "", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void One_rules_mode_changes_and_nothing_else()
    {
        string json = SiteDefinitionText.Normalize("""
            { // é
              "hosts": "é.example",
              "policy": [{ "name": "a", "action": "block" }, { "name": "b", "action": "tag", "mode": "enforce" }],
            }
            """);
        string enforced = SiteDefinitionText.WithMode(json, "a", isEnforced: true)!;
        Assert.Equal(["enforce", "enforce"], SiteDefinitionText.RulesOf(enforced).Select(r => SiteDefinitionText.TextOf(r, "mode")));
        Assert.Contains("\"é.example\"", enforced);
        Assert.Equal(["dry-run", "enforce"], SiteDefinitionText.RulesOf(SiteDefinitionText.WithMode(enforced, "a", isEnforced: false)!)
            .Select(r => SiteDefinitionText.TextOf(r, "mode")));
        Assert.Null(SiteDefinitionText.WithMode(json, "c", isEnforced: true));
    }
}
