using Weir.Detection;

namespace Weir.Control;

/// <summary>A link that shows one site to whoever has it. What the store knows of it; never the token in the link.</summary>
public sealed record Share
{
    /// <summary>The most links of one site that may be active at a time.</summary>
    public const int ActiveMax = 100;

    /// <summary>The longest name, in characters.</summary>
    public const int NameCharsMax = 200;

    /// <summary>Public id: the ten characters behind <c>share_</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Whose site it shows.</summary>
    public required string Tenant { get; init; }

    /// <summary>The only site that it shows.</summary>
    public required SiteId Site { get; init; }

    /// <summary>What people call it; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>From when on it shows nothing; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>When it was revoked; null when it was not.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>Whether it shows anything at that time.</summary>
    public bool IsActive(DateTimeOffset at) => Revoked is null && (Expires is not { } end || at < end);
}

/// <summary>A share just made: the only moment at which its token exists.</summary>
/// <param name="Share">What the store keeps.</param>
/// <param name="Token">The token, <c>share_…</c>; show it once.</param>
public sealed record CreatedShare(Share Share, string Token);
