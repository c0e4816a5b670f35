using System.Globalization;
using Weir.Detection.Catalog;

namespace Weir.Ladder.Load;

/// <summary>What the clients of a measurement send: 20,000 requests of 1,000 user agents and 10,000 addresses, the same in every run.</summary>
internal static class RequestFile
{
    private const int Seed = 20261127, Requests = 20_000, UserAgents = 1000, Clients = 10_000;

    /// <summary>Host of the only site, and of the first of many.</summary>
    public const string Host = "s0.bench.test";

    /// <summary>Host of a site.</summary>
    public static string HostOf(int site) => string.Create(CultureInfo.InvariantCulture, $"s{site}.bench.test");

    /// <summary>Writes the file, a request a line.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="sites">How many hosts are asked.</param>
    public static void Write(string file, int sites)
    {
        var random = new Random(Seed);
        string[] agents = [.. UserAgentTexts(random)];
        File.WriteAllLines(file, Enumerable.Range(0, Requests).Select(_ =>
            $"{agents[random.Next(agents.Length)]}\t{ClientOf(random.Next(Clients))}\t{HostOf(random.Next(sites))}"));
    }

    /// <summary>A prefix of the kind that operators publish; the peers' lists are made of these.</summary>
    public static string Prefix(int index) => string.Create(CultureInfo.InvariantCulture, $"{20 + (index / 4096)}.{index / 16 % 256}.{index % 16 * 16}.0/24");

    // A tenth of the clients stand in the peers' prefixes.
    private static string ClientOf(int index) => string.Create(CultureInfo.InvariantCulture, $"{20 + (index % 20)}.{index * 7 % 256}.{index * 13 % 256}.{1 + (index % 254)}");

    private static IEnumerable<string> UserAgentTexts(Random random)
    {
        string[] tokens = Tokens();
        for (int i = 0; i < UserAgents; i++)
        {
            yield return i % 5 == 0
                ? $"Mozilla/5.0 (compatible; {tokens[random.Next(tokens.Length)]}/1.{i}; +https://crawler.example.com/about-this-crawler.html)"
                : $"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.{i}.{random.Next(300)} Safari/537.36";
        }
    }

    /// <summary>Two hundred names of crawlers; the peers look for these in each user agent.</summary>
    public static string[] Tokens() => [.. CrawlerCatalog.Load().Crawlers
        .Where(c => c.Purpose != Detection.Purpose.ScraperLibrary).SelectMany(c => c.Tokens)
        .Where(t => t.Length > 4 && t.All(char.IsAsciiLetterOrDigit)).Distinct(StringComparer.OrdinalIgnoreCase).Take(200)];
}
