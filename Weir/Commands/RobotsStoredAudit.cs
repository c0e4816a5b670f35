using Weir.Detection;
using Weir.Hosting;
using Weir.Ingest.AccessLogs;
using Weir.Ingest.ClickHouse;
using Weir.Settings;

namespace Weir.Commands;

/// <summary>A site's stored crawler hits, judged host by host by the robots.txt files that were served.</summary>
/// <param name="Site">Whose.</param>
/// <param name="Days">How far back.</param>
/// <param name="Hits">Crawler hits read.</param>
/// <param name="Hosts">Each host with hits or files, by name.</param>
internal sealed record RobotsStoredAudit(SiteId Site, int Days, long Hits, IReadOnlyCollection<RobotsHostAudit> Hosts)
{
    /// <summary>Reads and judges.</summary>
    /// <exception cref="CommandException">The store cannot be read.</exception>
    public static async Task<RobotsStoredAudit> ReadAsync(WeirSettings settings, SiteId site, int days, CancellationToken stop)
    {
        var to = TimeProvider.System.GetUtcNow();
        await using var store = await PolicyCommand.OpenAsync(settings, stop);
        using var stored = new StoredRobots(store.Endpoint);
        var audits = new RobotsHostAudits(site, Catalogs.Load());
        try
        {
            foreach (var version in await stored.VersionsAsync(site, stop))
                audits.Add(version);
            await foreach (var fetch in stored.FetchesAsync(site, (to - TimeSpan.FromDays(days)).ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds() + 1, stop))
                audits.Take(fetch);
        }
        catch (StoreException e)
        {
            throw new CommandException($"The stored hits cannot be read: {e.Message}", e);
        }
        return new RobotsStoredAudit(site, days, audits.Fetches, audits.Hosts);
    }
}
