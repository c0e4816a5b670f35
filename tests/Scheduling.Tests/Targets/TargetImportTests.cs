using System.Text;
using CsCheck;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Tests.Targets;

public sealed class TargetImportTests : IAsyncLifetime
{
    private Store _store = null!;

    public async ValueTask InitializeAsync() => _store = await Store.NewAsync();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Csv_rows_become_targets_and_a_second_time_nothing()
    {
        const string Csv = """
            brand,query,engine,site,pattern,weight
            Acme,"widgets, the best",chatgpt;gemini,demo,/pricing;/docs/*,0.5
            Acme,cheap widgets,chatgpt,,https://demo/cheap?x=1,
            """;
        var first = await ImportAsync(Csv);
        Assert.Equal((2, 3, 0, 0, 0), Counts(first));
        Assert.Equal((2, 0, 0, 3, 0), Counts(await ImportAsync(Csv)));
        var targets = await _store.Targets.ListAsync(Store.Mine, 0, 10);
        Assert.Equal("widgets, the best", targets[0].Query);
        Assert.Equal([new PageLink(Store.Demo, "/docs/*", 0.5), new PageLink(Store.Demo, "/pricing", 0.5)], targets[0].Pages);
        Assert.Equal([new PageLink(Store.Demo, "/cheap")], targets[2].Pages);
    }

    [Fact]
    public async Task Wrong_rows_are_named_and_the_others_imported()
    {
        var summary = await ImportAsync("""
            brand,query,engine,site,pattern
            Acme,q1,chatgpt,demo,/a
            ,q2,chatgpt,demo,/a
            Acme,q3,altavista,demo,/a
            Acme,q4,chatgpt,other.example,/a
            Acme,q5,chatgpt,demo,a
            Acme,q6,chatgpt,demo
            Acme,q7,chatgpt,demo,
            Acme,"q
            8",chatgpt,demo,/a
            Acme,q9,chatgpt,demo,/a
            """);
        Assert.Equal((9, 2, 0, 0, 7), Counts(summary));
        Assert.Equal([(3, "brand"), (4, "engines[0]"), (5, "pages[0].site"), (6, "pages[0].pattern"), (7, ""), (8, "pages"), (9, "query")],
            summary.Errors.Select(e => (e.Row, e.Field)));
        Assert.Contains("chatgpt, gemini, google-ai-overview, perplexity", summary.Errors[1].Error);
    }

    [Fact]
    public async Task Json_lines_and_lists_are_told_apart_by_themselves()
    {
        const string Object = """{"brand":"Acme","query":"q1","engines":["chatgpt"],"pages":[{"site":"demo","pattern":"/a"}]}""";
        Assert.Equal((3, 1, 0, 0, 2), Counts(await ImportAsync($"{Object}\n\n{{\"brand\":1}}\n{{")));
        Assert.Equal((2, 0, 0, 1, 1), Counts(await ImportAsync($"\uFEFF [{Object}, 3]")));
        var wrong = await ImportAsync("""{"brand":"Acme","query":"q1","engine":"chatgpt","page":"/a"}""");
        Assert.Contains("Fields:", Assert.Single(wrong.Errors).Error);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("brand,colour\n", "'colour'")]
    [InlineData("brand,brand\n", "twice")]
    [InlineData("brand,query\nAcme,\"open\n", "Line 2")]
    [InlineData("[{]", "Line 1")]
    public async Task A_file_that_cannot_be_read_says_why(string file, string says) =>
        Assert.Contains(says, (await Assert.ThrowsAsync<FormatException>(() => ImportAsync(file))).Message);

    /// <summary>What RFC 4180 quoting writes is read back; random text never does worse than a FormatException.</summary>
    [Fact]
    public async Task Csv_reads_back_what_was_written()
    {
        var field = Gen.Char["a,\"\n é"].Array[0, 8].Select(c => new string(c));
        await field.Array[1, 4].Array[1, 5].SampleAsync(async rows =>
        {
            string csv = string.Concat(rows.Select(r => string.Join(',', r.Select(f => $"\"{f.Replace("\"", "\"\"")}\"")) + "\r\n"));
            var read = new List<IReadOnlyList<string>>();
            await foreach (var (_, fields) in CsvText.ReadAsync(new StringReader(csv)))
                read.Add(fields);
            var expected = rows.Where(r => r.Length > 1 || r[0].Length > 0).ToList();
            Assert.Equal(expected.Count, read.Count);
            for (int i = 0; i < read.Count; i++)
                Assert.Equal(expected[i], read[i]);
        }, iter: 500, threads: 1);
    }

    [Fact]
    public async Task Random_bytes_never_break_an_import()
    {
        await Gen.Byte.Array[0, 200].SampleAsync(async bytes =>
        {
            try
            {
                Assert.Equal(0, (await ImportAsync(bytes)).Created);
            }
            catch (FormatException)
            {
                // A file that is none of the forms is told so.
            }
        }, iter: 200, threads: 1);
    }

    private Task<ImportSummary> ImportAsync(string file) => ImportAsync(Encoding.UTF8.GetBytes(file));

    private async Task<ImportSummary> ImportAsync(byte[] file)
    {
        var rules = await TargetRules.ForAsync(Store.Mine, new SqlSiteHosts(_store.Control, new SiteFiles([])), Store.Engines, default);
        using var body = new MemoryStream(file);
        return await new TargetImport(_store.Targets).RunAsync("default", TargetRows.ReadAsync(body, rules, null), default);
    }

    private static (int, int, int, int, int) Counts(ImportSummary s) => (s.Rows, s.Created, s.Linked, s.Unchanged, s.Rejected);
}
