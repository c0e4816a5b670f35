using System.Text.Json;
using Weir.Control;
using Weir.Detection;

namespace Weir.Scheduling;

/// <summary>Which data a caller may see and change: one tenant's, and of it perhaps only what belongs to some sites.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Sites">The only sites; null for all of the tenant's. A target is within reach when every page of it is.</param>
public sealed record Reach(string Tenant, IReadOnlyList<SiteId>? Sites = null)
{
    // No tenant's id: whatever knows nothing of all tenants finds nothing.
    private const string Everybody = "*";

    /// <summary>Every tenant's scans, for a worker of whoever runs the installation. Only the queue knows it: it opens nothing else.</summary>
    public static Reach All { get; } = new(Everybody);

    /// <summary>Whether it is every tenant's.</summary>
    internal bool IsAll => Tenant == Everybody;

    /// <summary>The sites as a JSON list, for SQL; null for all.</summary>
    internal string? SitesJson => Sites is null ? null : JsonSerializer.Serialize(Sites.Select(s => s.Value));

    /// <summary>SQL that is true for targets within reach; needs parameters <c>tenant</c> and <c>sites</c>, and the target as <c>t</c>.</summary>
    internal static string TargetSql(SqlDialect dialect) => $"(t.tenant = @tenant AND {SitesSql(dialect)})";

    /// <summary>As <see cref="TargetSql"/>, for targets that are found by their queries: SQLite would else take the index of tenants, and look at all of the tenant's for each.</summary>
    internal static string FoundTargetSql(SqlDialect dialect) => $"(t.tenant || '' = @tenant AND {SitesSql(dialect)})";

    /// <summary>As <see cref="TargetSql"/>, for targets that are known to be the tenant's: SQLite would else look for them among all of the tenant's.</summary>
    internal static string SitesSql(SqlDialect dialect) => $"""
        (@sites IS NULL OR (
            EXISTS (SELECT 1 FROM target_links p WHERE p.target_id = t.id)
            AND NOT EXISTS (SELECT 1 FROM target_links p WHERE p.target_id = t.id AND p.site NOT IN (SELECT value FROM {dialect.Values("@sites")}))))
        """;
}
