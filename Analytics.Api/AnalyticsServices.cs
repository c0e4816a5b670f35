using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Scalar.AspNetCore;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Alerts;
using Weir.Analytics.Api.Endpoints;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Live;
using Weir.Analytics.Api.Reports;
using Weir.Analytics.Api.Sitemaps;
using Weir.Control;
using Weir.Delivery;
using Weir.Detection.Identification;
using Weir.Scheduling.Queue;

namespace Weir.Analytics.Api;

/// <summary>Registers and maps the analytics API.</summary>
public static class AnalyticsServices
{
    /// <summary>Adds the API, its reports and the dashboard. The caller adds <c>AddControl</c>'s services, <c>CrawlerCatalog</c> and <c>IClickHouseClient</c>.</summary>
    public static IServiceCollection AddAnalytics(this IServiceCollection services, AnalyticsOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.TryAddSingleton<ISiteFiles>(new SiteFiles([]));
        services.TryAddSingleton<HostResolver>(System.Net.Dns.GetHostAddressesAsync);
        if (options.Oidc is { } provider)
            services.AddOidc(provider);
        services.AddAccess().AddReports().AddLiveStream();
        services.AddSingleton<DashboardFiles>();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
            json.SerializerOptions.AllowDuplicateProperties = false;
            // A number is a number: the document would else promise texts too.
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddOpenApi("v1", OpenApiDocumentForm.Configure);
        services.AddOpenTelemetry().ConfigureResource(r => r.AddService("weir")).WithMetrics(metrics => metrics
            .AddMeter("Weir.*", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
            .AddPrometheusExporter());
        return services;
    }

    /// <summary>Adds the loop that fetches sitemaps every day. Several programs may run it on one store. Needs <see cref="AddAnalytics"/>.</summary>
    public static IServiceCollection AddSitemapLoop(this IServiceCollection services) => services.AddHostedService<SitemapLoop>();

    private static IServiceCollection AddAccess(this IServiceCollection services) => services
        .AddSingleton<Sessions>()
        .AddSingleton<SignInThrottle>()
        .AddSingleton<WrongKeys>()
        .AddHostedService<AuditSweeper>()
        .AddSingleton<SiteAccess>();

    private static IServiceCollection AddReports(this IServiceCollection services) => services
        .AddSingleton<ReportStore>()
        .AddSingleton<ReportCache>()
        .AddSingleton<KeptRows>()
        .AddSingleton<AmendmentsReport>()
        .AddSingleton<CountsReport>()
        .AddSingleton<StoreCheck>()
        .AddSingleton<HitRows>()
        .AddSingleton<CrawledPathsReport>()
        .AddSingleton<SitesReport>()
        .AddSingleton<CompletenessReport>()
        .AddSingleton<SummaryReport>()
        .AddSingleton<BucketsReport>()
        .AddSingleton<SeriesReport>()
        .AddSingleton<CrawlersReport>()
        .AddSingleton<PagesReport>()
        .AddSingleton<ReferralsReport>()
        .AddSingleton<PolicyReport>()
        .AddSingleton<AmendedHits>()
        .AddSingleton<HitsReport>()
        .AddSingleton<RobotsReport>()
        .AddSingleton<AnomaliesReport>()
        .AddSingleton<SitemapStore>()
        .AddSingleton<SqlSitemapFetches>()
        .AddSingleton<SitemapFetcher>()
        .AddSingleton<SitemapTriggers>()
        .AddSingleton<UncrawledReport>()
        .AddSingleton<ContentChangesReport>()
        .AddSingleton<RobotsComplianceReport>()
        .AddSingleton<IdentityReport>()
        .AddSingleton<CrawlerHabitsReport>()
        .AddSingleton<CrawlerDetailReport>()
        .AddSingleton<TopReport>();

    private static IServiceCollection AddLiveStream(this IServiceCollection services) => services
        .AddSingleton<LiveHits>()
        .AddSingleton<LiveHub>();

    /// <summary>Puts the API's pipeline and all its endpoints on an application.</summary>
    public static WebApplication MapAnalytics(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<Failures>();
        app.UseMiddleware<ShareLinks>();
        app.UseRouting();
        // Answers the provider's way back, and nothing else. ASP.NET would put it before our headers.
        if (app.Services.GetRequiredService<AnalyticsOptions>().Oidc is not null)
            app.UseAuthentication();
        app.UseMiddleware<AccessMiddleware>();

        app.MapHealth();
        app.MapSession();
        app.MapGroup("/v1").MapSites().MapLists().MapLive().MapTop().MapOrganisation().MapKeys().MapShares().MapAudit();
        // A program without the control store's targets (a reader of reports) has none of these.
        if (app.Services.GetService<IScanQueue>() is not null)
            app.MapGroup("/v1").MapTargets().MapSuggestions().MapImports().MapTopics().MapTriggers().MapEvents().MapScans().MapQueue().MapPlanning().MapScanReports();
        // Nor has one that cannot say what is wrong with a definition any endpoint to write it.
        if (app.Services.GetService<ISiteDefinitions>() is not null && app.Services.GetService<ISiteDefinitionCheck>() is not null)
            app.MapGroup("/v1").MapDefinitions().MapPolicyRules().MapSitemapFetches();
        if (app.Services.GetService<SqlAlerts>() is not null)
            app.MapGroup("/v1").MapAlerts();
        if (app.Services.GetService<IScanQueue>() is not null && app.Services.GetService<SqlDeliveries>() is not null)
            app.MapGroup("/v1").MapWebhooks().MapInbound();
        // Metrics count every tenant's traffic, so they are for whoever runs the installation.
        app.MapPrometheusScrapingEndpoint("/metrics").RequireScope(Scopes.Admin).WithMetadata(new WholeInstallation());
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapReference();
        DashboardFiles.Map(app);
        return app;
    }

    /// <summary>The API reference, from assets inside its package: a browser asks nobody else.</summary>
    private static void MapReference(this IEndpointRouteBuilder app) => app.MapScalarApiReference("/docs", (reference, http) =>
    {
        string nonce = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        http.Response.Headers.ContentSecurityPolicy = SecurityHeaders.ReferencePolicy(nonce);
        reference.Title = "Weir API";
        reference.Nonce = nonce;
        reference.DefaultFonts = false;
        reference.Telemetry = false;
        reference.Agent = new ScalarAgentOptions { Disabled = true };
        reference.Mcp = new ScalarMcpOptions { Disabled = true };
        reference.DefaultOpenAllTags = true;
        reference.HideClientButton = true;
        reference.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        reference.Favicon = "/favicon.svg";
    });
}
