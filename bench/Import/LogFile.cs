using System.Globalization;
using System.Text;

namespace Weir.Import;

/// <summary>Writes a combined log as a site of some size has it. The same seed, the same bytes.</summary>
internal static class LogFile
{
    private const long FirstSecond = 1_767_225_600;  // 2026-01-01
    private const int Days = 60;
    private const int Pages = 20_000;
    private const int Clients = 300_000;

    // Shares of requests as sites see them: people by far the most, then crawlers and scripts. Each line's number varies the version.
    private static readonly string[] UserAgents =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/14{0}.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{0} Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{0} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{0} Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/14{0}.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:14{0}.0) Gecko/20100101 Firefox/14{0}.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/14{0}.0.0.0 Safari/537.36 Edg/14{0}.0.0.0",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.{0}; +https://openai.com/gptbot)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "python-requests/2.3{0}.0",
    ];

    private static readonly string[] Referrers = ["-", "-", "https://www.google.com/", "https://www.example.com/", "https://chatgpt.com/"];

    /// <summary>Writes it; returns its lines.</summary>
    public static long Write(string path, long bytes, int seed)
    {
        var random = new Random(seed);
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 20);
        long written = 0, lines = 0;
        double second = FirstSecond, step = Days * 86_400.0 / (bytes / 215.0);
        while (written < bytes)
        {
            second += step * 2 * random.NextDouble();
            string line = Line((long)second, random);
            writer.Write(line);
            written += line.Length;
            lines++;
        }
        return lines;
    }

    private static string Line(long second, Random random)
    {
        // A few pages and clients make most of the requests: squares of a random number lean to the small.
        int page = (int)(Math.Pow(random.NextDouble(), 3) * Pages), client = (int)(Math.Pow(random.NextDouble(), 2) * Clients);
        uint address = 0x50000000u + ((uint)client * 2_654_435_761u >> 4);
        string userAgent = string.Format(CultureInfo.InvariantCulture, UserAgents[(int)(Math.Pow(random.NextDouble(), 1.5) * UserAgents.Length)], client % 10);
        return string.Create(CultureInfo.InvariantCulture,
            $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255} - - [{DateTimeOffset.FromUnixTimeSeconds(second):dd/MMM/yyyy:HH:mm:ss} +0000] "
            + $"\"GET /section-{page % 40}/article-{page}{(page % 3 == 0 ? $"?page={page % 7}" : "")} HTTP/1.1\" {(page % 50 == 0 ? 404 : 200)} {random.Next(200, 90_000)} "
            + $"\"{Referrers[random.Next(Referrers.Length)]}\" \"{userAgent}\"\n");
    }
}
