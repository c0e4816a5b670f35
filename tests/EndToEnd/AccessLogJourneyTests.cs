using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>A site owner with logs of many sorts, as they type it; and a live one.</summary>
public class AccessLogJourneyTests
{
    private const string GptBot = "GPTBot/1.2; +https://openai.com/gptbot";

    [Fact]
    public async Task Logs_named_by_a_pattern_are_summed_up_in_words_and_the_same_through_a_pipe_adds_nothing()
    {
        using var folder = new TemporaryFolder();
        string[] lines = await ElasticLinesAsync();
        await WriteAsync(folder["access.log"], lines[5000..]);
        await WriteAsync(folder["access.log.1.gz"], lines[..5000]);

        string first = await ShellAsync($"./weir import {folder["access.log"]}* --site example.com --data {folder["data"]}");
        Assert.Contains("10,000 lines of format combined read for site example.com: 9,999 stored, 1 rejected.", first, StringComparison.Ordinal);
        Assert.Matches(@"Googlebot +529 +526 +0 +3", first);
        Assert.Contains("1 not of the log's format", first, StringComparison.Ordinal);
        Assert.Contains("access.log:3899: 46.118.127.106", first, StringComparison.Ordinal);
        Assert.Contains("AI engine", first, StringComparison.Ordinal);

        string piped = await ShellAsync($"zcat -f {folder["access.log"]}.1.gz {folder["access.log"]} | ./weir import - --site example.com --data {folder["data"]}");
        Assert.Contains("0 stored, 9,999 were stored before, 1 rejected.", piped, StringComparison.Ordinal);
        Assert.Matches(@"Googlebot +529 +526 +0 +3", piped);

        await using var weir = await WeirUp.StartAsync(folder["data"]);
        Assert.Equal(9_999, (await weir.GetAsync("/v1/sites/example.com/summary?from=2015-05-01&to=2015-06-01")).GetProperty("hits").GetInt64());
    }

    [Fact]
    public async Task The_same_requests_in_five_formats_give_the_same_answer_and_a_broken_line_stops_none()
    {
        using var folder = new TemporaryFolder();
        string[] lines = [.. (await ElasticLinesAsync()).Where((l, i) => i % 5 == 0 && !l.Contains('\\'))];
        string? expected = null;
        foreach (var (name, write) in LogWriters.All)
        {
            string[] log = [.. write(lines)];
            await WriteAsync(folder[name.Replace(' ', '-')], [.. log[..10], "this \0\u001b[31m is {broken", .. log[10..], "\"unfinished"]);
            var summary = await ImportAsync(folder, folder[name.Replace(' ', '-')], name.Replace(' ', '-').ToLowerInvariant());
            Assert.Equal(name, summary.GetProperty("format").GetString());
            Assert.Equal(2, summary.GetProperty("rejected").GetInt64());
            Assert.Equal(2, summary.GetProperty("faults").GetProperty("unreadable").GetInt64());
            string said = $"{summary.GetProperty("stored")} {summary.GetProperty("kinds").GetRawText()} {summary.GetProperty("crawlers").GetRawText()} {summary.GetProperty("referrals").GetRawText()}";
            Assert.Equal(expected ??= said, said);
        }
    }

    [Fact]
    public async Task A_log_of_hostile_lines_is_counted_line_by_line()
    {
        using var folder = new TemporaryFolder();
        byte[] good = Encoding.ASCII.GetBytes(Line(1, "/good") + Line(2, "/=HYPERLINK(1)"));
        byte[][] bad =
        [
            Encoding.ASCII.GetBytes(new string('x', 1 << 20) + "y\n"), [0, 1, 2, 0xFF, 0xFE, (byte)'\n'],
            Encoding.ASCII.GetBytes(Line(3, "/future").Replace("/2026", "/2199", StringComparison.Ordinal)),
            Encoding.ASCII.GetBytes(Line(4, "/past").Replace("/2026", "/1903", StringComparison.Ordinal)),
        ];
        await File.WriteAllBytesAsync(folder["hostile.log"], [.. good, .. bad.SelectMany(b => b), .. Encoding.Latin1.GetBytes(Line(5, "/\xff\xe4\0")), .. good]);
        var summary = await ImportAsync(folder, folder["hostile.log"], "demo");
        // The good lines stand there twice within a second, as two requests may.
        Assert.Equal((9, 5, 0, 4), (Number(summary, "lines"), Number(summary, "stored"), Number(summary, "alreadyStored"), Number(summary, "rejected")));
        Assert.Equal("""{"unreadable":1,"too-long":1,"time-before-all":1,"time-in-future":1}""", JsonSerializer.Serialize(summary.GetProperty("faults")));
    }

