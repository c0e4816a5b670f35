namespace Weir.Control;

/// <summary>What a key allows. The names are promised to users: they may grow, never change.</summary>
public static class Scopes
{
    /// <summary>Read hits, reports and the live stream.</summary>
    public const string AnalyticsRead = "analytics:read";

    /// <summary>Read triggers.</summary>
    public const string TriggersRead = "triggers:read";

    /// <summary>Post events that become triggers.</summary>
    public const string TriggersWrite = "triggers:write";

    /// <summary>Read targets and their results.</summary>
    public const string TargetsRead = "targets:read";

    /// <summary>Create, import and delete targets.</summary>
    public const string TargetsWrite = "targets:write";

    /// <summary>Read scans.</summary>
    public const string ScansRead = "scans:read";

    /// <summary>Lease scans and post their results.</summary>
    public const string ScansWrite = "scans:write";

    /// <summary>Read the definitions of sites: their hosts, origins and rules, and who changed them.</summary>
    public const string SitesRead = "sites:read";

    /// <summary>Write and remove definitions of sites, and turn their rules on and off.</summary>
    public const string SitesWrite = "sites:write";

    /// <summary>List keys: what they allow, and when they were used.</summary>
    public const string KeysRead = "keys:read";

    /// <summary>Make keys that allow no more than the maker may, and revoke such keys.</summary>
    public const string KeysWrite = "keys:write";

    /// <summary>Read webhooks and what they were sent.</summary>
    public const string WebhooksRead = "webhooks:read";

    /// <summary>Make, change, test and remove webhooks.</summary>
    public const string WebhooksWrite = "webhooks:write";

    /// <summary>Everything, within the tenant: its members and keys too.</summary>
    public const string Admin = "admin";

    /// <summary>Every scope.</summary>
    public static IReadOnlyList<string> All { get; } =
        [AnalyticsRead, TriggersRead, TriggersWrite, TargetsRead, TargetsWrite, ScansRead, ScansWrite, SitesRead, SitesWrite, KeysRead, KeysWrite, WebhooksRead, WebhooksWrite, Admin];
}
