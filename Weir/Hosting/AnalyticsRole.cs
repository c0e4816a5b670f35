using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Analytics.Api;
using Weir.Analytics.Api.Alerts;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection.Catalog;
using Weir.Ingest;
using Weir.Ingest.ClickHouse;
using Weir.Proxy;
using Weir.Scheduling;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Hosting;

/// <summary>The API, the dashboard and the scheduler, over the control store of the settings.</summary>
internal sealed class AnalyticsRole : IAsyncDisposable
{
    private readonly OpenedStore _control;
    private readonly WebApplication _api;

    private AnalyticsRole(OpenedStore control, WebApplication api, string adminKey, bool isNewKey)
    {
        _control = control;
        _api = api;
        AdminKey = adminKey;
        IsNewKey = isNewKey;
    }

    public string AdminKey { get; }

    /// <summary>Whether the key was made by this start; only then may it be printed.</summary>
    public bool IsNewKey { get; }

    /// <summary>Sites that the control store defines.</summary>
    public ISiteDefinitions Definitions => new SqlSiteDefinitions(_control.Store, TimeProvider.System);

    /// <summary>Certificates of the control store.</summary>
    /// <param name="key">What their private keys are sealed with.</param>
    public IStoredCertificates Certificates(CertificateKeyFile key) => new SqlStoredCertificates(_control.Store, key, TimeProvider.System);

    public Uri Url => _api.BoundUrls()[0];

    /// <param name="settings">Checked settings.</param>
    /// <param name="known">Sites of files.</param>
    /// <param name="folder">Data folder.</param>
    /// <param name="store">Where hits are.</param>
    /// <param name="catalog">Crawlers.</param>
    /// <param name="logs">Where to log.</param>
    /// <param name="stop">Gives the start up.</param>
    /// <param name="followed">Where <paramref name="known"/> came from, when the API is to follow its changes.</param>
    /// <exception cref="CommandException">The control store or the port cannot be used.</exception>
    public static async Task<AnalyticsRole> StartAsync(
        WeirSettings settings, IReadOnlyList<FileSite> known, string folder, ClickHouseEndpoint store, CrawlerCatalog catalog, ILoggerFactory logs,
        CancellationToken stop, SiteSources? followed = null)
    {
        OpenedStore control;
        try
        {
            control = await ControlStores.OpenAsync(settings.SharedControl, folder, TimeProvider.System, settings.CertificateKey, stop);
        }
        catch (ControlException e)
        {
            throw new CommandException(e.Message, e);
        }
        WebApplication? api = null;
        try
        {
            var keys = new SqlApiKeys(control.Store, TimeProvider.System, logs.CreateLogger<SqlApiKeys>());
            var sites = new SqlSites(control.Store, TimeProvider.System);
            foreach (var site in known)
                await sites.EnsureAsync(site.Site.Id, stop: stop);
            var (key, isNew) = await Control.AdminKey.EnsureAsync(folder, keys, TimeProvider.System, stop);
            api = AnalyticsHost.Create(settings.Analytics, store, keys, sites, catalog, web =>
            {
                Logs.Configure(web.Logging);
                web.Services.AddSingleton<IHostLifetime, NoLifetime>();
                web.Services.AddClickHouse(store);
                web.Services.AddControl(control.Store);
                var files = new SiteFiles(known);
                web.Services.AddSingleton<ISiteFiles>(files);
                web.Services.AddSingleton<ISiteDefinitionCheck>(new SiteDefinitionCheck(settings.Surroundings, files));
                if (followed is not null)
                {
                    web.Services.AddHostedService(s => new FileSiteFollower(
                        followed, files, sites, known.Select(k => k.Site.Id), TimeProvider.System, s.GetRequiredService<ILogger<FileSiteFollower>>()));
                }
                web.Services.AddHostedService(s => new RetentionSweeper(
                    files, new SqlSiteDefinitions(control.Store, TimeProvider.System), settings.Surroundings, store, TimeProvider.System, s.GetRequiredService<ILogger<RetentionSweeper>>()));
                web.Services.AddSitemapLoop();
                web.Services.AddScheduling(settings.Scheduling with
                {
                    ImportFolder = Path.Combine(folder, "target-imports"),
                    PageIndexFolder = Path.Combine(folder, SchedulingSettings.PageIndexFolderName),
                });
                web.Services.AddSchedulingLoops();
                web.Services.AddAlerts(settings.Delivery);
                web.Services.AddAlertLoops();
            });
            await api.StartAsync(stop);
            return new AnalyticsRole(control, api, key, isNew);
        }
        catch (Exception e)
        {
            if (api is not null)
                await api.DisposeAsync();
            await control.DisposeAsync();
            throw e switch
            {
                ControlException => new CommandException(e.Message, e),
                _ when StoreOutage.Is(e) => new CommandException(StoreOutage.Explain(control.Store, e).Message, e),
                IOException or SocketException => new CommandException($"the API cannot listen on {settings.Api}: {e.Message} Choose another with --api.", e),
                _ => e,
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _api.StopAsync();
        await _api.DisposeAsync();
        await _control.DisposeAsync();
    }
}
