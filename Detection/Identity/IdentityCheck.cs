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

    /// <summary>Checks a claim by what needs no network: the range lists.</summary>
    /// <remarks>Spoofed needs a published list of crawlers that its operator calls complete, valid when the hit arrived. All else that is
    /// not inside is unverifiable, with the reason why.</remarks>
    public static IdentityCheck Of(Crawler crawler, ClientAddress address, long timeMs)
    {
        if (crawler.IsRobotsTokenOnly)
            return new IdentityCheck(Identity.Spoofed, IdentityMethod.None, null, default); // nothing genuine ever sends this name
        if (crawler.IsForAnyone)
            return Unverifiable(Reason.AnyoneCanRunIt);
        if (crawler.RangeLists.Count == 0)
            return Unverifiable(MethodNotUsed(crawler));
        if (!address.IsKnown)
            return Unverifiable(Reason.ClientAddressUnknown);
        for (int i = 0; i < crawler.RangeLists.Count; i++)
        {
            if (crawler.RangeLists[i].Contains(address))
                return Inside(crawler, crawler.RangeLists[i]);
        }
        return Outside(crawler, address, timeMs);
    }

    private static IdentityCheck Inside(Crawler crawler, RangeList list)
    {
        if (list.Source.Scope == RangeScope.Network)
        {
            var reasons = default(ReasonSet).With(Reason.InOperatorNetwork);
            if (crawler.IsReverseDnsDocumented)
                reasons = reasons.With(Reason.ReverseDnsNotChecked);
            return new IdentityCheck(Identity.Unverifiable, IdentityMethod.Range, list, reasons);
        }
        var inside = default(ReasonSet).With(Reason.InRangeList);
        if (list.Source.Confidence == RangeConfidence.Reported)
            inside = inside.With(Reason.RangeListReported);
        return new IdentityCheck(Identity.Verified, IdentityMethod.Range, list, inside);
    }

    private static IdentityCheck Outside(Crawler crawler, ClientAddress address, long timeMs)
    {
        for (int i = 0; i < crawler.KinRangeLists.Count; i++)
        {
            if (crawler.KinRangeLists[i].Contains(address))
                return Unverifiable(Reason.InKinRangeList, crawler.KinRangeLists[i]);
        }
        var judge = crawler.RangeLists[0];
        for (int i = 0; i < crawler.RangeLists.Count; i++)
        {
            var list = crawler.RangeLists[i];
            if (!list.Source.IsComplete)
                return OutsideIncomplete(crawler, list);
            if (timeMs < list.PublishedAtMs)
                return Unverifiable(Reason.RangeListNewerThanHit, list);
            if (timeMs - list.KnownGoodAtMs > OldestJudgeMs)
                return Unverifiable(Reason.RangeListTooOld, list);
        }
        return new IdentityCheck(Identity.Spoofed, IdentityMethod.Range, judge, default(ReasonSet).With(Reason.OutsideRangeList));
    }

    private static IdentityCheck OutsideIncomplete(Crawler crawler, RangeList list)
    {
        var reasons = default(ReasonSet).With(Reason.OutsideIncompleteList);
        if (crawler.IsReverseDnsDocumented)
            reasons = reasons.With(Reason.ReverseDnsNotChecked);
        return new IdentityCheck(Identity.Unverifiable, IdentityMethod.Range, list, reasons);
    }

    private static Reason MethodNotUsed(Crawler crawler) =>
        crawler.IsReverseDnsDocumented ? Reason.ReverseDnsNotChecked
        : crawler.SignatureAgent is not null ? Reason.SignatureNotChecked : Reason.NoDocumentedMethod;

    private static IdentityCheck Unverifiable(Reason reason, RangeList? list = null) =>
        new(Identity.Unverifiable, list is null ? IdentityMethod.None : IdentityMethod.Range, list, default(ReasonSet).With(reason));
}
