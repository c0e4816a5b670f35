using System.Globalization;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary><c>weir targets</c> beside a running <c>weir up</c>.</summary>
public sealed class TargetsCommandTests
{
    [Fact]
    public async Task A_file_is_imported_with_its_errors_named_and_exported_to_what_imports_as_the_same()
    {
        using var folder = new TemporaryFolder();
        await using var weir = await WeirUp.StartAsync(folder["data"]);
        await File.WriteAllTextAsync(folder["queries.csv"], """
            brand,query,engines,site,pattern,topics
            Acme,what does acme cost,chatgpt;perplexity,sample,/pricing,
            Acme,who makes acme,chatgpt,sample,/about;/,makers
            Acme,is acme good,asknobody,sample,/,

            """);

        var (code, output) = await TargetsAsync(weir, "import", folder["queries.csv"]);

        Assert.Equal(1, code);
        Assert.Contains("3 rows: 3 targets made, 0 linked, 0 unchanged, 1 rows rejected.", output, StringComparison.Ordinal);
        Assert.Contains("line 4", output, StringComparison.Ordinal);
        Assert.Contains("'asknobody' is not an engine", output, StringComparison.Ordinal);
        foreach (string format in new[] { "csv", "jsonl" })
        {
            (code, output) = await TargetsAsync(weir, "export", "--format", format, "--output", folder[$"all.{format}"]);
            Assert.True(code == 0, output);
            (code, output) = await TargetsAsync(weir, "import", folder[$"all.{format}"]);
            Assert.True(code == 0, output);
            Assert.Contains("rows: 0 targets made, 0 linked,", output, StringComparison.Ordinal);
            Assert.Contains("unchanged, 0 rows rejected.", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_large_file_outlives_the_death_of_the_program_that_took_it()
    {
        const int Rows = 40_000;
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["queries.csv"], Enumerable.Range(0, Rows)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"Brand {i % 400},question number {i},chatgpt,sample,/pages/{i}"))
            .Prepend("brand,query,engines,site,pattern"));
        string job;
        await using (var weir = await WeirUp.StartAsync(folder["data"]))
        {
            using var file = new StreamContent(File.OpenRead(folder["queries.csv"])) { Headers = { ContentType = new("text/csv") } };
            using var answer = await weir.Api.PostAsync(new Uri("/v1/targets/import", UriKind.Relative), file);
            Assert.Equal(202, (int)answer.StatusCode);
            job = answer.Headers.Location!.ToString();
            await WeirUp.EventuallyAsync(() => weir.GetAsync(job), j => j.GetProperty("rows").GetInt64() > 0, "begun");
            await weir.Process.KillAsync();
        }

        await using var again = await WeirUp.StartAsync(folder["data"]);
        var done = await WeirUp.EventuallyAsync(() => again.GetAsync(job), j => j.GetProperty("state").GetString() is "done" or "failed", "ended");

        Assert.Equal("done", done.GetProperty("state").GetString());
        Assert.Equal((Rows, 0), (done.GetProperty("rows").GetInt64(), done.GetProperty("rejected").GetInt64()));
        Assert.Equal(Rows, done.GetProperty("created").GetInt64() + done.GetProperty("unchanged").GetInt64());
        Assert.Equal(Rows, (await again.GetAsync("/v1/scans/overview")).GetProperty("coverage").GetProperty("targets").GetInt64());
    }

    private static Task<(int Code, string Output)> TargetsAsync(WeirUp weir, params string[] command) =>
        WeirProcess.RunAsync(["targets", .. command, "--url", $"{weir.Api.BaseAddress}", "--data", weir.Data]);
}
