using Microsoft.Extensions.DependencyInjection;
using Weir.Detection.Places;

namespace Weir.Proxy.Places;

/// <summary>Where clients are.</summary>
internal static class PlaceServices
{
    /// <summary>Adds the places and whoever keeps them fresh.</summary>
    public static IServiceCollection AddPlaces(this IServiceCollection services, EdgeOptions options) => services
        .AddSingleton(options.Places).AddSingleton<PlaceBook>().AddHostedService<PlaceWatcher>();
}
