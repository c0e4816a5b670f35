namespace Weir.Control;

/// <summary>The keys that open the API. Safe from any thread.</summary>
public interface IApiKeys
{
    /// <summary>Finds the key that somebody presents; null when it is unknown, expired or revoked, whichever of these it is.</summary>
    /// <remarks>Revoking takes effect at once in this process and within five seconds in others.</remarks>
    ValueTask<ApiKey?> FindAsync(string presented, CancellationToken stop = default);

    /// <summary>Finds the key of a public id, for a session that it began; null as <see cref="FindAsync"/>. Revoking takes effect at once everywhere.</summary>
    ValueTask<ApiKey?> FindByIdAsync(string id, CancellationToken stop = default);

    /// <summary>Makes a key. Throws <see cref="ControlException"/> when a wish breaks a rule.</summary>
    Task<CreatedApiKey> CreateAsync(NewApiKey wishes, CancellationToken stop = default);

    /// <summary>Keys in order of making, revoked and expired ones too.</summary>
    /// <param name="tenant">Only this tenant's; null for all.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<ApiKey>> ListAsync(string? tenant = null, CancellationToken stop = default);

    /// <summary>Makes a key open nothing from now on; false when there is no such key. Repeating it changes nothing.</summary>
    /// <param name="id">Its public id.</param>
    /// <param name="by">Who revokes it, for the audit log; the account on this machine without it.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    Task<bool> RevokeAsync(string id, Actor? by = null, CancellationToken stop = default);
}
