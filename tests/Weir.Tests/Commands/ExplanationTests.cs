using System.CommandLine;
using System.Text;
using Weir.Commands;
using Weir.TestKit;

namespace Weir.Tests.Commands;

/// <summary>What a site owner reads about eight requests. explanations.txt is to be read by people whenever it changes.</summary>
public sealed class ExplanationTests
{
    private const string Chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    private const string Googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

    private static readonly (string Title, string[] Flags)[] Cases =
    [
        ("GPTBot from an address of OpenAI's", ["--ua", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", "--ip", "20.125.66.81"]),
        ("Googlebot from Google's list", ["--ua", Googlebot, "--ip", "66.249.66.1"]),
        ("Googlebot from anywhere else", ["--ua", Googlebot, "--ip", "203.0.113.9"]),
        ("A crawler that nothing can prove", ["--ua", "Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)", "--ip", "203.0.113.9"]),
        ("curl", ["--ua", "curl/8.5.0", "--header", "Accept:*/*", "--http-version", "2", "--ja4", "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"]),
        ("A headless browser", ["--ua", Chrome.Replace("Chrome/", "HeadlessChrome/", StringComparison.Ordinal), "--header", "Accept-Language:en-US", "--header", "Accept:text/html", "--header", "Accept-Encoding:gzip"]),
        ("A script that calls itself Chrome", ["--ua", Chrome, "--header", "Accept-Encoding:gzip, deflate", "--header", "Accept:*/*", "--http-version", "1.1", "--ja4", "t13d181100_85036bcba153_d41ae481755e"]),
        ("Chrome on Android",
        [
            "--ua", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
            "--http-version", "2", "--ja4", "t13d1517h2_8daaf6152771_cb7bf5808d99",
            "--header", "sec-ch-ua:\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\", \"Google Chrome\";v=\"140\"",
            "--header", "sec-ch-ua-mobile:?1", "--header", "sec-ch-ua-platform:\"Android\"",
            "--header", "Accept:text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
            "--header", "Sec-Fetch-Site:none", "--header", "Sec-Fetch-Mode:navigate", "--header", "Sec-Fetch-Dest:document",
            "--header", "Accept-Encoding:gzip, deflate, br, zstd", "--header", "Accept-Language:de-DE,de;q=0.9",
        ]),
        ("A screen reader's user behind a company's proxy that strips headers",
            ["--ua", Chrome, "--tls", "true", "--http-version", "1.1", "--header", "Via:1.1 proxy.company.example", "--header", "Accept:*/*", "--header", "Accept-Language:de"]),
    ];

    [Fact]
    public void Each_explanation_is_the_one_that_people_have_read()
    {
        string snapshot = RepositoryRoot.Of("tests/Weir.Tests/Commands/explanations.txt");
        var text = new StringBuilder();
        foreach (var (title, flags) in Cases)
            text.Append("== ").Append(title).Append('\n').Append(Explain(flags)).Append('\n');
        string now = Path.Combine(AppContext.BaseDirectory, "explanations.txt");
        File.WriteAllText(now, text.ToString());

        Assert.True(File.Exists(snapshot) && File.ReadAllText(snapshot) == text.ToString(),
            $"The explanations have changed. Read {now}; when each line is true and plain, copy it over {snapshot}.");
    }

    private static string Explain(string[] flags)
    {
        using var output = new StringWriter { NewLine = "\n" };
        new RootCommand { ClassifyCommand.Create() }.Parse(["classify", .. flags, "--time", "2026-11-24T12:00:00Z"])
            .Invoke(new InvocationConfiguration { Output = output });
        return string.Concat(output.ToString().Split('\n').Where(l => l.Length > 0 && !l.StartsWith("catalog", StringComparison.Ordinal)).Select(l => l + "\n"));
    }
}
