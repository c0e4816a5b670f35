using Microsoft.Extensions.DependencyInjection;
using Weir.Delivery;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Registers alerts.</summary>
public static class AlertRegistration
{
    /// <summary>Adds alerts and their endpoints. Needs <see cref="Weir.Control.ControlServices.AddControl"/>.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services, DeliveryOptions? options = null) => services
        .AddDelivery(options)
        .AddSingleton<SqlAlerts>()
        .AddSingleton<AlertMetrics>()
        .AddSingleton<IAlertFinder, NewCrawlerFinder>()
        .AddSingleton<IAlertFinder, SpoofingFinder>()
        .AddSingleton<IAlertFinder, CrawlStoppedFinder>()
        .AddSingleton<IAlertFinder, RobotsFinder>()
        .AddSingleton<IAlertFinder, NotCrawledFinder>()
        .AddSingleton<AlertEvaluation>();

    /// <summary>Adds the loops that look for what alerts are about and send what they say. Several programs may run them on one store. Needs <see cref="AddAlerts"/>.</summary>
    public static IServiceCollection AddAlertLoops(this IServiceCollection services) => services.AddDeliveryLoop().AddHostedService<AlertService>();
}
