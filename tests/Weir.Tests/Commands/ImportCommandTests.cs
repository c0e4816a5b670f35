using System.CommandLine;
using Weir.Commands;
using Weir.Detection;
using Weir.Ingest.AccessLogs;

namespace Weir.Tests.Commands;

public sealed class ImportCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-import-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Json_has_the_promised_members_in_their_order()
    {
        var output = new StringWriter { NewLine = "\n" };
        ImportReport.WriteJson(Summary(), output);
        Assert.Equal(
            """
            {
              "lines": 12,
              "stored": 8,
              "rejected": 1,
              "alreadyStored": 3,
              "format": "combined",
              "crawlers": {
                "googlebot": {
                  "hits": 5,
                  "verified": 3,
                  "spoofed": 1,
                  "unverifiable": 1
                }
              },
              "kinds": {
                "crawler": 5,
                "likely-human": 6
              },
              "referrals": {
                "chatgpt": 2
              },
              "rejectedExamples": [
                {
                  "file": "a.log",
                  "line": 7,
                  "text": "\\x1b[31m",
                  "fault": "unreadable"
                }
              ],
              "faults": {
                "unreadable": 1
              },
              "continued": {},
              "stepsBack": 0,
              "seconds": 1.5
            }

            """.ReplaceLineEndings("\n"),
            output.ToString());
    }

    [Fact]
    public void The_words_say_what_came_of_the_lines()
    {
        var output = new StringWriter { NewLine = "\n" };
        ImportReport.WriteWords(Summary(), SiteId.Parse("demo"), output);
        string words = output.ToString();
        Assert.StartsWith("12 lines of format combined read for site demo: 8 stored, 3 were stored before, 1 rejected.\n", words, StringComparison.Ordinal);
        Assert.Contains("Visits sent by AI engines: chatgpt 2.", words, StringComparison.Ordinal);
        Assert.Contains("a.log:7: \\x1b[31m", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_started_for_a_log_that_cannot_be_read()
    {
        string data = Path.Combine(_folder.FullName, "data"), log = Path.Combine(_folder.FullName, "x.log");
        File.WriteAllText(log, "no log\n");
        var error = Assert.Throws<CommandException>(() => Run(log, "--site", "demo", "--data", data));
        Assert.Contains("x.log is in no log format that Weir reads (combined,", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Its first line: no log", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Theory]
    [InlineData("--site: 'a/b' is not a site id.", "x.log", "--site", "a/b")]
    [InlineData("Option '--site' is required.", "x.log")]
    [InlineData("Required argument missing", "--site", "demo")]
    public void Wrong_flags_are_named(string said, params string[] args) =>
        Assert.Contains(ImportCommand.Create().Parse(args).Errors, e => e.Message.StartsWith(said, StringComparison.Ordinal));

    private static int Run(params string[] args) =>
        ImportCommand.Create().Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    private static ImportSummary Summary() => new()
    {
        Lines = 12,
        Stored = 8,
        Rejected = 1,
        AlreadyStored = 3,
        Format = "combined",
        Crawlers = new Dictionary<string, CrawlerTally> { ["googlebot"] = new("Googlebot", 5, 3, 1, 1) },
        Kinds = new Dictionary<string, long> { ["crawler"] = 5, ["likely-human"] = 6 },
        Referrals = new Dictionary<string, ReferralTally> { ["chatgpt"] = new(ReferralClass.Ai, 2) },
        RejectedExamples = [new RejectedLine("a.log", 7, "\\x1b[31m", LineFault.Unreadable)],
        Faults = new Dictionary<LineFault, long> { [LineFault.Unreadable] = 1 },
        Continued = [],
        StepsBack = 0,
        Duration = TimeSpan.FromSeconds(1.5),
        Failures = [],
    };
}
