using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Privacy;
using Weir.Settings;

namespace Weir.Sites;

/// <summary>Deletes, once an hour, what is older than the sites' settings let it be, as they are at that time.</summary>
/// <param name="files">Sites of files.</param>
/// <param name="definitions">Sites of the control store.</param>
/// <param name="around">What their definitions are read by.</param>
/// <param name="endpoint">The store.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Told what was deleted, and what hindered it.</param>
internal sealed partial class RetentionSweeper(
    SiteFiles files, ISiteDefinitions definitions, SiteSurroundings around, ClickHouseEndpoint endpoint, TimeProvider time, ILogger<RetentionSweeper> log) : BackgroundService
{
    // A start has enough to do, and whoever tries settings out should see them at work soon.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private readonly Dictionary<string, SitePrivacy> _stored = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Sweeps once.</summary>
    /// <returns>What was deleted; null when it could not be done.</returns>
    public async Task<IReadOnlyList<DeletedRows>?> SweepAsync(CancellationToken stop)
    {
        try
        {
            var sites = await SitesAsync(stop);
            if (sites.Count == 0)
                return [];
            using var retention = new StoreRetention(endpoint, time);
            var deleted = await retention.RunAsync(sites, stop);
            foreach (var table in deleted)
                Deleted(log, table.Deleted, table.Table);
            return deleted;
        }
        catch (Exception e) when (e is StoreException or ControlException || StoreOutage.Is(e))
        {
            NotDeleted(log, e.Message, Every);
            return null;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = First; ; wait = Every)
        {
            await Task.Delay(wait, time, stoppingToken);
            await SweepAsync(stoppingToken);
        }
    }

    private async Task<List<SiteRetention>> SitesAsync(CancellationToken stop)
    {
        var changes = await definitions.ReadAsync(_version, stop);
        foreach (var changed in changes.Changed)
        {
            var errors = new SettingErrors();
            // A definition that is wrong is not in force: what it said before is.
            if (SiteDefinitions.ReadStored(changed.Id, changed.Json, around, errors) is { } read && errors.All.Count == 0)
                _stored[changed.Id.Value] = read.Site.Privacy;
        }
        foreach (var removed in changes.Removed)
            _stored.Remove(removed.Value);
        _version = changes.Version;
        var all = new Dictionary<string, SitePrivacy>(_stored, StringComparer.Ordinal);
        foreach (var file in files.All)
            all[file.Site.Id.Value] = file.Site.Privacy;
        return [.. all.Where(s => s.Value.RetentionDays is not null).Select(s => new SiteRetention(
            Detection.SiteId.Parse(s.Key), s.Value.RetentionDays!.Value, s.Value.CountsDays ?? s.Value.RetentionDays.Value))];
    }

    [LoggerMessage(7110, LogLevel.Information, "{Rows} rows of table {Table} were deleted: they are older than their sites' settings keep them.")]
    private static partial void Deleted(ILogger log, long rows, string table);

    [LoggerMessage(7111, LogLevel.Warning, "Rows that are too old could not be deleted: {Why} It is tried again in {Wait}.")]
    private static partial void NotDeleted(ILogger log, string why, TimeSpan wait);
}
