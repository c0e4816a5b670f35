using System.CommandLine;
using Weir.Commands;

namespace Weir.Tests.Commands;

public sealed class CatalogCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-catalog").FullName;

    [Fact]
    public void The_shipped_catalog_is_ok()
    {
        var (code, output, error) = Run();

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("1329 crawlers, 1490 tokens", output, StringComparison.Ordinal);
        Assert.EndsWith("ok\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_example_that_fails_is_named_and_the_exit_code_is_1()
    {
        File.WriteAllText(Path.Combine(_folder, "crawlers.json"), """
            {"version":"1","rangeLists":[],"crawlers":[{"id":"a","name":"A","operator":"O","purpose":"search","purposeConfidence":"curated",
              "tokens":["ABot"],"matches":["OtherBot/1.0"],"mustNotMatch":["ABot/1.0"]}]}
            """);

        var (code, output, error) = Run(_folder);

        Assert.Equal(1, code);
        Assert.Equal("weir: a: 'OtherBot/1.0' must match, but names nobody.\nweir: a: 'ABot/1.0' must not match.\n", error);
        Assert.EndsWith("2 examples fail\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_catalog_is_one_error() =>
        Assert.Contains("cannot be read", Assert.Throws<CommandException>(() => Run(_folder)).Message, StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = new RootCommand { CatalogCommand.Create() }.Parse(["catalog", "check", .. args])
            .Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        return (code, output.ToString(), error.ToString());
    }
}
