using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Robots;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.AccessLogs;

/// <summary>Judges a site's stored crawler fetches host by host: each host has its own robots.txt. For one thread at a time.</summary>
/// <param name="site">Whose.</param>
/// <param name="catalog">Who crawlers are.</param>
public sealed class RobotsHostAudits(SiteId site, CrawlerCatalog catalog)
{
    private readonly SortedDictionary<string, RobotsHostAudit> _hosts = new(StringComparer.Ordinal);

    /// <summary>Each host with fetches or files, by name.</summary>
    public IReadOnlyCollection<RobotsHostAudit> Hosts => _hosts.Values;

    /// <summary>Fetches taken.</summary>
    public long Fetches { get; private set; }

    /// <summary>Adds what a host served from a time on; the oldest of a host first, and all before any fetch.</summary>
    public void Add(StoredRobotsVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        Of(version.Host).History.Add(version.Status < 400
            ? RobotsVersion.Served(version.SeenAt, version.Text) : RobotsVersion.Without(version.SeenAt, version.Status));
    }

    /// <summary>Notes a fetch of robots.txt from before the fetches that are judged: it says which version its crawler knew.</summary>
    public void Note(in StoredFetch robots)
    {
        if (catalog.Find(robots.Crawler) is { } crawler && robots.Identity != Identity.Spoofed)
            Of(robots.Host).History.NoteFetch(crawler, DateTimeOffset.FromUnixTimeMilliseconds(robots.TimeMs), robots.Status);
    }

    /// <summary>Takes one fetch, in the order of time. One of a crawler that left the catalog since is nobody's to judge.</summary>
    public void Take(in StoredFetch fetch)
    {
        if (catalog.Find(fetch.Crawler) is not { } crawler)
            return;
        Fetches++;
        Of(fetch.Host).Audit.Take(new Hit
        {
            TimeMs = fetch.TimeMs,
            Site = site,
            HitId = fetch.HitId,
            Host = fetch.Host,
            Path = fetch.Path,
            Query = fetch.Query,
            Status = fetch.Status,
            Verdict = new Verdict { Kind = VerdictKind.Crawler, Crawler = crawler, Identity = fetch.Identity },
        });
    }

    private RobotsHostAudit Of(string host)
    {
        if (!_hosts.TryGetValue(host, out var audit))
        {
            var history = new RobotsHistory();
            _hosts.Add(host, audit = new RobotsHostAudit(host, history, new RobotsAudit(history)));
        }
        return audit;
    }
}

/// <summary>One host.</summary>
/// <param name="Host">Its name.</param>
/// <param name="History">What it served as robots.txt.</param>
/// <param name="Audit">What crawlers made of that.</param>
public sealed record RobotsHostAudit(string Host, RobotsHistory History, RobotsAudit Audit);
