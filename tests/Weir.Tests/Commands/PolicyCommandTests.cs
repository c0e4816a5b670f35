using System.CommandLine;
using Weir.Commands;
using Weir.Control;
using Weir.Detection;
using Weir.Ingest.ClickHouse;
using Weir.Proxy.Policies;
using Weir.Settings;

namespace Weir.Tests.Commands;

public sealed class PolicyCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-policy-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_words_say_how_many_would_have_been_refused_and_how_many_of_them_look_like_people()
    {
        Assert.Equal(
            """
            no-training (block, dry-run): would have blocked 3 of 5 in 30 days, 0 likely people
            slow (limit, enforce): would have refused 1 of the 2 that it matches, of 5 in 30 days, 1 likely people

            With every rule enforced, these would have met something else:
                  hits  crawler                      identity      change
                     2  gptbot                       spoofed       pass -> block
                     1  likely-human                 not-claimed   pass -> limit

            """.ReplaceLineEndings("\n"), Text(asJson: false));
    }

    [Fact]
    public void Json_has_the_promised_members()
    {
        using var json = System.Text.Json.JsonDocument.Parse(Text(asJson: true));

        Assert.Equal(["site", "days", "from", "to", "isCut", "hits", "rules", "changes"], json.RootElement.EnumerateObject().Select(m => m.Name));
        Assert.Equal(["name", "action", "mode", "matched", "refused", "refusedLikelyPeople"], json.RootElement.GetProperty("rules")[0].EnumerateObject().Select(m => m.Name));
        Assert.Equal(["hits", "crawler", "kind", "identity", "was", "would"], json.RootElement.GetProperty("changes")[0].EnumerateObject().Select(m => m.Name));
    }

    [Theory]
    [InlineData("""[{ "name": "a", "action": "blok" }]""", "rules.json:1:27 policy[0].action: 'blok' is no action. Did you mean 'block'?")]
    [InlineData("""{ "policy": [{ "nam": "a", "action": "block" }] }""", "rules.json:1:16 policy[0].nam: There is no setting 'nam' here. Did you mean 'name'?")]
    [InlineData("""{ "hosts": "a.example", "policy": [{ "name": "a", "action": "blok" }] }""", "rules.json:1:61 policy[0].action: 'blok' is no action. Did you mean 'block'?")]
    [InlineData("""{ "rules": [] }""", "rules.json:1:3 rules: There is no setting 'rules' here.")]
    public void A_wrong_file_is_named_with_place_and_mend(string text, string error)
    {
        string file = Path.Combine(_folder.FullName, "rules.json");
        File.WriteAllText(file, text);

        var failure = Assert.ThrowsAny<Exception>(() => new RootCommand { PolicyCommand.Create() }
            .Parse(["policy", "test", "--site", "shop", "--policy", file, "--data", _folder.FullName])
            .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));

        Assert.Contains(error, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_site_as_it_is_put_is_read_for_its_rules()
    {
        string file = Path.Combine(_folder.FullName, "shop.json");
        File.WriteAllText(file, """{ "hosts": "shop.example.com", "origins": "http://127.0.0.1:3000", "policy": [{ "name": "spoofed", "identities": "spoofed", "action": "block" }] }""");

        var rule = Assert.Single(PolicyFile.Read(file));

        Assert.Equal(("spoofed", PolicyAction.Block, false), (rule.Name, rule.Action, rule.IsEnforced));
    }

    private static string Text(bool asJson)
    {
        var shop = SiteId.Parse("shop");
        var replay = new PolicyReplay(shop,
        [
            new PolicyRule { Name = "no-training", Action = PolicyAction.Block, Crawlers = ["gptbot"] },
            new PolicyRule { Name = "slow", Action = PolicyAction.Limit, IsEnforced = true, Limit = new RequestLimit(1, 60) },
        ]);
        replay.Take(Request("gptbot", VerdictKind.Crawler, PolicyAction.None));
        replay.Take(Request("gptbot", VerdictKind.Crawler, PolicyAction.None));
        replay.Take(Request("gptbot", VerdictKind.Crawler, PolicyAction.Block));
        replay.Take(Request("", VerdictKind.LikelyHuman, PolicyAction.None));
        replay.Take(Request("", VerdictKind.LikelyHuman, PolicyAction.None));
        using var output = new StringWriter { NewLine = "\n" };
        PolicyReport.Write(new PolicyOutcome(shop, 30, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, false, replay), asJson, output);
        return output.ToString();
    }

    private static StoredRequest Request(string crawler, VerdictKind kind, PolicyAction was) => new()
    {
        TimeMs = 1_767_614_400_000,
        HitId = 1,
        ClientAddress = ClientAddress.FromIPv4(1),
        Method = "GET",
        Path = "/",
        Kind = kind,
        Crawler = crawler,
        Operator = crawler.Length > 0 ? "OpenAI" : "",
        Purpose = crawler.Length > 0 ? Purpose.AiTraining : Purpose.None,
        Identity = crawler.Length > 0 ? Identity.Spoofed : Identity.NotClaimed,
        Score = 5,
        Referral = ReferralClass.None,
        Action = was,
    };
}
