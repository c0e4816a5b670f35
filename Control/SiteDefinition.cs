using Weir.Detection;

namespace Weir.Control;

/// <summary>One site as defined in the control store.</summary>
/// <param name="Id">The site.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Json">Its settings: the JSON object that would stand in <c>sites</c> of the settings file.</param>
/// <param name="Version">Version of its last change; no other change of any site has it.</param>
/// <param name="Changed">When that was.</param>
public sealed record SiteDefinition(SiteId Id, string Tenant, string Json, long Version, DateTimeOffset Changed)
{
    /// <summary>The longest definition: some thousand rules. It bounds what a poll may have to read.</summary>
    public const int JsonCharsMax = 262_144;

    /// <summary>The most hosts of one definition.</summary>
    public const int HostsMax = 1000;
}

/// <summary>What happened to definitions since a version.</summary>
/// <param name="Version">Ask with this next time. Lower than what was asked with: the store was put back to an older state, and
/// <paramref name="Changed"/> is every site there is.</param>
/// <param name="Changed">New and changed sites, as they are now, in the order of their versions.</param>
/// <param name="Removed">Sites without a definition by now.</param>
public sealed record SiteDefinitionChanges(long Version, IReadOnlyList<SiteDefinition> Changed, IReadOnlyList<SiteId> Removed);

/// <summary>One change of a definition.</summary>
/// <param name="Version">The version that it made.</param>
/// <param name="Site">The site.</param>
/// <param name="Actor">Who changed it.</param>
/// <param name="Action"><c>put</c> or <c>remove</c>.</param>
/// <param name="Json">The definition from then on; null when it was removed.</param>
/// <param name="Time">When.</param>
public sealed record SiteChange(long Version, SiteId Site, string Actor, string Action, string? Json, DateTimeOffset Time);
