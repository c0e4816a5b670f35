using Microsoft.Extensions.DependencyInjection;
using Weir.Proxy.Policies;

namespace Weir.Proxy.SharedLimits;

/// <summary>How requests are counted against limits.</summary>
internal static class SharedLimitServices
{
    /// <summary>Adds limits: of this edge alone, or shared through Redis when the options name one.</summary>
    public static IServiceCollection AddLimits(this IServiceCollection services, EdgeOptions options)
    {
        var local = new LocalRequestLimits();
        if (options.SharedLimits is not { } shared)
            return services.AddSingleton<IRequestLimits>(local);
        return services.AddSingleton(local).AddSingleton(shared)
            .AddSingleton<SharedLimitMetrics>()
            .AddSingleton<SharedRequestLimits>()
            .AddSingleton<IRequestLimits>(s => s.GetRequiredService<SharedRequestLimits>())
            .AddSingleton<LimitStore>()
            .AddHostedService<LimitReconciler>();
    }
}
