using Weir.Detection.Signals;

namespace Weir.Detection.Identification;

/// <summary>What a hit reads as, once it is found out later who it was.</summary>
public static class LateIdentity
{
    private static readonly ReasonSet Open = default(ReasonSet).With(Reason.ReverseDnsUnderWay).With(Reason.ReverseDnsNotChecked)
        .With(Reason.ReverseDnsUnanswered).With(Reason.SignatureKeyUnderWay);

    private static readonly ReasonSet OfRanges = default(ReasonSet).With(Reason.OutsideRangeList).With(Reason.OutsideIncompleteList)
        .With(Reason.RangeListNewerThanHit).With(Reason.RangeListTooOld).With(Reason.InKinRangeList).With(Reason.InOperatorNetwork);

    /// <summary>The stored reasons with what was found out in place of what was open.</summary>
    public static ReasonSet Reasons(ReasonSet stored, Identity identity, IdentityMethod method)
    {
        var rest = new ReasonSet(stored.Bits & ~Open.Bits);
        if (method is not (IdentityMethod.ReverseDns or IdentityMethod.Range))
            return rest;
        return identity switch
        {
            // As where it is known at once: a name that leads back outweighs every list.
            Identity.Verified => new ReasonSet(rest.Bits & ~OfRanges.Bits).With(Reason.ReverseDnsConfirmed),
            Identity.Spoofed => rest.With(Reason.ReverseDnsRefuted),
            Identity.Unverifiable when method == IdentityMethod.ReverseDns => new ReasonSet(rest.Bits & ~OfRanges.Bits).With(Reason.InOperatorNetwork),
            Identity.Unverifiable => rest.With(Reason.ReverseDnsRefuted),
            _ => rest,
        };
    }

    /// <summary>How sure the verdict is then, 0 to 1.</summary>
    /// <param name="stored">The stored reasons.</param>
    /// <param name="score">The stored score, which an identity does not change.</param>
    /// <param name="identity">What was found out.</param>
    /// <param name="reasons">What <see cref="Reasons"/> gave.</param>
    public static float Confidence(ReasonSet stored, byte score, Identity identity, ReasonSet reasons)
    {
        var (chance, agreement) = VerdictRules.Weigh(reasons, VerdictRules.WasProxied(stored, score));
        return VerdictRules.Confidence(chance, agreement, identity, reasons);
    }
}
