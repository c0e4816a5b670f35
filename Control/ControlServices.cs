using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weir.Control.Sql;

namespace Weir.Control;

/// <summary>Registers the control store.</summary>
public static class ControlServices
{
    /// <summary>Adds API keys, sites and their definitions on an opened store, unless they are there already. The caller closes the store after the container.</summary>
    public static IServiceCollection AddControl(this IServiceCollection services, ControlDatabase database) => services.AddControl(database, database);

    /// <summary>As <see cref="AddControl(IServiceCollection, ControlDatabase)"/>, with API keys and sites in a store that several machines share.</summary>
    /// <param name="services">The container.</param>
    /// <param name="database">This machine's own store, for what is not shared.</param>
    /// <param name="shared">The shared store.</param>
    public static IServiceCollection AddControl(this IServiceCollection services, ControlDatabase database, IControlStore shared)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(database);
        services.TryAddSingleton(shared);
        services.TryAddSingleton<IApiKeys, SqlApiKeys>();
        services.TryAddSingleton<ISites, SqlSites>();
        services.TryAddSingleton<ISiteDefinitions, SqlSiteDefinitions>();
        return services;
    }
}
