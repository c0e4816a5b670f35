using Weir.Detection;

namespace Weir.Control;

/// <summary>Links that show one site each. Every change is noted in the audit log. Safe from any thread.</summary>
public interface IShares
{
    /// <summary>Finds the share of a token; null when it is unknown, expired or revoked, whichever of these it is. Read from the store each time.</summary>
    ValueTask<Share?> FindAsync(string token, CancellationToken stop = default);

    /// <summary>Makes one.</summary>
    /// <param name="tenant">Whose site it is.</param>
    /// <param name="site">The site; the caller has checked whose it is.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="expires">From when on it shows nothing; null for never.</param>
    /// <param name="by">Who makes it.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    /// <exception cref="ControlException">The name is too long, the end is past, or the site has <see cref="Share.ActiveMax"/> active ones.</exception>
    Task<CreatedShare> CreateAsync(string tenant, SiteId site, string name, DateTimeOffset? expires, Actor by, CancellationToken stop = default);

    /// <summary>A site's shares in the order of making, revoked and expired ones too.</summary>
    Task<IReadOnlyList<Share>> ListAsync(string tenant, SiteId site, CancellationToken stop = default);

    /// <summary>Makes one show nothing from now on; false when this tenant's site has none of this id. Repeating it changes nothing.</summary>
    Task<bool> RevokeAsync(string tenant, SiteId site, string id, Actor by, CancellationToken stop = default);
}
