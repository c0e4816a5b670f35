namespace Weir.Detection;

/// <summary>Why a verdict came out as it did. The number is a bit in the stored <c>reasons</c> column: it may be added, never changed.</summary>
public enum Reason : byte
{
    /// <summary>The user agent names a crawler of the catalog.</summary>
    CrawlerToken = 0,

    /// <summary>No user agent was sent.</summary>
    UserAgentMissing = 1,
}

/// <summary>A set of <see cref="Reason"/>s as stored: one bit each.</summary>
/// <param name="Bits">Bit n is set when reason number n holds.</param>
public readonly record struct ReasonSet(ulong Bits)
{
    /// <summary>Whether a reason holds.</summary>
    public bool Has(Reason reason) => (Bits >> (int)reason & 1) != 0;

    /// <summary>This set with one reason more.</summary>
    public ReasonSet With(Reason reason) => new(Bits | 1UL << (int)reason);
}
