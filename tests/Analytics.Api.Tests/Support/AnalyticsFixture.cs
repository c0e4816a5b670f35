using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Reflection;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Alerts;
using Weir.Analytics.Api.Tests.Dashboard;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Delivery;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;
using Weir.Ingest.Schema;
using Weir.Scheduling;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;

namespace Weir.Analytics.Api.Tests.Support;

/// <summary>A real API over a real embedded ClickHouse and a real control store; one for all tests. Each test has sites of its own.</summary>
public sealed class AnalyticsFixture : IAsyncLifetime
{
    /// <summary>A free port of this machine.</summary>
    public static readonly Uri AnyPort = new("http://127.0.0.1:0");

    private static int _sites;

    private int _tenants;

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-analytics-").FullName;
    private EmbeddedClickHouse _clickHouse = null!;
    private ControlDatabase _control = null!;
    private WebApplication _app = null!;

    public ClickHouseClient Store { get; private set; } = null!;
    public ClickHouseEndpoint Endpoint => _clickHouse.Endpoint;
    public IApiKeys Keys { get; private set; } = null!;
    public ISites Sites { get; private set; } = null!;
    public ISiteDefinitions Definitions => Services.GetRequiredService<ISiteDefinitions>();

    /// <summary>A site that a settings file defines.</summary>
    public static Site FileSite { get; } = new()
    {
        Id = SiteId.Parse("in-file"),
        Hosts = ["in-file.example"],
        Origins = [new Uri("http://127.0.0.1:3000")],
        Policy = [new PolicyRule { Name = "no-training", Action = PolicyAction.Block, Purposes = [Purpose.AiTraining] }],
    };

    private static SiteFiles Files { get; } = new([new FileSite(FileSite, "weir.json")]);
    public IServiceProvider Services => _app.Services;

    /// <summary>Key of the default tenant with every scope.</summary>
    public string AdminKey { get; private set; } = null!;

    /// <summary>Warnings and errors of the API.</summary>
    public TestLog Log { get; } = new();

    public Uri Url { get; private set; } = null!;

    /// <summary>A client with the admin key.</summary>
    public HttpClient Api { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        string host = typeof(AnalyticsFixture).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "EmbeddedHost").Value!;
        _clickHouse = await EmbeddedClickHouse.StartAsync(
            new EmbeddedClickHouseOptions { Folder = _folder, Command = [Path.GetFullPath(host, AppContext.BaseDirectory), EmbeddedServer.Command] },
            TimeProvider.System, NullLogger<EmbeddedClickHouse>.Instance);
        await SchemaMigrator.ApplyAsync(_clickHouse.Endpoint);
        Store = NewStore(_clickHouse.Endpoint);

        _control = await ControlDatabase.OpenAsync(_folder, [SchedulingMigrations.Set], TimeProvider.System);
        Keys = new SqlApiKeys(_control, TimeProvider.System, NullLogger<SqlApiKeys>.Instance);
        Sites = new SqlSites(_control, TimeProvider.System);
        await Sites.EnsureAsync(FileSite.Id);
        AdminKey = await NewKeyAsync([Scopes.Admin]);