    [Fact]
    public async Task Archives_that_are_cut_or_made_to_fill_a_disk_and_files_that_are_no_logs_are_named()
    {
        using var folder = new TemporaryFolder();
        await WriteAsync(folder["bomb.gz"], Enumerable.Repeat(Line(1, "/").TrimEnd('\n'), 10).Concat(Enumerable.Repeat(new string('\n', 1 << 20), 100)));
        await WriteAsync(folder["zeros.gz"], Enumerable.Repeat(Line(1, "/").TrimEnd('\n'), 10).Append(new string('z', 300 << 20)));
        await File.WriteAllBytesAsync(folder["binary"], File.ReadAllBytes("/bin/true"));

        foreach (string bomb in (string[])["bomb.gz", "zeros.gz"])
        {
            var (code, output) = await WeirProcess.RunAsync("import", folder[bomb], "--site", "demo", "--data", folder["data"]);
            Assert.Equal(1, code);
            Assert.Contains("which no log", output, StringComparison.Ordinal);
        }
        var (refused, why) = await WeirProcess.RunAsync("import", folder["binary"], "--site", "demo", "--data", folder["data"]);
        Assert.Equal(1, refused);
        Assert.Contains("in no log format that Weir reads", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_import_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        await WriteAsync(folder["access.log"], Enumerable.Range(0, 900_000).Select(n => Line(n / 20, $"/{n}").TrimEnd('\n')));
        await using (var killed = WeirProcess.Start("import", folder["access.log"], "--site", "demo", "--data", folder["data"]))
        {
            while (!Directory.Exists(folder["data/imports"]) || !Directory.GetFiles(folder["data/imports"], "*.json").Any(f => !File.ReadAllText(f).Contains("\"Until\":{\"Offset\":0,", StringComparison.Ordinal)))
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            await killed.KillAsync();
        }
        var rest = await ImportAsync(folder, folder["access.log"], "demo");
        Assert.InRange(rest.GetProperty("continued").GetProperty(folder["access.log"]).GetInt64(), 100_000, 899_999);
        var again = await ImportAsync(folder, folder["access.log"], "demo");
        Assert.Equal((900_000, 0, 900_000), (Number(again, "lines"), Number(again, "stored"), Number(again, "alreadyStored")));
        await using var weir = await WeirUp.StartAsync(folder["data"]);
        Assert.Equal(900_000, (await weir.GetAsync("/v1/sites/demo/summary?from=2026-01-01&to=2026-02-01")).GetProperty("hits").GetInt64());
    }

    [Fact]
    public async Task A_live_log_is_followed_beside_weir_up_through_a_rotation_a_kill_and_a_restart_of_both()
    {
        using var folder = new TemporaryFolder();
        await WriteAsync(folder["live.log"], Enumerable.Range(0, 100).Select(n => Line(n, $"/{n}").TrimEnd('\n')));
        string[] follow = ["import", folder["live.log"], "--follow", "--site", "demo", "--data", folder["data"]];
        await using (var weir = await WeirUp.StartAsync(folder["data"]))
        {
            await using var follower = WeirProcess.Start(follow);
            await StoredAsync(weir, 100);
            File.Move(folder["live.log"], folder["live.log.1"]);
            await WriteAsync(folder["live.log"], Enumerable.Range(100, 100).Select(n => Line(n, $"/{n}").TrimEnd('\n')));
            await StoredAsync(weir, 200);
            await follower.KillAsync();
            await File.AppendAllTextAsync(folder["live.log"], string.Concat(Enumerable.Range(200, 100).Select(n => Line(n, $"/{n}"))));
        }
        await using (var follower = WeirProcess.Start(follow))
        {
            // Its own ClickHouse, since none runs; then it ends as a service manager ends it.
            await follower.WaitForLineAsync("following");
            await WeirUp.EventuallyAsync(() => Task.FromResult(Saved(folder)), s => s.Contains("\"Line\":200", StringComparison.Ordinal), "the position");
            Assert.Equal(0, await follower.TerminateAsync());
            Assert.Contains("100 stored", follower.Output, StringComparison.Ordinal);
        }
        await using (var weir = await WeirUp.StartAsync(folder["data"]))
            await StoredAsync(weir, 300);
    }

    private static string Saved(TemporaryFolder folder) => string.Concat(Directory.GetFiles(folder["data/imports"], "*.json").Select(File.ReadAllText));

    private static Task StoredAsync(WeirUp weir, long hits) => WeirUp.EventuallyAsync(
        async () => (await weir.GetAsync("/v1/sites")).GetRawText().Contains("demo", StringComparison.Ordinal)
            ? (await weir.GetAsync("/v1/sites/demo/summary?from=2026-01-01&to=2026-02-01")).GetProperty("hits").GetInt64() : 0,
        found => found == hits, $"{hits} hits");

    private static string Line(int second, string path) =>
        $"20.171.206.7 - - [{DateTimeOffset.FromUnixTimeSeconds(1_767_600_000 + second):dd/MMM/yyyy:HH:mm:ss} +0000] \"GET {path} HTTP/1.1\" 200 5 \"-\" \"{GptBot}\"\n";

    private static long Number(JsonElement summary, string name) => summary.GetProperty(name).GetInt64();

    private static async Task<string[]> ElasticLinesAsync()
    {
        await using var packed = new GZipStream(File.OpenRead(RepositoryRoot.Of("tests", "data", "logs", "elastic-apache.log.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(packed, Encoding.Latin1);
        return (await reader.ReadToEndAsync()).TrimEnd('\n').Split('\n');
    }

    private static async Task WriteAsync(string path, IEnumerable<string> lines)
    {
        await using var file = File.Create(path);
        await using Stream to = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Optimal) : file;
        await using var writer = new StreamWriter(to, Encoding.Latin1) { NewLine = "\n" };
        foreach (string line in lines)
            await writer.WriteLineAsync(line);
    }

    private static async Task<string> ShellAsync(string command)
    {
        await using var shell = WeirProcess.StartProgram("/bin/sh", ["-c", command]);
        Assert.True(await shell.WaitForExitAsync() == 0, shell.Output);
        return shell.Output;
    }

    private static async Task<JsonElement> ImportAsync(TemporaryFolder folder, string file, string site)
    {
        var (code, output) = await WeirProcess.RunAsync("import", file, "--site", site, "--data", folder["data"], "--json");
        Assert.True(code == 0, output);
        return JsonDocument.Parse(output[output.IndexOf('{')..]).RootElement;
    }
}
