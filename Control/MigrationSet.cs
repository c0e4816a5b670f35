using System.Reflection;

namespace Weir.Control;

/// <summary>The numbered .sql files that one assembly brings to the control database.</summary>
/// <param name="Area">Short name that its scripts are journaled under, such as <c>control</c>; never changes.</param>
/// <param name="Assembly">Assembly that embeds the files.</param>
/// <param name="Folder">Their folder in the project, such as <c>Sqlite</c>.</param>
public sealed record MigrationSet(string Area, Assembly Assembly, string Folder)
{
    /// <summary>Tenants, sites and API keys.</summary>
    public static MigrationSet Control { get; } = new("control", typeof(MigrationSet).Assembly, "Sqlite");

    /// <summary>The same as <see cref="Control"/> in PostgreSQL's dialect, number by number.</summary>
    internal static MigrationSet ControlPostgres { get; } = Control with { Folder = "Postgres" };

    /// <summary>The scripts in their order: journal name, such as <c>control/0001_tenants_sites_keys</c>, and text.</summary>
    internal IReadOnlyList<(string Name, string Text)> Read()
    {
        string prefix = $"{Assembly.GetName().Name}.{Folder.Replace('/', '.')}.";
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
