using System.Reflection;

namespace Weir.Control;

/// <summary>The numbered .sql files that one assembly brings to the control store, once in each dialect.</summary>
/// <param name="Area">Short name that its scripts are journaled under, such as <c>control</c>; never changes.</param>
/// <param name="Assembly">Assembly that embeds the files, in the folders <c>Sqlite</c> and <c>Postgres</c>, number by number.</param>
public sealed record MigrationSet(string Area, Assembly Assembly)
{
    /// <summary>Tenants, sites and API keys.</summary>
    public static MigrationSet Control { get; } = new("control", typeof(MigrationSet).Assembly);

    /// <summary>The sets of a store in the order in which they need each other: <see cref="Control"/> always comes first.</summary>
    internal static IReadOnlyList<MigrationSet> InOrder(IEnumerable<MigrationSet> sets) => [Control, .. sets.Where(s => s != Control)];

    /// <summary>The scripts in their order: journal name, such as <c>control/0001_tenants_sites_keys</c>, and text.</summary>
    internal IReadOnlyList<(string Name, string Text)> Read(SqlDialect dialect)
    {
        string prefix = $"{Assembly.GetName().Name}.{dialect.Folder}.";
        return
        [
            .. from resource in Assembly.GetManifestResourceNames()
               where resource.StartsWith(prefix, StringComparison.Ordinal) && resource.EndsWith(".sql", StringComparison.Ordinal)
               orderby resource
               select ($"{Area}/{resource[prefix.Length..^".sql".Length]}", Text(resource)),
        ];
    }

    private string Text(string resource)
    {
        using var reader = new StreamReader(Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
