using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weir.Control.Sql;

namespace Weir.Control;

/// <summary>Registers the control store.</summary>
public static class ControlServices
{
    /// <summary>Adds API keys, sites and their definitions on an opened store, unless they are there already. The caller closes the store after the container.</summary>
    public static IServiceCollection AddControl(this IServiceCollection services, IControlStore store)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(store);
        services.TryAddSingleton<IApiKeys, SqlApiKeys>();
        services.TryAddSingleton<ISites, SqlSites>();
        services.TryAddSingleton<IOrganisations, SqlOrganisations>();
        services.TryAddSingleton<IShares, SqlShares>();
        services.TryAddSingleton<ISessions, SqlSessions>();
        services.TryAddSingleton<IAuditLog, SqlAuditLog>();
        services.TryAddSingleton<ISiteDefinitions, SqlSiteDefinitions>();
        services.TryAddSingleton<ISiteFiles>(new SiteFiles([]));
        services.TryAddSingleton<SqlSiteHosts>();
        return services;
    }
}
