using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Weir.Detection;
using Weir.Scheduling;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Analytics.Api.Sitemaps;

/// <summary>What a sitemap changed against the one before.</summary>
/// <param name="Pages">Pages that are new, or that it says were changed since; 0 for a site's first sitemap.</param>
/// <param name="Triggers">Those of them that became triggers, because targets are linked to them.</param>
/// <param name="PassedOver">Those that did not although targets are linked to them, because more than 1,000 changed at once.</param>
public sealed record SitemapChanges(int Pages, int Triggers, int PassedOver);

/// <summary>Makes triggers of what a new sitemap says against the one in force.</summary>
/// <param name="sitemaps">The sitemap in force.</param>
/// <param name="targets">Where triggers are made: one of each, or none in a program without a scheduler.</param>
/// <param name="events">As <paramref name="targets"/>.</param>
/// <param name="time">The time.</param>
internal sealed class SitemapTriggers(SitemapStore sitemaps, IEnumerable<ITargets> targets, IEnumerable<IEvents> events, TimeProvider time)
{
    // Who sets every page's date anew at each deployment says nothing of any page; 1,000 events are stored in a second or two.
    private const int TriggersMax = 1_000;

    /// <summary>Records triggers. To be called before the sitemap is put in force: who sends it again after a failure makes none twice.</summary>
    /// <returns>Null when nothing can be compared: the site's first sitemap, or no scheduler.</returns>
    public async Task<SitemapChanges?> RecordAsync(Reach reach, SiteId site, IReadOnlyList<SitemapPage> pages, CancellationToken stop)
    {
        if (targets.FirstOrDefault() is not { } known || events.FirstOrDefault() is not { } taker || await sitemaps.FindAsync(site, stop) is not var (fromMs, lastMs))
            return null;
        var before = await sitemaps.PagesAsync(site, fromMs, stop);
        var changed = pages.Where(p => !before.TryGetValue((p.Host, p.Path, p.Query), out var modified) || p.LastModified > modified).ToList();
        var index = changed.Count == 0 ? null : await known.IndexAsync(stop);
        var linked = changed.Where(p => index!.Find(site, p.Path).Count > 0).ToList();
        var now = time.GetUtcNow();
        var made = linked.Take(TriggersMax).Select(p => new NewEvent(
            Key(site, lastMs, p), EventKind.SitemapChanged, EventStrength.Medium, now, new EventAim { Site = site.Value, Path = p.Path },
            before.ContainsKey((p.Host, p.Path, p.Query)) ? string.Create(CultureInfo.InvariantCulture, $"changed {p.LastModified:u}") : "new in the sitemap")).ToList();
        if (made.Count > 0)
            await taker.RecordAsync(reach, made, stop);
        return new SitemapChanges(changed.Count, made.Count, linked.Count - made.Count);
    }

    private static string Key(SiteId site, long lastMs, SitemapPage page) => string.Create(CultureInfo.InvariantCulture,
        $"sitemap {site} {lastMs} {XxHash128.HashToUInt128(Encoding.UTF8.GetBytes($"{page.Host}\0{page.Path}\0{page.Query}")):x32}");
}
