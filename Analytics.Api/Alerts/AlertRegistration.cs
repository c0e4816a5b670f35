using Microsoft.Extensions.DependencyInjection;
using Weir.Delivery;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Registers alerts.</summary>
public static class AlertRegistration
{
    /// <summary>Adds alerts and their endpoints. Needs <see cref="Weir.Control.ControlServices.AddControl"/>.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services, DeliveryOptions? options = null) =>
        services.AddDelivery(options).AddSingleton<SqlAlerts>();
}
