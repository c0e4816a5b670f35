using System.CommandLine;
using System.Text.Json;
using Weir.Commands;
using Weir.TestKit;

namespace Weir.Tests.Commands;

public sealed class RobotsCommandTests : IDisposable
{
    private const string CcBot = "Mozilla/5.0 (compatible; CCBot/2.0; +https://commoncrawl.org/faq/)";
    private readonly TemporaryFolder _folder = new();

    public RobotsCommandTests() => File.WriteAllText(_folder["robots.txt"], "User-agent: *\nAllow: /private/open\nDisallow: /private\n");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_answer_names_its_line_and_group()
    {
        var (code, output, error) = Run("test", "--file", _folder["robots.txt"], "--agent", "GPTBot", "--path", "https://example.com/private/a#b");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal("disallowed: Line 3 decides: Disallow: /private.\n  group of line 1: User-agent: *\n", output);
    }

    [Fact]
    public void The_answer_as_json_has_the_promised_members_in_their_order()
    {
        var (_, output, _) = Run("test", "--file", _folder["robots.txt"], "--agent", "GPTBot", "--path", "/private/open", "--json");

        Assert.Equal("""
            {
              "allowed": true,
              "line": 2,
              "rule": "Allow: /private/open",
              "why": "Line 2 decides: Allow: /private/open.",
              "groupLines": [
                1
              ]
            }

            """.ReplaceLineEndings("\n"), output);
    }

    [Fact]
    public void What_a_sites_settings_make_is_shown_and_asked_without_an_edge()
    {
        File.WriteAllText(_folder["weir.json"], """
            { "sites": [{ "id": "a", "hosts": "www.example.com", "origins": "http://127.0.0.1:1", "trap": "/trap-a/",
              "robots": { "mode": "managed", "rules": [{ "crawlers": "ccbot", "disallow": "/" }] } }] }
            """);

        var shown = Run("show", "--site", "a", "--config", _folder["weir.json"]);
        var asked = Run("test", "--site", "a", "--config", _folder["weir.json"], "--agent", "CCBot", "--path", "/x");

        Assert.Equal("User-agent: CCBot\nDisallow: /\nDisallow: /trap-a/\n\nUser-agent: *\nAllow: /\nDisallow: /trap-a/\n\n", shown.Output);
        Assert.Equal("disallowed: Line 2 decides: Disallow: /.\n  group of line 1: User-agent: CCBot\n", asked.Output);
    }

