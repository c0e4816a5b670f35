namespace Weir.Control;

/// <summary>A tenant as its people see it.</summary>
/// <param name="Tenant">Its id.</param>
/// <param name="Name">What people call it; its id until somebody named it.</param>
/// <param name="Created">When it became known.</param>
public sealed record Organisation(string Tenant, string Name, DateTimeOffset Created)
{
    /// <summary>The longest name, in characters.</summary>
    public const int NameCharsMax = 200;
}

/// <summary>A person of an organisation.</summary>
public sealed record Member
{
    /// <summary>Public id, 12 characters.</summary>
    public required string Id { get; init; }

    /// <summary>The organisation.</summary>
    public required string Tenant { get; init; }

    /// <summary>The address that was invited; lower case.</summary>
    public required string Email { get; init; }

    /// <summary>A name of <see cref="Roles"/>.</summary>
    public required string Role { get; init; }

    /// <summary>Whether somebody signed in as this member: only that person can from then on.</summary>
    public required bool IsBound { get; init; }

    /// <summary>When the member was invited.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When the member last signed in; null when never.</summary>
    public DateTimeOffset? SignedIn { get; init; }
}

/// <summary>Who signed in, as an OpenID Connect provider says it. The caller has checked the provider's signature.</summary>
/// <param name="Issuer">The provider.</param>
/// <param name="Subject">What the provider calls the person; never given to another one.</param>
/// <param name="VerifiedEmail">An address that the provider has found to be the person's; null when it vouches for none.</param>
public sealed record SignedInPerson(string Issuer, string Subject, string? VerifiedEmail);

/// <summary>Members were not changed because of what the store holds by now; the message says what and what to do.</summary>
public sealed class MemberConflictException : Exception
{
    /// <summary>Makes one.</summary>
    public MemberConflictException(MemberConflict kind, string message) : base(message) => Kind = kind;

    /// <summary>What stood in the way.</summary>
    public MemberConflict Kind { get; }
}

/// <summary>What may stand in the way of a change of members.</summary>
public enum MemberConflict
{
    /// <summary>The address is a member already.</summary>
    Taken,

    /// <summary>Nobody would own the organisation.</summary>
    LastOwner,

    /// <summary>The organisation has as many members as one may have.</summary>
    TooMany,
}
