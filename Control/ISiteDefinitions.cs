using Weir.Detection;

namespace Weir.Control;

/// <summary>Sites that are defined in the control store rather than in files, each as the JSON object of one site. Safe from any thread.</summary>
/// <remarks>
/// Every change takes the next version of one count over all sites, and is seen by readers in the order of these versions, however many
/// programs write. So an edge that asks for what changed since the version it knows misses nothing. Every change is noted with who made it,
/// in the same transaction (<see cref="ChangesAsync"/>).
/// </remarks>
public interface ISiteDefinitions
{
    /// <summary>Version of the last change; 0 when there was none. One cheap look, for pollers.</summary>
    Task<long> VersionAsync(CancellationToken stop = default);

    /// <summary>What changed since a version, removals too, however long ago. Since 0: every site.</summary>
    /// <param name="sinceVersion">As <see cref="SiteDefinitionChanges.Version"/> gave it last time.</param>
    /// <param name="stop">Ends the call.</param>
    Task<SiteDefinitionChanges> ReadAsync(long sinceVersion, CancellationToken stop = default);

    /// <summary>Writes a site's definition. The caller has checked its meaning by <see cref="ISiteDefinitionCheck"/>.</summary>
    /// <param name="id">The site; it becomes known as this tenant's when it is new.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="json">One JSON object of at most <see cref="SiteDefinition.JsonCharsMax"/> characters, kept as it is.</param>
    /// <param name="ifVersion">Only when this is the definition's version; 0 only when there is none; null whatever there is.</param>
    /// <param name="by">Who changes it, for the list of changes and the audit log.</param>
    /// <param name="note">What the audit log says; that the definition was put without it.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    /// <exception cref="SiteConflictException">Another version, another tenant's site, or a host that another site has.</exception>
    /// <exception cref="ControlException">Not an object, or too long.</exception>
    Task<SiteDefinition> PutAsync(
        SiteId id, string tenant, string json, long? ifVersion, Actor by, AuditNote? note = null, CancellationToken stop = default);

    /// <summary>Removes a site's definition; false when this tenant has none. The site's hits and its tenant stay known.</summary>
    /// <exception cref="SiteConflictException">It has another version than <paramref name="ifVersion"/>.</exception>
    Task<bool> RemoveAsync(SiteId id, string tenant, long? ifVersion, Actor by, CancellationToken stop = default);

    /// <summary>A site's definition; null when it has none here.</summary>
    Task<SiteDefinition?> FindAsync(SiteId id, CancellationToken stop = default);

    /// <summary>A tenant's definitions by id.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="after">Only behind this id; null from the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<SiteDefinition>> ListAsync(string tenant, SiteId? after = null, int limit = 1000, CancellationToken stop = default);

    /// <summary>Who changed a tenant's definitions, the last change first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="site">Only this site's; null for all.</param>
    /// <param name="before">Only before this version; null from the last.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<SiteChange>> ChangesAsync(
        string tenant, SiteId? site = null, long? before = null, int limit = 100, CancellationToken stop = default);
}
