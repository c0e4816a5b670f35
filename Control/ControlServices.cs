using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weir.Control.Sqlite;

namespace Weir.Control;

/// <summary>Registers the control store.</summary>
public static class ControlServices
{
    /// <summary>Adds API keys and sites on an opened store, which the container closes with itself.</summary>
    public static IServiceCollection AddControl(this IServiceCollection services, ControlDatabase database)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => database);
        services.AddSingleton<IApiKeys, SqliteApiKeys>();
        services.AddSingleton<ISites, SqliteSites>();
        return services;
    }
}
