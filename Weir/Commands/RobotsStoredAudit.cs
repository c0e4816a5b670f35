using Weir.Detection;
using Weir.Detection.Robots;
using Weir.Hosting;
using Weir.Ingest;
using Weir.Ingest.AccessLogs;
using Weir.Ingest.ClickHouse;
using Weir.Settings;

namespace Weir.Commands;

/// <summary>A site's stored crawler hits, judged host by host by the robots.txt files that were served.</summary>
/// <param name="Site">Whose.</param>
/// <param name="Days">How far back.</param>
/// <param name="Hits">Crawler hits read.</param>
/// <param name="Hosts">Each host with hits or files, by name.</param>
internal sealed record RobotsStoredAudit(SiteId Site, int Days, long Hits, IReadOnlyList<RobotsStoredAudit.HostAudit> Hosts)
{
    /// <summary>One host.</summary>
    internal sealed record HostAudit(string Host, RobotsHistory History, RobotsAudit Audit);

    /// <summary>Reads and judges.</summary>
    /// <exception cref="CommandException">The store cannot be read.</exception>
    public static async Task<RobotsStoredAudit> ReadAsync(WeirSettings settings, SiteId site, int days, CancellationToken stop)
    {
        var to = TimeProvider.System.GetUtcNow();
        await using var store = await PolicyCommand.OpenAsync(settings, stop);
        using var stored = new StoredRobots(store.Endpoint);
        var catalog = Catalogs.Load();
        var hosts = new SortedDictionary<string, HostAudit>(StringComparer.Ordinal);
        long hits = 0;
        try
        {
            foreach (var version in await stored.VersionsAsync(site, stop))
            {
                Of(hosts, version.Host).History.Add(version.Status < 400
                    ? RobotsVersion.Served(version.SeenAt, version.Text) : RobotsVersion.Without(version.SeenAt, version.Status));
            }
            await foreach (var fetch in stored.FetchesAsync(site, (to - TimeSpan.FromDays(days)).ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds() + 1, stop))
            {
                // One that left the catalog since is nobody to judge.
                if (catalog.Find(fetch.Crawler) is not { } crawler)
                    continue;
                hits++;
                Of(hosts, fetch.Host).Audit.Take(HitOf(site, fetch, crawler));
            }
        }
        catch (StoreException e)
        {
            throw new CommandException($"The stored hits cannot be read: {e.Message}", e);
        }
        return new RobotsStoredAudit(site, days, hits, [.. hosts.Values]);
    }

    private static HostAudit Of(SortedDictionary<string, HostAudit> hosts, string host)
    {
        if (!hosts.TryGetValue(host, out var audit))
        {
            var history = new RobotsHistory();
            hosts.Add(host, audit = new HostAudit(host, history, new RobotsAudit(history)));
        }
        return audit;
    }

    private static Hit HitOf(SiteId site, in StoredFetch fetch, Detection.Catalog.Crawler crawler) => new()
    {
        TimeMs = fetch.TimeMs,
        Site = site,
        HitId = fetch.HitId,
        Host = fetch.Host,
        Path = fetch.Path,
        Query = fetch.Query,
        Status = fetch.Status,
        Verdict = new Verdict { Kind = VerdictKind.Crawler, Crawler = crawler, Identity = fetch.Identity },
    };
}
