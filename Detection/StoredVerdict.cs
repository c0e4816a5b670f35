namespace Weir.Detection;

/// <summary>What a stored hit keeps of the verdict that it was given.</summary>
public readonly record struct StoredVerdict
{
    /// <summary>What sort of client.</summary>
    public required VerdictKind Kind { get; init; }

    /// <summary>The crawler's id; empty without a claim.</summary>
    public required string Crawler { get; init; }

    /// <summary>Who runs it; empty without a claim.</summary>
    public required string Operator { get; init; }

    /// <summary>Why it fetches.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>What checking the claim gave.</summary>
    public required Identity Identity { get; init; }

    /// <summary>How it was checked.</summary>
    public required IdentityMethod IdentityMethod { get; init; }

    /// <summary>The range list that judged, as <c>file@version</c>; empty when none did.</summary>
    public required string RangeList { get; init; }

    /// <summary>0 to 100.</summary>
    public required byte Score { get; init; }

    /// <summary>Why.</summary>
    public required ReasonSet Reasons { get; init; }

    /// <summary>What sort of page sent a person.</summary>
    public required ReferralClass ReferralClass { get; init; }

    /// <summary>Who sent them; empty without one.</summary>
    public required string ReferralSource { get; init; }

    /// <summary>Whether headers and TLS were seen, as at the edge; an access log shows neither.</summary>
    public bool HadHeaders { get; init; }

    /// <summary>Whether another verdict says something else that reports count by. Score, confidence and reasons alone are no difference.</summary>
    public bool Differs(in Verdict other) =>
        Kind != other.Kind || Purpose != other.Purpose || Identity != other.Identity || ReferralClass != other.ReferralClass
        || Crawler != (other.Crawler?.Id ?? "") || Operator != (other.Crawler?.Operator ?? "") || ReferralSource != (other.ReferralSource ?? "");
}
