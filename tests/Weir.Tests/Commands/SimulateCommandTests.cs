using System.CommandLine;
using System.Text.Json;
using Weir.Commands;
using Weir.TestKit;

namespace Weir.Tests.Commands;

public sealed class SimulateCommandTests : IDisposable
{
    private static readonly string[] Small = ["--brands", "4", "--queries", "10", "--days", "30"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Json_has_the_promised_members_and_the_same_seed_gives_them_again()
    {
        string[] args = [.. Small, "--policy", "index,uniform", "--budget", "0.2", "--seed", "5", "--json"];
        var first = Run(args).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var second = Run(args).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();

        Assert.Equal(["index", "uniform"], first.Select(r => r.GetProperty("policy").GetString()));
        Assert.Equal(["policy", "budget", "seed", "cost", "found24", "foundAny", "freshness", "staleAgeDays", "worst10", "gapMaxDays", "costWeekMax", "changes", "byCause", "byChanges", "seconds"],
            first[0].EnumerateObject().Select(p => p.Name));
        Assert.All(first.Zip(second), pair => Assert.Equal(Without(pair.First), Without(pair.Second)));
        Assert.Equal(0.2, first[0].GetProperty("budget").GetDouble());
        Assert.InRange(first[0].GetProperty("found24").GetDouble(), 0.05, 1);
    }

    [Fact]
    public void A_recorded_world_runs_as_the_world_itself()
    {
        string file = _folder["world.jsonl.gz"];
        Assert.Contains(file, Run([.. Small, "--record", file]), StringComparison.Ordinal);
        string[] how = ["--policy", "index", "--budget", "0.1", "--json"];
        var made = JsonDocument.Parse(Run([.. Small, .. how])).RootElement;
        var read = JsonDocument.Parse(Run(["--trace", file, .. how])).RootElement;
        foreach (string name in (string[])["found24", "foundAny", "freshness", "cost", "gapMaxDays"])
            Assert.Equal(made.GetProperty(name).GetDouble(), read.GetProperty(name).GetDouble());
    }

    [Fact]
    public void Table_and_page_show_every_policy_and_budget()
    {
        string page = _folder["report.html"];
        string table = Run([.. Small, "--policy", "index,seed1", "--budget", "0.2,0.1", "--seeds", "2", "--html", page]);
        Assert.Equal(5, table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("found within 24 h, %", table, StringComparison.Ordinal);
        Assert.Contains(" ± ", table, StringComparison.Ordinal);
        string html = File.ReadAllText(page);
        Assert.Equal(4, html.Split("<th scope=\"row\">").Length - 1);
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--budget 0", "--budget: '0' is no budget")]
    [InlineData("--policy best", "there is no 'best'. Known: daily, uniform")]
    [InlineData("--set wild", "there is no 'wild'")]
    [InlineData("--brands 0", "brands is 0")]
    [InlineData("--policy index --budget none", "'index' needs a budget")]
    [InlineData("--trace /no/such/file", "/no/such/file")]
    [InlineData("--params /no/such/file", "cannot be read")]
    [InlineData("--trace x --record y", "--record writes a made-up world")]
    public void A_wrong_wish_is_named(string args, string message)
    {
        var error = Assert.Throws<CommandException>(() => Run(args.Split(' ')));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static string Without(JsonElement result) => string.Join(',', result.EnumerateObject().Where(p => p.Name != "seconds").Select(p => p.ToString()));

    private static string Run(params string[] args)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        int code = SimulateCommand.Create().Parse(args).Invoke(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
        Assert.Equal(0, code);
        return output.ToString().ReplaceLineEndings("\n");
    }
}
