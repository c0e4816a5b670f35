using System.Text.Json;

namespace Weir.Tests.Claims;

/// <summary>User agents written by hand from how clients of each kind write themselves; taken from no corpus.</summary>
public class OwnUserAgentTests
{
    /// <summary>Rows that come out wrong, each with why that is left so.</summary>
    private static readonly Dictionary<string, string> KnownMisses = new(StringComparer.Ordinal)
    {
        ["ReksioVRE(196683)"] = "A phone's browser that says nothing of a phone.",
        ["Googlebrowser"] = "Small browsers call themselves so, and nothing else is said.",
        ["Mozilla/5.0 (x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36"] = "Only the platform is thin.",
        ["Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/44.0.2403.155 Safari/537.36 TNT/1.2"] =
            "A browser that we know by no name, with a version as short as a program's.",
        ["Mozilla/5.0 (Macintosh; U; Intel Mac OS X; en) AppleWebKit/418 (KHTML, like Gecko) Safari/417.9.2 Sandvox"] = "As above.",
        ["Mozilla/5.0 (X11; Linux x86_64; Storebrowse) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0 Safari/605.1.15"] =
            "An app's name where only programs add theirs.",
        ["Mozilla/5.0 (X11; U; Linux i686; en-US; rv:1.8.0.2) Gecko/20060419 Fedora/1.5.0.2-1.2.fc5 Firefox/1.5.0.2 pango-text"] = "As above.",
        ["Arena/0.3"] = "A browser of 1994 that says its name alone.",
        ["GNUzilla/2.0"] = "As above, later.",
        ["GNOME Web/3.38"] = "As above, later.",
        ["Mozilla/5.0 (Linux; Android 12; SM-T500; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Safari/537.36 MailOnlineApp/1.0 news.example.com"] =
            "An app that adds its site's host, as programs do.",
    };

    [Fact]
    public void Programs_and_people_of_every_kind_are_told_apart()
    {
        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "user-agents.own.jsonl"))
            .Select(line => JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web)!).ToList();

        var wrong = rows.Where(r => Requests.Classify(r.Ua).IsAutomated != (r.Label == "bot")).ToList();

        Assert.True(rows.Count(r => r.Label == "bot") >= 300 && rows.Count(r => r.Label == "person") >= 400);
        Assert.Empty(wrong.Where(r => !KnownMisses.ContainsKey(r.Ua)).Select(r => $"{r.Label}, {r.Kind}: {r.Ua}"));
        Assert.Empty(KnownMisses.Keys.Except(wrong.Select(r => r.Ua))); // a miss that was mended leaves the list
    }

    private sealed record Row(string Ua, string Label, string Kind);
}
