using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest;

/// <summary>Registers the way of a hit into ClickHouse.</summary>
public static class IngestServices
{
    /// <summary>Adds <see cref="IHitSink"/> and the writer behind it. The store may be away at start: hits then wait.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="endpoint">Where ClickHouse answers.</param>
    /// <param name="options">How hits wait and travel; the defaults when null.</param>
    public static IServiceCollection AddIngest(
        this IServiceCollection services, ClickHouseEndpoint endpoint, IngestOptions? options = null)
    {
        options ??= new IngestOptions();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddClickHouse(endpoint);
        services.AddSingleton(options);
        services.AddSingleton<LossCounters>();
        services.AddSingleton(s => new HitChannel(options.ChannelCapacity, s.GetRequiredService<LossCounters>()));
        services.AddSingleton<IHitSink>(s => s.GetRequiredService<HitChannel>());
        services.AddSingleton<IngestMetrics>();
        services.AddHostedService<HitWriter>();
        services.AddSingleton<SightingWriter>();
        services.AddSingleton<IContentSink>(s => s.GetRequiredService<SightingWriter>());
        services.AddHostedService(s => s.GetRequiredService<SightingWriter>());
        services.AddSingleton<RobotsVersionWriter>();
        services.AddSingleton<IRobotsSink>(s => s.GetRequiredService<RobotsVersionWriter>());
        services.AddHostedService(s => s.GetRequiredService<RobotsVersionWriter>());
        return services;
    }

    /// <summary>Adds the writer of identities that were found out late. Needs <see cref="AddIngest"/>.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="verifications">Where they wait.</param>
    public static IServiceCollection AddVerifications(this IServiceCollection services, VerificationChannel verifications)
    {
        services.AddSingleton(verifications);
        services.AddHostedService<VerificationWriter>();
        return services;
    }

    /// <summary>Adds the one <see cref="ClickHouseConnections"/> of a program, for those who only read.</summary>
    public static IServiceCollection AddClickHouse(this IServiceCollection services, ClickHouseEndpoint endpoint)
    {
        services.TryAddSingleton(endpoint);
        services.TryAddSingleton(s => new ClickHouseConnections(s.GetRequiredService<ClickHouseEndpoint>()));
        return services;
    }
}
