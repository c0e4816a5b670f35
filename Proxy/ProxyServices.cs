using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.ObjectPool;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Ingest;
using Weir.Proxy.Beacon;
using Weir.Proxy.Caching;
using Weir.Proxy.Certificates;
using Weir.Proxy.Certificates.Ocsp;
using Weir.Proxy.Connection;
using Weir.Proxy.Content;
using Weir.Proxy.Origins;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Pipeline;
using Weir.Proxy.Places;
using Weir.Proxy.Policies;
using Weir.Proxy.Robots;
using Weir.Proxy.SharedLimits;
using Weir.Proxy.Sites;

namespace Weir.Proxy;

/// <summary>The edge's services and its one endpoint.</summary>
public static class ProxyServices
{
    // Requests under way at once that find their context ready; more make their own and give it to the collector.
    private const int ContextsKept = 4096;

    /// <summary>Adds the edge. <see cref="IHitSink"/> and <see cref="Detector"/> come from the caller.</summary>
    public static IServiceCollection AddEdge(this IServiceCollection services, EdgeOptions options, IReadOnlyList<Site> sites)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(options);
        return services.AddConnections(options).AddCertificates(options).AddSites(sites).AddOrigins().AddLimits(options).AddPlaces(options).AddPipeline();
    }

    /// <summary>Sends every request through the edge's pipeline. No routing: one way for all hosts and paths.</summary>
    public static void RunEdge(this IApplicationBuilder app)
    {
        // Observed by whoever exports metrics; nothing asks for it.
        _ = app.ApplicationServices.GetRequiredService<SignatureMetrics>();
        _ = app.ApplicationServices.GetRequiredService<ServerRefusals>();
        _ = app.ApplicationServices.GetRequiredService<OriginMetrics>();
        var pipeline = app.ApplicationServices.GetRequiredService<RequestPipeline>();
        app.Run(pipeline.InvokeAsync);
    }

    private static IServiceCollection AddConnections(this IServiceCollection services, EdgeOptions options) => services
        .AddSingleton(new TrustedProxies(options.TrustedProxies))
        .AddSingleton(s => new ClientAddressResolver(s.GetRequiredService<TrustedProxies>(), options.ForwardedHeader))
        .AddSingleton<ConnectionGate>()
        .AddSingleton<ProxyProtocol>()
        .AddSingleton<ServerRefusals>()
        .AddSingleton<ConnectionReader>()
        .AddSingleton<ClientAddressStep>();

    private static IServiceCollection AddCertificates(this IServiceCollection services, EdgeOptions options)
    {
        services.AddSingleton(options.Certificates).AddSingleton<CertificateStore>().AddSingleton<OcspWatcher>().AddSingleton<CertificateMetrics>()
            .AddSingleton<TlsGreeting>().AddSingleton<TlsListener>();
        return options.IsTlsUsed ? services.AddHostedService<CertificateWatcher>().AddHostedService(s => s.GetRequiredService<OcspWatcher>()) : services;
    }

    private static IServiceCollection AddSites(this IServiceCollection services, IReadOnlyList<Site> sites) => services
        .AddSingleton(s => new OriginBook(s.GetRequiredService<TimeProvider>(), s.GetRequiredService<EdgeOptions>()))
        .AddSingleton(s =>
        {
            var table = new SiteTable(s.GetRequiredService<OriginBook>());
            table.Replace(sites);
            return table;
        });

    private static IServiceCollection AddOrigins(this IServiceCollection services)
    {
        services.TryAddSingleton<HostResolver>(System.Net.Dns.GetHostAddressesAsync);
        services.AddHttpForwarder();
        // Unless the caller brought a transport of its own.
        services.TryAddSingleton<IOriginTransport, YarpTransport>();
        return services.AddSingleton<LoopMark>().AddSingleton<OriginClients>().AddSingleton<ForwardedHeaders>().AddSingleton<OriginRequest>().AddSingleton<OriginAnswer>()
            .AddSingleton<OriginMetrics>().AddSingleton<Overload>().AddSingleton<OriginForwarder>().AddHostedService<OriginHealthService>();
    }

    private static IServiceCollection AddPipeline(this IServiceCollection services) => services
        .AddSingleton<EdgeMetrics>()
        .AddSingleton<SignatureMetrics>()
        .AddSingleton(new HitIds(Random.Shared))
        .AddSingleton<RequestClock>()
        .AddSingleton<SecureTransport>()
        .AddSingleton<OwnEndpoints.AcmeChallenges>()
        .AddSingleton<OwnEndpoints.OwnEndpoints>()
        .AddSingleton<OwnPageMetrics>()
        .AddSingleton<OriginRobots>()
        .AddSingleton<RobotsPages>()
        .AddSingleton<TextFileWatch>()
        .AddHostedService(s => s.GetRequiredService<TextFileWatch>())
        .AddSingleton<BeaconTokens>()
        .AddSingleton<BeaconPages>()
        .AddSingleton<BeaconInjection>()
        .AddSingleton<OwnPages>()
        .AddSingleton<SignedRequests>()
        .AddSingleton<Classification>()
        .AddSingleton<ContentQueue>()
        .AddHostedService(s => s.GetRequiredService<ContentQueue>())
        .AddSingleton<ContentTee>()
        .AddSingleton<PolicyStep>()
        .AddSingleton<CacheStore>()
        .AddSingleton<CacheMetrics>()
        .AddSingleton<ResponseCache>()
        .AddSingleton<HitRecorder>()
        .AddSingleton<ObjectPool<RequestContext>>(new DefaultObjectPool<RequestContext>(new DefaultPooledObjectPolicy<RequestContext>(), ContextsKept))
        .AddSingleton<RequestPipeline>();
}
