using System.CommandLine;
using System.Text.Json;
using Weir.Commands;

namespace Weir.Tests.Commands;

public sealed class ClassifyCommandTests
{
    [Fact]
    public void A_fake_crawler_is_explained_with_the_list_its_date_and_its_age()
    {
        var (code, output, error) = Run("--ua", "GPTBot/1.2", "--ip", "203.0.113.9", "--time", "2026-11-24T12:00:00Z");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("crawler     GPTBot (gptbot)\noperator    OpenAI\npurpose     ai-training", output, StringComparison.Ordinal);
        Assert.Contains("identity    spoofed, by gptbot.json of 2026-04-12 (226 days old, published)\n", output, StringComparison.Ordinal);
        Assert.Contains("  - The address is outside gptbot.json of 2026-04-12, which OpenAI publishes as complete.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_gives_the_same_reasons_with_their_sentences()
    {
        var (_, output, _) = Run("--ua", "GPTBot/1.2", "--ip", "20.125.66.81", "--json");
        using var document = JsonDocument.Parse(output);
        var verdict = document.RootElement;

        Assert.Equal("verified", verdict.GetProperty("identity").GetString());
        Assert.Equal(verdict.GetProperty("reasons").GetArrayLength(), verdict.GetProperty("sentences").GetArrayLength());
    }

    [Fact]
    public void A_hostile_user_agent_cannot_reach_the_terminal()
    {
        var (_, output, _) = Run("--ua", "[red]x\u001b[31m\u202e\u0007\u009bGPTBot/1.2");

        Assert.DoesNotContain(output, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain('\u202e', output);
        Assert.Contains("[red]x", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_path_and_referrer_are_judged()
    {
        const string chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

        var (_, fromEngine, _) = Run("--ua", chrome, "--path", "/a?utm_source=chatgpt.com", "--header", "Accept:*/*");
        var (_, inside, _) = Run("--ua", chrome, "--referrer", "https://shop.example/", "--header", "Host: shop.example");

        Assert.Contains("referral    ai (chatgpt)\n", fromEngine, StringComparison.Ordinal);
        Assert.Contains("No Accept-Language was sent", fromEngine, StringComparison.Ordinal);
        Assert.DoesNotContain("referral", inside, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--ip", "203.0.113", "--ip: '203.0.113' is not an address.")]
    [InlineData("--time", "soon", "--time: 'soon' is not a time.")]
    [InlineData("--header", "Accept", "--header: 'Accept' has no name.")]
    [InlineData("--no-such-flag", "x", "--no-such-flag")]
    public void A_wrong_flag_is_an_error_that_says_what_to_write(string flag, string value, string expected)
    {
        var errors = new RootCommand { ClassifyCommand.Create() }.Parse(["classify", flag, value]).Errors;

        Assert.Contains(errors, e => e.Message.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_and_one_request_do_not_mix() =>
        Assert.NotEmpty(new RootCommand { ClassifyCommand.Create() }.Parse(["classify", "--jsonl", "--ua", "x"]).Errors);

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = new RootCommand { ClassifyCommand.Create() }.Parse(["classify", .. args])
            .Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
