using System.CommandLine;
using Weir.Commands;
using Weir.TestKit;

namespace Weir.Tests.Commands;

public sealed class ContentCommandTests : IDisposable
{
    private const string Page = "<html><head><meta name=description content=x></head><body><nav>Home</nav><main><h1>Pumps</h1><p>A heat pump moves warmth into a house.</p></main></body></html>";
    private readonly TemporaryFolder _folder = new();

    public ContentCommandTests() => File.WriteAllText(_folder["a.html"], Page);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_signature_is_explained_and_said_to_be_the_pages()
    {
        string output = Run(_folder["a.html"]);

        Assert.Contains("Pumps A heat pump moves warmth into a house.\n", output, StringComparison.Ordinal);
        Assert.Contains("signs of generated text: 3 of 5, so it looks generated. They describe the page, never a client.\n", output, StringComparison.Ordinal);
        Assert.Contains("  - No script library is loaded.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_the_promised_members_in_their_order()
    {
        File.WriteAllText(_folder["b.html"], Page.Replace("Home", "Start", StringComparison.Ordinal));

        string output = Run(_folder["a.html"], _folder["b.html"], "--json");

        Assert.Equal(2, output.Split("\"hash\": \"").Length - 1);
        string reading = """
                {
                  "hash": "HASH",
                  "simHash": "SIM",
                  "words": 9,
                  "textRatio": RATIO,
                  "elements": 4,
                  "depth": 3,
                  "headings": "h1",
                  "metaTags": [
                    "description"
                  ],
                  "scriptLibraries": [],
                  "looksGenerated": true,
                  "indicators": [
                    "There is no og:title.",
                    "No script library is loaded.",
                    "The first 500 characters of the body hold fewer than 19 tags."
                  ]
                }
            """.ReplaceLineEndings("\n");
        string expected = "{\n  \"pages\": [\n" + reading + ",\n" + reading + "\n  ],\n  \"distance\": 0,\n  \"change\": \"same\"\n}\n";
        Assert.Equal(expected, Mask(output));
    }

    [Fact]
    public void Another_text_is_told_from_another_date()
    {
        File.WriteAllText(_folder["b.html"], Page.Replace("moves warmth into a house", "was sold by a man who left the town at dawn", StringComparison.Ordinal));

        Assert.Contains("text changed: ", Run(_folder["a.html"], _folder["b.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_one_error() =>
        Assert.Contains("Name a file that holds a page's HTML.", Assert.Throws<CommandException>(() => Run(_folder["none.html"])).Message, StringComparison.Ordinal);

    [Fact]
    public void What_cannot_be_read_is_one_error()
    {
        File.WriteAllText(_folder["deep.html"], string.Concat(Enumerable.Repeat("<div>", 5_000)));

        Assert.Contains("Check that it is one page's HTML.", Assert.Throws<CommandException>(() => Run(_folder["deep.html"])).Message, StringComparison.Ordinal);
    }

    private static string Mask(string json) =>
        string.Join('\n', json.Split('\n').Select(l => l.Contains("\"hash\"", StringComparison.Ordinal) ? Value(l, "\"HASH\"")
            : l.Contains("\"simHash\"", StringComparison.Ordinal) ? Value(l, "\"SIM\"") : l.Contains("\"textRatio\"", StringComparison.Ordinal) ? Value(l, "RATIO") : l));

    private static string Value(string line, string mask) => line[..(line.IndexOf(':', StringComparison.Ordinal) + 2)] + mask + ",";

    private static string Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        int code = new RootCommand { ContentCommand.Create() }.Parse(["content", .. args])
            .Invoke(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false });
        Assert.Equal(0, code);
        return output.ToString();
    }
}
