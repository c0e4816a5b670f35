using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weir.Control;
using Weir.Detection.Catalog;
using Weir.Scheduling.Planning;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.Retention;
using Weir.Scheduling.ScanPolicy;
using Weir.Scheduling.Suggestions;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;
using Weir.Scheduling.Webhooks;

namespace Weir.Scheduling;

/// <summary>Registers scheduling.</summary>
public static class SchedulingServices
{
    /// <summary>Adds targets, queue and results, as the API needs them.</summary>
    /// <remarks>Needs <c>ControlServices.AddControl</c> on a store opened with <see cref="SchedulingMigrations.Set"/>, and a
    /// registered <see cref="CrawlerCatalog"/>.</remarks>
    public static IServiceCollection AddScheduling(this IServiceCollection services, SchedulingSettings? settings = null)
    {
        settings ??= new SchedulingSettings();
        if (settings.Errors() is { Count: > 0 } errors)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(settings));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<SchedulingMetrics>();
        services.TryAddSingleton(p => StoreClock.Of(p.GetRequiredService<IControlStore>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new EngineCatalog(p.GetRequiredService<CrawlerCatalog>().Crawlers));
        services.AddSingleton<ITargets, SqlTargets>();
        services.AddSingleton<SqlTargetMarks>();
        services.AddSingleton<TargetImport>();
        services.AddSingleton<TargetExport>();
        services.AddSingleton<ITopics, SqlTopics>();
        services.AddSingleton<ImportFolder>();
        services.AddSingleton<SqlTargetImports>();
        services.AddSingleton<ITargetImports>(s => s.GetRequiredService<SqlTargetImports>());
        services.AddSingleton<ImportRunner>();
        services.AddHostedService(s => s.GetRequiredService<ImportRunner>());
        services.AddSingleton<ITriggers, SqlTriggers>();
        services.AddSingleton<IEvents, SqlEvents>();
        services.AddSingleton(_ => new RetryRule(settings, Random.Shared));
        services.AddSingleton<IScanQueue, SqlScanQueue>();
        services.AddSingleton<IResults, SqlResults>();
        services.AddSingleton<SqlRetention>();
        services.AddSingleton<SqlPlans>();
        services.AddSingleton<IPlans>(p => p.GetRequiredService<SqlPlans>());
        services.AddSingleton<SqlScanOverview>();
        services.AddSingleton<SqlBrandReports>();
        services.AddSingleton<SqlWebhooks>();
        services.AddSingleton<SqlOutbox>();
        services.AddSingleton<SqlInboundEndpoints>();
        services.AddSingleton<PageIndexes>();
        services.AddSingleton<SuggestionFinder>();
        services.AddSingleton<SqlSuggestions>();
        return services;
    }

    /// <summary>Adds the loops that follow stored hits and take back leases; several programs may run them on one store.</summary>
    /// <remarks>Needs <see cref="AddScheduling"/> and <see cref="Ingest.IngestServices.AddClickHouse"/>.</remarks>
    public static IServiceCollection AddSchedulingLoops(this IServiceCollection services)
    {
        services.AddSingleton<IFetchLog, ClickHouseFetchLog>();
        services.AddSingleton<TriggerRules>();
        services.AddSingleton<IScanPolicy, TriggerScanPolicy>();
        services.AddSingleton<HitReader>();
        services.AddHostedService<TriggerLoop>();
        services.AddHostedService<LeaseReaper>();
        services.AddSingleton<SqlPlanning>();
        services.AddSingleton<Planner>();
        services.AddHostedService<PlanningLoop>();
        services.AddHostedService<OutboxLoop>();
        services.AddHostedService<RetentionLoop>();
        services.AddHostedService<SecretSealing>();
        services.AddSingleton<PageTextLog>();
        services.AddSingleton<PageReader>();
        services.AddHostedService<PageIndexLoop>();
        return services;
    }
}
