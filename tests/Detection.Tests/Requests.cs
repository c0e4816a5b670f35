using Weir.Detection;
using Weir.Detection.Catalog;

namespace Weir.Tests;

/// <summary>What the tests of this project ask of the shipped catalog.</summary>
internal static class Requests
{
    public const string Chrome =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    public const string Gptbot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)";

    public const string Googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

    /// <summary>Later than every bundled list, and within a year of each.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Loaded once: it is immutable.</summary>
    public static CrawlerCatalog Catalog { get; } = CrawlerCatalog.Load();

    public static Detector Detector { get; } = new(Catalog);

    public static Verdict Classify(string userAgent, string address = "", DateTimeOffset? at = null, string referrer = "", string query = "",
        string host = "") => Detector.Classify(new RequestFacts
        {
            TimeMs = (at ?? Now).ToUnixTimeMilliseconds(),
            UserAgent = userAgent,
            ClientAddress = address.Length == 0 ? default : Address(address),
            Referrer = referrer,
            Query = query,
            Host = host,
        });

    public static ClientAddress Address(string text) =>
        ClientAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text, nameof(text));
}
