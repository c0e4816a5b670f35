using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Sitemaps;

/// <summary>Fetches the sitemaps that are to be fetched every day. Several programs may run it on one store.</summary>
internal sealed class SitemapLoop(SqlSitemapFetches wishes, SitemapFetcher fetcher, TimeProvider time, ILogger<SitemapLoop> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1), Day = TimeSpan.FromDays(1);

    /// <summary>Fetches what is due, one after the other; returns how many were.</summary>
    internal async Task<int> RunAsync(CancellationToken stop)
    {
        for (int fetched = 0; ; fetched++)
        {
            if (await wishes.TakeDueAsync(time.GetUtcNow() + Day, stop) is not { } wish)
                return fetched;
            try
            {
                await fetcher.FetchAsync(SiteId.Parse(wish.Site), wish.Url, stop);
            }
            catch (Exception e) when (e is SitemapException or StoreUnavailableException)
            {
                log.SitemapNotFetched(wish.Site, e.Message);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception e) when (StoreOutage.Is(e))
            {
                log.ControlUnavailable(e.Message);
            }
        }
    }
}