    [Fact]
    public void An_origin_that_cannot_be_asked_and_a_site_that_is_none_are_one_error_each()
    {
        File.WriteAllText(_folder["weir.json"], """{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:1", "robots": { "mode": "merged" } }] }""");

        Assert.StartsWith("The origin http://127.0.0.1:1/ cannot be asked:",
            Assert.Throws<CommandException>(() => Run("show", "--site", "a", "--config", _folder["weir.json"])).Message, StringComparison.Ordinal);
        Assert.EndsWith("weir.json has no site b. It has a.",
            Assert.Throws<CommandException>(() => Run("show", "--site", "b", "--config", _folder["weir.json"])).Message, StringComparison.Ordinal);
        Assert.Contains("Name a file with --file, or a site", Assert.Single(new RootCommand { RobotsCommand.Create() }.Parse(["robots", "test", "--agent", "a", "--path", "/"]).Errors).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_do_nothing_are_named_with_file_line_and_mend()
    {
        File.WriteAllText(_folder["robots.txt"], "Disallow: /a\nUser-agent: *\nplease stay out of here\n");

        var (_, _, error) = Run("test", "--file", _folder["robots.txt"], "--agent", "GPTBot", "--path", "/");

        Assert.Contains("robots.txt:1: 'Disallow: /a' stands before any user agent and is for nobody. Write User-agent: * above it.\n", error, StringComparison.Ordinal);
        Assert.Contains("robots.txt:3: 'please stay out of here' is no rule. Write a name, a colon and a value", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_user_agent_is_refused_with_what_to_write() =>
        Assert.Contains("Write the name that robots.txt uses, such as GPTBot.",
            Assert.Single(new RootCommand { RobotsCommand.Create() }.Parse(["robots", "test", "--file", "a", "--agent", CcBot, "--path", "/"]).Errors).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_missing_is_one_error() =>
        Assert.Contains("Name a robots.txt file", Assert.Throws<CommandException>(() => Run("test", "--file", _folder["none"], "--agent", "a", "--path", "/")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_time_that_is_none_is_named() =>
        Assert.Contains("'yesterday' is not a time.", Assert.Throws<CommandException>(() =>
            Run("audit", _folder["a.log"], "--site", "demo", "--robots", _folder["robots.txt"] + "@yesterday")).Message, StringComparison.Ordinal);

    [Fact]
    public void Two_versions_without_a_time_are_refused() =>
        Assert.Contains("Write FILE@TIME", Assert.Throws<CommandException>(() =>
            Run("audit", _folder["a.log"], "--site", "demo", "--robots", _folder["robots.txt"], "--robots", _folder["robots.txt"])).Message, StringComparison.Ordinal);

    [Fact]
    public void An_audit_counts_what_each_crawler_broke_by_the_version_then_served_whatever_order_the_logs_are_named_in()
    {
        File.WriteAllText(_folder["old.txt"], "User-agent: *\nAllow: /\n");
        // Named newest first, as a shell sorts access.log and access.log.1.
        Log("access.log", ("10/Jun/2015", "01:00:00", "/robots.txt", CcBot), ("10/Jun/2015", "02:00:00", "/private/late?q=1", CcBot));
        Log("access.log.1", ("01/Jun/2015", "01:00:00", "/robots.txt", CcBot), ("09/Jun/2015", "23:00:00", "/private/early", CcBot),
            ("09/Jun/2015", "23:30:00", "/private/a", "Mozilla/5.0 (compatible; ChatGPT-User/1.0; +https://openai.com/bot)"));

        var (code, output, error) = Run("audit", _folder["access.log"], _folder["access.log.1"], "--site", "demo", "--json",
            "--robots", _folder["old.txt"] + "@2015-05-01T00:00:00Z", "--robots", _folder["robots.txt"] + "@2015-06-05T00:00:00Z");

        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        var crawlers = json.RootElement.GetProperty("crawlers").EnumerateArray().ToDictionary(c => c.GetProperty("id").GetString()!);
        var ours = crawlers["ccbot"];
        Assert.Equal((4, 2, 1, 2), (Number(ours, "fetches"), Number(ours, "judged"), Number(ours, "violations"), Number(ours, "robotsFetches")));
        var broken = Assert.Single(ours.GetProperty("broken").EnumerateArray());
        Assert.Equal("""{"line":3,"rule":"Disallow: /private","why":"Line 3 decides: Disallow: /private.","version":"2015-06-05T00:00:00Z","times":1,"firstPath":"/private/late?q=1","firstAt":"2015-06-10T02:00:00Z"}""",
            JsonSerializer.Serialize(broken));
        Assert.Equal((0, 1), (Number(crawlers["chatgpt-user"], "violations"), Number(crawlers["chatgpt-user"], "userTriggeredDisallowed")));
    }

    [Fact]
    public void Whoever_borrows_a_crawlers_name_breaks_nothing_in_it()
    {
        Log("access.log", ("20/Nov/2026", "01:00:00", "/private", "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"));

        var (_, output, _) = Run("audit", _folder["access.log"], "--site", "demo", "--robots", _folder["robots.txt"]);

        Assert.Matches("GPTBot +1 +0 +0 +1 +0\n", output);
    }

    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    private void Log(string name, params (string Day, string Time, string Path, string UserAgent)[] lines) =>
        File.WriteAllText(_folder[name], string.Concat(lines.Select(l => $"203.0.113.9 - - [{l.Day}:{l.Time} +0000] \"GET {l.Path} HTTP/1.1\" 200 5 \"-\" \"{l.UserAgent}\"\n")));

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = new RootCommand { RobotsCommand.Create() }.Parse(["robots", .. args])
            .Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        return (code, output.ToString(), error.ToString());
    }
}
