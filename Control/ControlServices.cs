using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weir.Control.Sql;

namespace Weir.Control;

/// <summary>Registers the control store.</summary>
public static class ControlServices
{
    /// <summary>Adds API keys, sites and their definitions on an opened store, unless they are there already. The caller closes the stores after the container.</summary>
    /// <param name="services">The container.</param>
    /// <param name="database">This machine's own store.</param>
    /// <param name="shared">The store of API keys, sites and definitions that several machines share; null when the own one has them.</param>
    public static IServiceCollection AddControl(this IServiceCollection services, ControlDatabase database, IControlStore? shared = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(database);
        services.TryAddSingleton(shared ?? database);
        services.TryAddSingleton<IApiKeys, SqlApiKeys>();
        services.TryAddSingleton<ISites, SqlSites>();
        services.TryAddSingleton<IOrganisations, SqlOrganisations>();
        services.TryAddSingleton<IShares, SqlShares>();
        services.TryAddSingleton<IAuditLog, SqlAuditLog>();
        services.TryAddSingleton<ISiteDefinitions, SqlSiteDefinitions>();
        return services;
    }
}
