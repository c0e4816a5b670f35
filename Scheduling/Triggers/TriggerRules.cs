using System.Collections.Frozen;
using Weir.Detection;

namespace Weir.Scheduling.Triggers;

/// <summary>Which crawler fetches say that answers may have changed, and how strongly. Pure.</summary>
public sealed class TriggerRules(SchedulingSettings settings)
{
    // What pages load, and what describes a site, ends like this. PDF and plain text are not here: answers do cite them.
    private static readonly FrozenSet<string> NoPages = FrozenSet.ToFrozenSet(
        [
            ".css", ".js", ".mjs", ".map", ".json", ".webmanifest", ".wasm", ".xml", ".xsl", ".rss", ".atom", ".gz",
            ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".bmp", ".tif", ".tiff",
            ".woff", ".woff2", ".ttf", ".otf", ".eot", ".mp3", ".mp4", ".webm", ".ogg", ".m4a", ".mov", ".avi", ".m3u8", ".ts",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly string[] NoPageNames = ["/robots.txt", "/favicon", "/apple-touch-icon", "/.well-known/", "/ads.txt", "/app-ads.txt"];

    /// <summary>Judges a fetch by itself; which engines and targets it speaks of is asked afterwards.</summary>
    /// <param name="fetch">The fetch.</param>
    /// <param name="purpose">What its crawler fetches for.</param>
    /// <param name="weight">How much its crawler's identity makes it count, 0 to 1; 0 when it is refused.</param>
    /// <returns><see cref="TriggerRefusal.None"/>, or why it is no trigger.</returns>
    public TriggerRefusal Judge(in CrawlerFetch fetch, Purpose purpose, out double weight)
    {
        weight = 0;
        double counts = WeightOf(fetch.Identity);
        if (counts == 0)
            return TriggerRefusal.NotVerified;
        if (fetch.Method != "GET")
            return TriggerRefusal.NotRead;
        if (purpose == Purpose.AiTraining)
            return TriggerRefusal.Training;
        if (fetch.Status is not (200 or 304))
            return TriggerRefusal.NoContent;
        if (!IsPage(fetch.Path))
            return TriggerRefusal.NoPage;
        weight = counts;
        return TriggerRefusal.None;
    }

    /// <summary>Whether the class of a fetch depends on what it showed, which is known some moments later.</summary>
    public static bool NeedsContent(in CrawlerFetch fetch, Purpose purpose) => fetch.Status == 200 && !IsForPerson(purpose);

    /// <summary>The class of a fetch that <see cref="Judge"/> let pass.</summary>
    public static TriggerClass ClassOf(FetchContent content, Purpose purpose) =>
        IsForPerson(purpose) ? TriggerClass.UserFetch
        : content is FetchContent.Same or FetchContent.NotModified ? TriggerClass.CrawlSame : TriggerClass.CrawlChanged;

    /// <summary>How much what a fetch showed makes it count, 0 to 1.</summary>
    public double WeightOf(FetchContent content) => content == FetchContent.Unknown ? settings.UnknownContentWeight : 1;

    private static bool IsForPerson(Purpose purpose) => purpose is Purpose.AiUser or Purpose.AiAgent;

    private double WeightOf(Identity identity) => identity switch
    {
        Identity.Verified => 1,
        Identity.Unverifiable => settings.UnverifiableWeight,
        Identity.Spoofed or Identity.Pending or Identity.NotClaimed => 0,
        _ => throw new ArgumentOutOfRangeException(nameof(identity), identity, "Not an identity."),
    };

    private static bool IsPage(string path)
    {
        int end = path.AsSpan().IndexOfAny('?', '#');
        string plain = end < 0 ? path : path[..end];
        if (NoPageNames.Any(name => plain.StartsWith(name, StringComparison.OrdinalIgnoreCase)))
            return false;
        string name = plain[(plain.LastIndexOf('/') + 1)..];
        int dot = name.LastIndexOf('.');
        return !name.StartsWith("sitemap", StringComparison.OrdinalIgnoreCase) && (dot < 0 || !NoPages.Contains(name[dot..]));
    }
}
