namespace Weir.Detection.Identification.Signatures;

/// <summary>What became of one request's signature, finer than <see cref="SignatureOutcome"/>. For counters; the names are promised.</summary>
public enum SignatureResult : byte
{
    /// <summary>No signature has the tag <c>web-bot-auth</c>.</summary>
    OtherTag = 0,

    /// <summary>A header of the three is no structured field, too long, or missing its fellow.</summary>
    Unreadable = 1,

    /// <summary>An algorithm, component or kind of agent that is not judged here.</summary>
    Unsupported = 2,

    /// <summary>No Signature-Agent was sent, so nobody is named.</summary>
    AgentMissing = 3,

    /// <summary>The agent is nobody whose keys are fetched.</summary>
    AgentNotKnown = 4,

    /// <summary>The agent's keys are being fetched.</summary>
    KeyUnderWay = 5,

    /// <summary>The agent's keys could not be fetched.</summary>
    KeysUnavailable = 6,

    /// <summary>The agent's directory does not hold the key named.</summary>
    KeyNotInDirectory = 7,

    /// <summary>More signatures came than may be checked at a time.</summary>
    OverBudget = 8,

    /// <summary>The nonce could not be remembered: too many are.</summary>
    ReplayMemoryFull = 9,

    /// <summary>True, in time, for this authority, not seen before.</summary>
    Valid = 10,

    /// <summary><c>created</c>, <c>expires</c> or <c>keyid</c> is missing or of a wrong type.</summary>
    Incomplete = 11,

    /// <summary>The agent named is not covered by the signature.</summary>
    AgentNotCovered = 12,

    /// <summary>Neither <c>@authority</c> nor <c>@target-uri</c> is covered.</summary>
    AuthorityNotCovered = 13,

    /// <summary><c>created</c> is in the future.</summary>
    NotYetValid = 14,

    /// <summary><c>expires</c> has passed.</summary>
    Expired = 15,

    /// <summary>From <c>created</c> to <c>expires</c> is longer than believed.</summary>
    LivesTooLong = 16,

    /// <summary>The signature is not of this request by the key named: another authority or agent, or forged.</summary>
    False = 17,

    /// <summary>Its nonce was used before.</summary>
    Replayed = 18,
}

/// <summary>Counts of results since the start. Safe from any thread.</summary>
public sealed class SignatureCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<SignatureResult>().Length];

    /// <summary>How many requests came out so.</summary>
    public long this[SignatureResult result] => Interlocked.Read(ref _counts[(int)result]);

    /// <summary>The outcome that a result means.</summary>
    public static SignatureOutcome OutcomeOf(SignatureResult result) => result switch
    {
        SignatureResult.Valid => SignatureOutcome.Valid,
        SignatureResult.KeyUnderWay => SignatureOutcome.KeyUnderWay,
        > SignatureResult.Valid => SignatureOutcome.Invalid,
        _ => SignatureOutcome.None,
    };

    internal void Add(SignatureResult result) => Interlocked.Increment(ref _counts[(int)result]);
}