        _app = await NewAppAsync(new AnalyticsOptions { Listen = AnyPort, AmendmentsLife = TimeSpan.Zero, CompletenessLife = TimeSpan.Zero, ReportLifeMax = TimeSpan.Zero, WrongKeysMax = int.MaxValue });
        Url = new Uri(_app.Urls.First());
        Api = Client(AdminKey);
    }

    /// <summary>Another API over the same stores; the caller disposes it.</summary>
    public async Task<WebApplication> NewAppAsync(AnalyticsOptions options)
    {
        var app = AnalyticsHost.Create(options, _clickHouse.Endpoint, Keys, Sites, CrawlerCatalog.Load(), Configure);
        await app.StartAsync();
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _app.DisposeAsync();
        Store.Dispose();
        await _control.DisposeAsync();
        await _clickHouse.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A site that no other test has, known to the default tenant.</summary>
    public async Task<string> NewSiteAsync(string tenant = Tenant.Default, string name = "")
    {
        string site = $"site-{Interlocked.Increment(ref _sites)}";
        await Sites.EnsureAsync(SiteId.Parse(site), tenant, name);
        return site;
    }

    /// <summary>A tenant that no other test has.</summary>
    public string NewTenant() => $"tenant-{Interlocked.Increment(ref _tenants)}";

    public IControlStore Control => _control;

    public IOrganisations Organisations => Services.GetRequiredService<IOrganisations>();

    public async Task<string> NewKeyAsync(IReadOnlyList<string> scopes, string tenant = Tenant.Default, params string[] sites) =>
        (await Keys.CreateAsync(new NewApiKey(scopes, tenant, sites.Length == 0 ? null : [.. sites.Select(SiteId.Parse)]))).Text;

    /// <summary>A key that was good a moment ago.</summary>
    public async Task<string> NewExpiredKeyAsync()
    {
        var past = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-1));
        return (await new SqlApiKeys(_control, past, NullLogger<SqlApiKeys>.Instance).CreateAsync(
            new NewApiKey([Scopes.Admin], Expires: TimeProvider.System.GetUtcNow().AddHours(-1)))).Text;
    }

    /// <summary>A browser that a person signed in with a key.</summary>
    public async Task<HttpClient> SignedInAsync(string key)
    {
        var browser = new HttpClient { BaseAddress = Url };
        (await browser.PostAsJsonAsync(new Uri("/session", UriKind.Relative), new { key })).EnsureSuccessStatusCode();
        return browser;
    }

    /// <summary>A browser with the session that a member gets by signing in.</summary>
    public async Task<HttpClient> SignedInAsync(Member member)
    {
        var http = new DefaultHttpContext();
        await Services.GetRequiredService<Sessions>().StartAsync(http, new SessionOwner(ActorKind.Member, member.Id));
        var client = Client(null);
        client.DefaultRequestHeaders.Add("Cookie", http.Response.Headers.SetCookie.Last()!.Split(';')[0]);
        return client;
    }

    public HttpClient Client(string? key, Uri? url = null)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = url ?? Url };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>Scans a target with these results, one after the other.</summary>
    public async Task ScanAsync(string tenant, long target, params ScanResult[] results)
    {
        var queue = Services.GetRequiredService<IScanQueue>();
        foreach (var result in results)
        {
            await queue.EnqueueAsync([new NewScan(target, TimeProvider.System.GetUtcNow().AddSeconds(-1), 1)]);
            var scan = (await queue.LeaseAsync(new Reach(tenant), new LeaseRequest(null, 1, TimeSpan.FromMinutes(1), "test")))[0];
            await queue.CompleteAsync(new Reach(tenant), new ScanHold(scan.Id, scan.FencingToken), result, """{"url":"https://x/pricing"}""");
        }
    }

    /// <summary>Stores hits as the writer does: one insert.</summary>
    public Task StoreAsync(params IEnumerable<TestHit> hits) => Store.InsertBinaryAsync(
        "weir.hits", TestHit.Columns, hits.Select(h => h.Row()), new InsertOptions(), CancellationToken.None);

    private static ClickHouseClient NewStore(ClickHouseEndpoint endpoint) => new(new ClickHouseClientSettings
    {
        Host = endpoint.Url.Host,
        Port = (ushort)endpoint.Url.Port,
        Username = endpoint.User,
        Password = endpoint.Password,
        Database = endpoint.Database,
        UseCompression = false,
    });

    private void Configure(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders().AddProvider(Log).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddControl(_control);
        builder.Services.AddScheduling();
        builder.Services.AddAlerts(new DeliveryOptions { AllowsHttp = true, AllowsPrivateTargets = true, Smtp = new SmtpOptions { Host = "127.0.0.1", From = "weir@example.com" } });
        builder.Services.AddSingleton<ISiteFiles>(Files).AddSingleton<ISiteDefinitionCheck>(new ShapeCheck());
    }
}

[CollectionDefinition(Name)]
public sealed class AnalyticsCollection : ICollectionFixture<AnalyticsFixture>, ICollectionFixture<BrowserFixture>
{
    public const string Name = "analytics";
}
