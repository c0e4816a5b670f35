using System.Net;
using Weir.Analytics.Api;
using Weir.Analytics.Api.Access;
using Weir.Control;
using Weir.Control.Postgres;
using Weir.Delivery;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;
using Weir.Detection.Signals;
using Weir.Ingest;
using Weir.Ingest.ClickHouse;
using Weir.Proxy;
using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;
using Weir.Proxy.Places;
using Weir.Proxy.SharedLimits;
using Weir.Scheduling;

namespace Weir.Settings;

/// <summary>Every setting, checked, with its default where nothing was said. docs/settings.md explains each.</summary>
internal sealed record WeirSettings
{
    /// <summary>Where the edge listens.</summary>
    public IReadOnlyList<ListenAddress> Listen { get; init; } = [new(null, 8080)];

    /// <summary>Where the analytics API and the dashboard listen; this machine only, unless said otherwise.</summary>
    public ListenAddress Api { get; init; } = new(IPAddress.Loopback, 8090);

    /// <summary>Where <c>/metrics</c> is served without a key; null for nowhere.</summary>
    public ListenAddress? Metrics { get; init; }

    /// <summary>Folder of everything that is kept; absolute, or relative to the working folder.</summary>
    public string Data { get; init; } = "weir-data";

    /// <summary>Sites of the settings file, with where they stand in it.</summary>
    public IReadOnlyList<PlacedSite> PlacedSites { get; init; } = [];

    /// <summary>What is wrong with the sites of the settings file, when everything else in it is right; see <see cref="SettingsReader.ReadForEdge"/>.</summary>
    public IReadOnlyList<SettingError> SiteErrors { get; init; } = [];

    /// <summary>Sites of the settings file.</summary>
    public IReadOnlyList<Site> Sites => [.. PlacedSites.Select(s => s.Site)];

    /// <summary>Folder of site files beside the settings file's own sites; null for none.</summary>
    public string? SitesFolder { get; init; }

    /// <summary>What every site's settings are judged by beside themselves.</summary>
    public SiteSurroundings Surroundings { get; init; } = SiteSurroundings.Unknown;

    /// <summary>What works, and is hardly meant.</summary>
    public IReadOnlyList<SettingError> Warnings { get; init; } = [];

    /// <summary>Where certificates come from.</summary>
    public CertificateOptions Certificates { get; init; } = new();

    /// <summary>The file of the key that seals the control store's private keys, as the settings name it; null for its place in the data folder.</summary>
    public string? ControlKeyFile { get; init; }

    /// <summary>The key that seals the control store's private keys.</summary>
    public CertificateKeyFile CertificateKey => new(ControlKeyFile ?? Path.Combine(Data, CertificateKeyFile.DefaultName));

    /// <summary>Proxies whose forwarded headers are believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>The header those proxies write.</summary>
    public ForwardedHeader ForwardedHeader { get; init; }

    /// <summary>Bounds of the edge.</summary>
    public EdgeLimits Limits { get; init; } = new();

    /// <summary>The ClickHouse server to use; null for the embedded one.</summary>
    public ClickHouseEndpoint? ClickHouse { get; init; }

    /// <summary>The PostgreSQL that holds tenants, sites, definitions and keys for several machines; null when the data folder does.</summary>
    public PostgresOptions? SharedControl { get; init; }

    /// <summary>Which files say where clients are.</summary>
    public PlaceOptions Places { get; init; } = new();

    /// <summary>The Redis through which limits are shared; null when they are each edge's own.</summary>
    public SharedLimitOptions? SharedLimits { get; init; }

    /// <summary>How messages leave the program.</summary>
    public DeliveryOptions Delivery { get; init; } = new();

    /// <summary>What a worker asks, and for whom.</summary>
    public WorkerSettings Worker { get; init; } = new();

    /// <summary>The provider that members sign in with; null when there is none.</summary>
    public OidcOptions? Oidc { get; init; }

    /// <summary>How long entries of the audit log are kept.</summary>
    public TimeSpan AuditLife { get; init; } = new AnalyticsOptions().AuditLife;

    /// <summary>How scans are scheduled, and for how long what comes of it is kept.</summary>
    public SchedulingSettings Scheduling { get; init; } = new();

    /// <summary>Whose signing keys are fetched, besides the catalog's.</summary>
    public SignatureDirectoryOptions Signatures { get; init; } = new();

    /// <summary>Which rule makes reasons of behaviour.</summary>
    public BehaviourPreset Behaviour { get; init; }

    /// <summary>How reverse DNS is asked; null when it is not.</summary>
    public ReverseDnsOptions? ReverseDns { get; init; } = new();

    /// <summary>How often range lists are fetched; null when they are not.</summary>
    public TimeSpan? RangeRefresh { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Share of crawlers' fetches of HTML that are read.</summary>
    public double ContentSample { get; init; } = new EdgeOptions().ContentSample;

    /// <summary>Pages that may wait to be read.</summary>
    public int ContentQueueMax { get; init; } = new EdgeOptions().ContentQueueMax;

    /// <summary>How hits are gathered.</summary>
    public IngestOptions Ingest { get; init; } = new();

    /// <summary>The analytics side's part.</summary>
    public AnalyticsOptions Analytics => new()
    {
        Listen = new Uri($"http://{(Api.Address is null ? "0.0.0.0" : new IPEndPoint(Api.Address, 0).ToString()[..^2])}:{Api.Port}"),
        Oidc = Oidc,
        AuditLife = AuditLife,
    };

    /// <summary>The edge's part.</summary>
    public EdgeOptions Edge => new()
    {
        Listen = Listen,
        Certificates = Certificates,
        TrustedProxies = TrustedProxies,
        ForwardedHeader = ForwardedHeader,
        Places = Places,
        SharedLimits = SharedLimits,
        Limits = Limits,
        ContentSample = ContentSample,
        ContentQueueMax = ContentQueueMax,
    };
}
