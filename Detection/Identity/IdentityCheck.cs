using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>What checking a claim gave.</summary>
/// <param name="Identity">The answer.</param>
/// <param name="Method">How it was found.</param>
/// <param name="RangeList">The list that judged; null when none did.</param>
/// <param name="Reasons">Why.</param>
internal readonly record struct IdentityCheck(Identity Identity, IdentityMethod Method, RangeList? RangeList, ReasonSet Reasons)
{
    // Lists of a year ago have turned over: of 76 ChatGPT-User fetches inside one copy, none was inside the next year's.
    private const long OldestJudgeMs = 365L * 24 * 3600 * 1000;

    // A list is made some days after the machines in it began to crawl.
    private const long ListLagMs = 7L * 24 * 3600 * 1000;

    /// <summary>What a signature says where no crawler is claimed and the signer is nobody of the catalog.</summary>
    public static IdentityCheck OfNobody(SignatureAnswer signature) => default(IdentityCheck) with { Reasons = ReasonOf(signature) };

    /// <summary>Checks a claim: by signature, else by range lists, else by what reverse DNS knows by now.</summary>
    /// <remarks>Spoofed needs a complete method of the operator's that this request fails for certain: a published list valid when the hit
    /// arrived, documented host names, or a false signature in its name. All else that fails is unverifiable, with the reason why.</remarks>
    public static IdentityCheck Of(Crawler crawler, ClientAddress address, long timeMs, SignatureAnswer signature, Crawler? signer,
        IReverseDns? reverseDns, bool isAddressHidden = false)
    {
        if (crawler.IsRobotsTokenOnly)
            return new IdentityCheck(Identity.Spoofed, IdentityMethod.None, null, default); // nothing genuine ever sends this name
        bool isOwnSignature = crawler.SignatureAgent is { } agent && agent.Equals(signature.Agent, StringComparison.OrdinalIgnoreCase);
        if (isOwnSignature && signature.Outcome == SignatureOutcome.Valid)
            return new IdentityCheck(Identity.Verified, IdentityMethod.Signature, null, ReasonOf(signature));
        var check = ByAddress(crawler, address, timeMs, reverseDns, isAddressHidden);
        if (isOwnSignature)
            check = BySignature(check, signature.Outcome);
        else if (signature.Outcome == SignatureOutcome.Valid && check.Identity == Identity.Spoofed && IsKin(crawler, signer))
            check = new IdentityCheck(Identity.Unverifiable, IdentityMethod.Signature, check.RangeList, check.Reasons);
        return check with { Reasons = check.Reasons.With(ReasonOf(signature)) };
    }

    // As with addresses in a kin's list: not a stranger, and not proved to be this crawler either.
    private static bool IsKin(Crawler crawler, Crawler? signer) => signer is not null && signer.Operator == crawler.Operator;

    // An address that proves nothing leaves the word to the signature in the crawler's own name. One outside of every list is no proof
    // against the crawler either, while a signature that would prove it is still to be checked.
    private static IdentityCheck BySignature(IdentityCheck byAddress, SignatureOutcome outcome) => (byAddress.Identity, outcome) switch
    {
        (Identity.Unverifiable, SignatureOutcome.Invalid) => new IdentityCheck(Identity.Spoofed, IdentityMethod.Signature, null, default),
        (Identity.Unverifiable or Identity.Spoofed or Identity.Pending, SignatureOutcome.KeyUnderWay) =>
            new IdentityCheck(Identity.Pending, IdentityMethod.Signature, null, default),
        _ => byAddress,
    };

    private static IdentityCheck ByAddress(Crawler crawler, ClientAddress address, long timeMs, IReverseDns? reverseDns, bool isAddressHidden)
    {
        if (crawler.IsForAnyone)
            return Unverifiable(Reason.AnyoneCanRunIt);
        if (crawler.RangeLists.Count == 0 && crawler.ReverseDnsHosts.Count == 0)
            return Unverifiable(MethodNotUsed(crawler));
        if (!address.IsKnown)
            return Unverifiable(Reason.ClientAddressUnknown);
        var byRange = ByRange(crawler, address, timeMs);
        return byRange.Identity == Identity.Verified || crawler.ReverseDnsHosts.Count == 0
            ? byRange : ByReverseDns(crawler, byRange, reverseDns?.Ask(address, crawler, timeMs, isAddressHidden) ?? ReverseDnsAnswer.NotAsked);
    }

    // Lists lag behind the operator's machines, so a confirmed name outweighs an address outside of every list.
    private static IdentityCheck ByReverseDns(Crawler crawler, IdentityCheck byRange, ReverseDnsAnswer answer) => answer switch
    {
        ReverseDnsAnswer.Confirmed =>
            new IdentityCheck(Identity.Verified, IdentityMethod.ReverseDns, null, default(ReasonSet).With(Reason.ReverseDnsConfirmed)),
        ReverseDnsAnswer.UnderWay when crawler.IsReverseDnsDocumented =>
            new IdentityCheck(Identity.Pending, IdentityMethod.ReverseDns, byRange.RangeList, byRange.Reasons.With(Reason.ReverseDnsUnderWay)),
        // A name that customers have too proves nothing, for the crawler or against it.
        ReverseDnsAnswer.Shared => byRange.Identity == Identity.Unverifiable && byRange.RangeList is not null ? byRange
            : new IdentityCheck(Identity.Unverifiable, IdentityMethod.ReverseDns, null, default(ReasonSet).With(Reason.InOperatorNetwork)),
        // An address that the operator itself publishes, for another of its crawlers or for shared space, is no stranger's.
        ReverseDnsAnswer.Refuted when crawler.IsReverseDnsDocumented && IsOperators(byRange) =>
            byRange with { Reasons = byRange.Reasons.With(Reason.ReverseDnsRefuted) },
        ReverseDnsAnswer.Refuted when crawler.IsReverseDnsDocumented =>
            new IdentityCheck(Identity.Spoofed, IdentityMethod.ReverseDns, byRange.RangeList, byRange.Reasons.With(Reason.ReverseDnsRefuted)),
        ReverseDnsAnswer.Unanswered => byRange with { Reasons = byRange.Reasons.With(Reason.ReverseDnsUnanswered) },
        ReverseDnsAnswer.NotAsked when crawler.IsReverseDnsDocumented && byRange.Identity == Identity.Unverifiable =>
            byRange with { Reasons = byRange.Reasons.With(Reason.ReverseDnsNotChecked) },
        _ => byRange,
    };

    private static bool IsOperators(in IdentityCheck byRange) => byRange.RangeList is { Source.Confidence: RangeConfidence.Published }
        && (byRange.Reasons.Has(Reason.InKinRangeList) || byRange.Reasons.Has(Reason.InOperatorNetwork));

    private static IdentityCheck ByRange(Crawler crawler, ClientAddress address, long timeMs)
    {
        if (crawler.RangeLists.Count == 0)
        {
            return crawler.IsReverseDnsDocumented
                ? new IdentityCheck(Identity.Unverifiable, IdentityMethod.None, null, default) : Unverifiable(MethodNotUsed(crawler));
        }
        for (int i = 0; i < crawler.RangeLists.Count; i++)
        {
            var list = crawler.RangeLists[i].At(timeMs, out var next);
            if (list.Contains(address))
                return Inside(list);
            if (next is not null && next.PublishedAtMs - timeMs <= ListLagMs && next.Contains(address))
                return Inside(next);
        }
        return Outside(crawler, address, timeMs);
    }

    private static IdentityCheck Inside(RangeList list)
    {
        if (list.Source.Scope == RangeScope.Network)
            return Unverifiable(Reason.InOperatorNetwork, list);
        var inside = default(ReasonSet).With(Reason.InRangeList);
        if (list.Source.Confidence == RangeConfidence.Reported)
            inside = inside.With(Reason.RangeListReported);
        return new IdentityCheck(Identity.Verified, IdentityMethod.Range, list, inside);
    }

    private static IdentityCheck Outside(Crawler crawler, ClientAddress address, long timeMs)
    {
        for (int i = 0; i < crawler.KinRangeLists.Count; i++)
        {
            var kin = crawler.KinRangeLists[i].At(timeMs, out _);
            if (kin.Contains(address))
                return Unverifiable(Reason.InKinRangeList, kin);
        }
        var judge = crawler.RangeLists[0].At(timeMs, out _);
        for (int i = 0; i < crawler.RangeLists.Count; i++)
        {
            var list = crawler.RangeLists[i].At(timeMs, out _);
            if (!list.Source.IsComplete)
                return Unverifiable(Reason.OutsideIncompleteList, list);
            if (timeMs < list.PublishedAtMs)
                return Unverifiable(Reason.RangeListNewerThanHit, list);
            if (timeMs - list.KnownGoodAtMs > OldestJudgeMs)
                return Unverifiable(Reason.RangeListTooOld, list);
        }
        return new IdentityCheck(Identity.Spoofed, IdentityMethod.Range, judge, default(ReasonSet).With(Reason.OutsideRangeList));
    }

    private static Reason MethodNotUsed(Crawler crawler) =>
        crawler.SignatureAgent is not null ? Reason.SignatureNotChecked : Reason.NoDocumentedMethod;

    private static ReasonSet ReasonOf(SignatureAnswer signature) => signature.Outcome switch
    {
        SignatureOutcome.Valid => default(ReasonSet).With(Reason.SignatureValid),
        SignatureOutcome.Invalid => default(ReasonSet).With(Reason.SignatureInvalid),
        SignatureOutcome.KeyUnderWay => default(ReasonSet).With(Reason.SignatureKeyUnderWay),
        _ => default,
    };

    private static IdentityCheck Unverifiable(Reason reason, RangeList? list = null) =>
        new(Identity.Unverifiable, list is null ? IdentityMethod.None : IdentityMethod.Range, list, default(ReasonSet).With(reason));
}
