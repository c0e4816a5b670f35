namespace Weir.Control;

/// <summary>Whose a session is: a key's or a member's.</summary>
/// <param name="Kind"><see cref="ActorKind.Key"/> or <see cref="ActorKind.Member"/>.</param>
/// <param name="Id">The key's or member's public id.</param>
public readonly record struct SessionOwner(ActorKind Kind, string Id);

/// <summary>Sign-ins that every program over the store knows, so that a restart signs nobody out. Safe from any thread.</summary>
/// <remarks>A session's token is never kept, only its SHA-256: it holds 256 random bits, so a slow hash would protect nothing more.</remarks>
public interface ISessions
{
    /// <summary>The most sessions of one owner; a further one ends the one that would end first.</summary>
    public const int OwnerMax = 100;

    /// <summary>Begins a session, and forgets those that have ended.</summary>
    /// <param name="token">What the browser keeps.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="until">When it ends.</param>
    /// <param name="replaced">The token that the browser had, whose session ends with it; null for none.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    Task BeginAsync(string token, SessionOwner owner, DateTimeOffset until, string? replaced = null, CancellationToken stop = default);

    /// <summary>Whose session a token is; null when there is none, or it has ended. Read from the store each time: an end counts everywhere from the next call on.</summary>
    Task<SessionOwner?> FindAsync(string token, CancellationToken stop = default);

    /// <summary>Ends a token's session, if there is one.</summary>
    Task EndAsync(string token, CancellationToken stop = default);

    /// <summary>Ends every session of an owner; returns how many there were.</summary>
    Task<int> EndAllAsync(SessionOwner owner, CancellationToken stop = default);
}
