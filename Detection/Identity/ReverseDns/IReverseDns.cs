using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>What reverse DNS says of an address and a crawler by now.</summary>
public enum ReverseDnsAnswer : byte
{
    /// <summary>Nobody asks: there is no resolver, or it has too much to do.</summary>
    NotAsked = 0,

    /// <summary>The question is under way; a later request finds the answer.</summary>
    UnderWay = 1,

    /// <summary>A name of the operator's leads from the address and back to it.</summary>
    Confirmed = 2,

    /// <summary>DNS answered for certain, and no name of the operator's leads to the address.</summary>
    Refuted = 3,

    /// <summary>DNS did not answer, which proves nothing.</summary>
    Unanswered = 4,

    /// <summary>A name leads there and back, but of a kind that the operator gives to its customers' programs too.</summary>
    Shared = 5,
}

/// <summary>Knows what reverse DNS says of addresses. Safe from any thread.</summary>
public interface IReverseDns
{
    /// <summary>The answer by now. Never waits and never throws; allocates nothing for an address that is known.</summary>
    /// <param name="address">Whose names.</param>
    /// <param name="crawler">Claimed from there.</param>
    /// <param name="timeMs">When, milliseconds since 1970-01-01 UTC.</param>
    /// <param name="isHidden">Whether the address must not be stored for this hit: what is found out late is then told nobody for it.</param>
    ReverseDnsAnswer Ask(ClientAddress address, Crawler crawler, long timeMs, bool isHidden = false);
}
