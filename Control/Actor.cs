namespace Weir.Control;

/// <summary>Who changes something, for the audit log.</summary>
/// <param name="Kind">What <paramref name="Id"/> is the id of.</param>
/// <param name="Id">Id of the key, member or share; the name of an account on a machine.</param>
/// <param name="Name">What people call it; may be empty.</param>
/// <param name="Address">Where the request came from; null for a command on a machine.</param>
public sealed record Actor(ActorKind Kind, string Id, string Name = "", string? Address = null)
{
    /// <summary>The person who runs a command on this machine.</summary>
    public static Actor Account { get; } = new(ActorKind.Account, $"{Environment.UserName} on {Environment.MachineName}");

    /// <summary>Somebody who is not signed in.</summary>
    /// <param name="address">Where the request came from.</param>
    public static Actor Nobody(string? address) => new(ActorKind.Nobody, "", "", address);

    /// <summary>The kind as it is stored and shown.</summary>
    public string KindName => Kind switch
    {
        ActorKind.Account => "account",
        ActorKind.Key => "key",
        ActorKind.Member => "member",
        ActorKind.Share => "share",
        ActorKind.Nobody => "nobody",
        _ => throw new InvalidOperationException($"{Kind} is no kind of actor."),
    };

    /// <summary>For lists that people read: <c>key 0123456789 (worker)</c>, <c>ann on machine</c>.</summary>
    public override string ToString() => Kind == ActorKind.Account ? Id : Name.Length == 0 ? $"{KindName} {Id}" : $"{KindName} {Id} ({Name})";
}

/// <summary>What may change something.</summary>
public enum ActorKind
{
    /// <summary>An account on a machine, by a command.</summary>
    Account,

    /// <summary>An API key.</summary>
    Key,

    /// <summary>A member of an organisation.</summary>
    Member,

    /// <summary>A share link.</summary>
    Share,

    /// <summary>Somebody who is not signed in.</summary>
    Nobody,
}
