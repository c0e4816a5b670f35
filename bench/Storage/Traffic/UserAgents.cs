using System.IO.Compression;
using System.Text.Json;
using Weir.Detection;
using Weir.Reporting;

namespace Weir.Storage.Traffic;

/// <summary>User agents of people, of programs and of crawlers: those of our own tests, those of the access log of elastic/examples, and
/// versions of the usual browsers.</summary>
internal sealed class UserAgents
{
    private const string OwnFile = "tests/Detection.Tests/data/user-agents.own.jsonl", LogFile = "tests/data/logs/elastic-apache.log.gz";

    // By how often they come; the shares are those of ordinary sites, not of one.
    private static readonly string[] CrawlerTexts =
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; OAI-SearchBot/1.3; +https://openai.com/searchbot",
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.7339.207 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
        "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
        "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "CCBot/2.0 (https://commoncrawl.org/faq/)",
        "Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)",
        "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)", "Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
        "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 (compatible; Claude-SearchBot/1.0; +claude-searchbot@anthropic.com)", "Twitterbot/1.0",
        "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    ];

    private UserAgents(string[] people, string[] programs) => (People, Programs) = (people, programs);

    /// <summary>Browsers, the most frequent first.</summary>
    public string[] People { get; }

    /// <summary>Libraries and tools.</summary>
    public string[] Programs { get; }

    /// <summary>Crawlers, the most frequent first.</summary>
    public static IReadOnlyList<string> Crawlers => CrawlerTexts;

    /// <summary>Reads them; the bench runs in the repository's root.</summary>
    public static UserAgents Load(Detector detector, Random random)
    {
        var texts = new List<string>(Usual(random));
        texts.AddRange(Own().Concat(FromLog()).Distinct(StringComparer.Ordinal).Where(t => t.Length is > 0 and < 1000).OrderBy(_ => random.Next()));
        var kinds = texts.Select(t => detector.Classify(new RequestFacts { TimeMs = 0, UserAgent = t }).Kind).ToArray();
        return new UserAgents(
            [.. texts.Where((_, i) => kinds[i] == VerdictKind.LikelyHuman)], [.. texts.Where((_, i) => kinds[i] == VerdictKind.Automation)]);
    }

    // Browsers freeze most of their text today: a version is what differs. Windows inside apps still name their phone.
    private static IEnumerable<string> Usual(Random random)
    {
        for (int version = 140; version > 118; version--)
        {
            yield return $"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36";
            yield return $"Mozilla/5.0 (iPhone; CPU iPhone OS {version / 8}_{version % 8} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{version / 8}.{version % 8} Mobile/15E148 Safari/604.1";
            yield return $"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Mobile Safari/537.36";
            yield return $"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36";
            yield return $"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0";
        }
        for (int i = 0; i < 1500; i++)
        {
            yield return $"Mozilla/5.0 (Linux; Android {9 + random.Next(7)}; SM-A{random.Next(100, 999)}B Build/UP1A.2310{random.Next(10, 31)}.00{random.Next(1, 9)}; wv) "
                + $"AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/{random.Next(110, 141)}.0.{random.Next(5000, 7400)}.{random.Next(200)} Mobile Safari/537.36";
        }
    }

    private static IEnumerable<string> Own()
    {
        if (!File.Exists(OwnFile))
            throw new BenchException($"{OwnFile} is missing. Start bench/run in a whole checkout.");
        foreach (string line in File.ReadLines(OwnFile))
        {
            using var row = JsonDocument.Parse(line);
            yield return row.RootElement.GetProperty("ua").GetString()!;
        }
    }

    private static IEnumerable<string> FromLog()
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(LogFile), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            if (line.Split('"') is { Length: > 5 } parts)
                yield return parts[5];
        }
    }
}
