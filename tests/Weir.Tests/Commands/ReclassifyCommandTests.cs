using System.CommandLine;
using System.Text.Json;
using Weir.Commands;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Tests.Commands;

public class ReclassifyCommandTests
{
    private static readonly ReclassifyRequest Request = new(SiteId.Parse("shop"), DateTimeOffset.UnixEpoch, null);

    private static readonly VerdictChange Change = new(
        new VerdictGist(VerdictKind.Automation, "", "", Purpose.None, Identity.NotClaimed, ReferralClass.None, ""),
        new VerdictGist(VerdictKind.Crawler, "newbot", "New Operator", Purpose.AiTraining, Identity.Unverifiable, ReferralClass.None, ""),
        5, [new ChangedHit("shop", 1_767_614_400_000, 0x2A, "Newbot/1.0 \u001b[31m")]);

    [Fact]
    public void The_words_say_what_would_change_and_that_nothing_was_written()
    {
        Assert.Equal(
            """
            Judged 7 hits; 5 of them would read otherwise than they were judged.

                  hits  was -> is
                     5  automation -> newbot (crawler, ai-training, unverifiable)
                          such as 2026-01-05 12:00:00 000000000000002a of shop: Newbot/1.0 �[31m

            Nothing was written. Without --dry-run the verdicts are written beside those given, and reports show them.

            """.ReplaceLineEndings("\n"), Text(asJson: false, null));
    }

    [Fact]
    public void Json_has_the_promised_members()
    {
        using var json = JsonDocument.Parse(Text(asJson: true, new ReclassifyRun
        {
            Run = 3,
            Site = "shop",
            From = DateTimeOffset.UnixEpoch,
            To = DateTimeOffset.UnixEpoch,
            Catalog = "2026-11-24",
            Knowledge = "k",
            BegunAt = DateTimeOffset.UnixEpoch,
        }));

        Assert.Equal(["run", "site", "hits", "changed", "seconds", "changes"], Members(json.RootElement));
        var change = json.RootElement.GetProperty("changes")[0];
        Assert.Equal(["hits", "was", "is", "examples"], Members(change));
        Assert.Equal(["kind", "crawler", "operator", "purpose", "identity", "referralClass", "referralSource"], Members(change.GetProperty("is")));
        Assert.Equal(["site", "time", "requestId", "userAgent"], Members(change.GetProperty("examples")[0]));
    }

    [Theory]
    [InlineData("--from", "yesterday", "'yesterday' is not a time")]
    [InlineData("--site", "a b", "'a b' is not a site id")]
    [InlineData("--dry-run", "--runs", "Give one of --dry-run, --runs and --drop.")]
    public void Flags_that_cannot_be_meant_are_named(string one, string other, string error)
    {
        var parsed = new RootCommand { ReclassifyCommand.Create() }.Parse(["reclassify", one, other]);

        Assert.Contains(parsed.Errors, e => e.Message.Contains(error, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Members(JsonElement element) => element.EnumerateObject().Select(m => m.Name);

    private static string Text(bool asJson, ReclassifyRun? run)
    {
        using var output = new StringWriter { NewLine = "\n" };
        new ReclassifyReport(output, asJson).Write(Request, new ReclassifyOutcome(run, 7, 7, 5, [Change], TimeSpan.FromMilliseconds(20)));
        return output.ToString();
    }
}
