using Weir.Detection.Catalog;

namespace Weir.Micro.Operations;

/// <summary>Made-up user agents of about 110 characters, the same in every run. Each has digits that can be changed to make it new.</summary>
internal sealed class UserAgentTexts
{
    private const int Seed = 20261125;

    // Chrome's forms, of the version that the header benchmark's client hints say; # is a digit that may change.
    private static readonly string[] Forms =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.####.### Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.####.### Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.####.### Mobile Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.####.### Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.####.### Safari/537.36 Edg/140.0.0.0",
    ];

    private readonly List<(char[] Text, int[] Digits)> _texts = [];

    /// <param name="count">How many.</param>
    /// <param name="botShare">The share of bots, 0 to 1; they name tokens of the shipped catalog.</param>
    public UserAgentTexts(int count, double botShare)
    {
        var random = new Random(Seed);
        string[] tokens = [.. SharedCatalog.Value.Crawlers.Where(c => c.Purpose != Detection.Purpose.ScraperLibrary).SelectMany(c => c.Tokens)];
        for (int i = 0; i < count; i++)
        {
            bool isBot = random.NextDouble() < botShare;
            string form = isBot
                ? $"Mozilla/5.0 (compatible; {tokens[random.Next(tokens.Length)]}/1.####.###; +https://crawler.example.com/about-this-crawler.html)"
                : Forms[random.Next(Forms.Length)];
            int[] digits = [.. Enumerable.Range(0, form.Length).Where(at => form[at] == '#')];
            _texts.Add((form.ToCharArray(), digits));
            Change(i, random.Next(1 << 21));
        }
    }

    /// <summary>How many.</summary>
    public int Count => _texts.Count;

    /// <summary>Characters of a text on average.</summary>
    public double MeanLength => _texts.Average(t => t.Text.Length);

    /// <summary>A text as it is.</summary>
    public ReadOnlySpan<char> this[int index] => _texts[index].Text;

    /// <summary>All texts as strings.</summary>
    public string[] ToStrings() => [.. _texts.Select(t => new string(t.Text))];

    /// <summary>Writes seven octal digits into a text, so that no cache has met it, and returns it. Takes a few nanoseconds.</summary>
    public ReadOnlySpan<char> Change(int index, int number)
    {
        var (text, digits) = _texts[index];
        foreach (int at in digits)
        {
            text[at] = (char)('0' + (number & 7));
            number >>= 3;
        }
        return text;
    }
}

/// <summary>The catalog that ships, read once.</summary>
internal static class SharedCatalog
{
    private static readonly Lazy<CrawlerCatalog> Loaded = new(() => CrawlerCatalog.Load());

    public static CrawlerCatalog Value => Loaded.Value;
}
