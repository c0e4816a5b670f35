using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weir.Control;

namespace Weir.Delivery;

/// <summary>Registers what sends messages.</summary>
public static class DeliveryRegistration
{
    /// <summary>Adds destinations and the queue, for those who write into them. Needs <see cref="ControlServices.AddControl"/>.</summary>
    public static IServiceCollection AddDelivery(this IServiceCollection services, DeliveryOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(options ?? new DeliveryOptions());
        services.TryAddSingleton<SqlDestinations>();
        services.TryAddSingleton<SqlDeliveries>();
        services.TryAddSingleton<DeliveryMetrics>();
        services.TryAddSingleton(s => new GuardedHttp(s.GetRequiredService<DeliveryOptions>(), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<MailSender>();
        services.TryAddSingleton<Senders>();
        return services;
    }

    /// <summary>Adds the loop that sends what waits. Needs <see cref="AddDelivery"/>.</summary>
    public static IServiceCollection AddDeliveryLoop(this IServiceCollection services) => services.AddHostedService<DeliveryService>();
}
