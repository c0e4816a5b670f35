namespace Weir.Control;

/// <summary>A site's definition was not written, because of what the store holds by now; the message says what and what to do.</summary>
public sealed class SiteConflictException : Exception
{
    /// <summary>Makes one.</summary>
    public SiteConflictException(SiteConflict kind, string message) : base(message) => Kind = kind;

    /// <summary>What stood in the way.</summary>
    public SiteConflict Kind { get; }
}

/// <summary>What may stand in the way of a site's definition.</summary>
public enum SiteConflict
{
    /// <summary>The definition has another version than the writer knew.</summary>
    Version,

    /// <summary>The site belongs to another tenant.</summary>
    Tenant,

    /// <summary>A host belongs to another site.</summary>
    Host,
}
