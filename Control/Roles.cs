namespace Weir.Control;

/// <summary>What a member of an organisation may do. The names are promised to users: they may grow, never change.</summary>
public static class Roles
{
    /// <summary>Everything within the organisation, its members and keys too.</summary>
    public const string Owner = "owner";

    /// <summary>Reads everything, and changes sites, rules, targets and scans.</summary>
    public const string Editor = "editor";

    /// <summary>Reads everything that is no secret.</summary>
    public const string Viewer = "viewer";

    /// <summary>Every role, the mightiest first.</summary>
    public static IReadOnlyList<string> All { get; } = [Owner, Editor, Viewer];

    private static readonly string[] Reading = [Scopes.AnalyticsRead, Scopes.TriggersRead, Scopes.TargetsRead, Scopes.ScansRead, Scopes.SitesRead, Scopes.WebhooksRead];

    private static readonly string[] Editing = [.. Reading, Scopes.SitesWrite, Scopes.TargetsWrite, Scopes.TriggersWrite, Scopes.ScansWrite, Scopes.WebhooksWrite];

    private static readonly string[] Owning = [Scopes.Admin];

    /// <summary>The scopes that a role holds; none for a role that this program does not know.</summary>
    public static IReadOnlyList<string> ScopesOf(string role) => role switch
    {
        Owner => Owning,
        Editor => Editing,
        Viewer => Reading,
        _ => [],
    };
}
