using Weir.Detection.Catalog;
using Weir.Detection.Claims;
using Weir.Detection.Identification;
using Weir.Detection.Signals;

namespace Weir.Detection;

/// <summary>Judges a stored request by what is known today, as of its own time. Pure.</summary>
/// <remarks>
/// A hit keeps its user agent, referrer, address and time, so names, referrals and range lists are judged anew. Of headers, TLS,
/// signatures and behaviour it keeps the reasons alone: these stay. What a range list of its day or reverse DNS of its day decided stays
/// too, where today's knowledge cannot say better.
/// </remarks>
internal static class Reclassification
{
    private static readonly ReasonSet OfSignatures =
        default(ReasonSet).With(Reason.SignatureValid).With(Reason.SignatureInvalid).With(Reason.SignatureKeyUnderWay);

    // 40 to 63 are of headers, TLS and behaviour, but for the referral, which is read again.
    private static readonly ReasonSet Kept = OfSignatures.With(new ReasonSet(0xFFFFFF00_00000000 & ~(1UL << (int)Reason.CameByReferral)));

    // 20 to 39.
    private static readonly ReasonSet OfIdentity = new(0x000000FF_FFF00000);

    /// <summary>The verdict of today.</summary>
    public static Verdict Judge(CrawlerCatalog catalog, in RequestFacts facts, in StoredVerdict stored, ReverseDnsAnswer known)
    {
        var reading = catalog.ReadUserAgent(facts.UserAgent, out _);
        bool isSigned = (stored.Reasons.Bits & OfSignatures.Bits) != 0;
        // A signature is not stored, so whom it named is believed.
        var crawler = (isSigned ? catalog.Find(stored.Crawler) : null) ?? (reading.Crawler >= 0 ? catalog.Crawlers[reading.Crawler] : null);
        bool isSame = crawler is not null && crawler.Id == stored.Crawler;
        var check = crawler is null ? default : Check(crawler, facts, stored, isSame ? AnswerOf(stored, known) : ReverseDnsAnswer.NotAsked);
        bool isIdentityKept = isSame && IsIdentityKept(crawler!, check, facts, stored, isSigned);
        if (isIdentityKept)
            check = new IdentityCheck(stored.Identity, stored.IdentityMethod, null, new ReasonSet(stored.Reasons.Bits & OfIdentity.Bits));
        var referral = crawler is null ? ReferralReader.Read(facts.Referrer, facts.Query, facts.Host) : default;
        var reasons = reading.Reasons.With(check.Reasons).With(KeptOf(stored));
        if (referral.Class is ReferralClass.Ai or ReferralClass.Search or ReferralClass.Social)
            reasons = reasons.With(Reason.CameByReferral);
        var verdict = VerdictRules.Conclude(crawler, check, reasons, referral, VerdictRules.WasProxied(stored.Reasons, stored.Score));
        return isIdentityKept && stored.RangeList.Length > 0 ? verdict with { RangeList = stored.RangeList } : verdict;
    }

    // Client hints may say that a browser is headless, and they are not stored.
    private static ReasonSet KeptOf(in StoredVerdict stored)
    {
        ulong kept = Kept.Bits | (stored.HadHeaders ? 1UL << (int)Reason.HeadlessBrowser : 0);
        return new ReasonSet(stored.Reasons.Bits & kept);
    }

    private static IdentityCheck Check(Crawler crawler, in RequestFacts facts, in StoredVerdict stored, ReverseDnsAnswer answer)
    {
        // A part of an address is in no list, and outside of none.
        var address = IsWhole(facts.ClientAddress) ? facts.ClientAddress : default;
        return IdentityCheck.Of(crawler, address, facts.TimeMs, default, null, KnownReverseDns.Of(answer));
    }

    private static bool IsIdentityKept(Crawler crawler, in IdentityCheck check, in RequestFacts facts, in StoredVerdict stored, bool isSigned)
    {
        if (crawler.IsRobotsTokenOnly || check.Identity == Identity.Verified)
            return false;
        if (isSigned || !IsWhole(facts.ClientAddress))
            return true;
        return stored.IdentityMethod == IdentityMethod.Range && stored.Identity is Identity.Verified or Identity.Spoofed
            && !HoldsListOfItsDay(crawler, stored.RangeList, facts.TimeMs);
    }

    private static bool HoldsListOfItsDay(Crawler crawler, string label, long timeMs)
    {
        int at = label.IndexOf('@', StringComparison.Ordinal);
        var file = label.AsSpan(0, Math.Max(at, 0));
        foreach (var list in crawler.RangeLists)
        {
            if (file.SequenceEqual(list.Source.File))
                return list.At(timeMs, out _).PublishedAtMs <= timeMs;
        }
        return true; // the catalog judges by another list today
    }

    // What DNS said when the hit was judged is of its own time; what was found out later counts where nothing was known then.
    private static ReverseDnsAnswer AnswerOf(in StoredVerdict stored, ReverseDnsAnswer known)
    {
        if (stored.Reasons.Has(Reason.ReverseDnsConfirmed))
            return ReverseDnsAnswer.Confirmed;
        if (stored.Reasons.Has(Reason.ReverseDnsRefuted))
            return ReverseDnsAnswer.Refuted;
        if (stored is { IdentityMethod: IdentityMethod.ReverseDns, Identity: Identity.Unverifiable })
            return ReverseDnsAnswer.Shared;
        if (known != ReverseDnsAnswer.NotAsked)
            return known;
        return stored.Reasons.Has(Reason.ReverseDnsUnderWay) ? ReverseDnsAnswer.UnderWay
            : stored.Reasons.Has(Reason.ReverseDnsUnanswered) ? ReverseDnsAnswer.Unanswered : ReverseDnsAnswer.NotAsked;
    }

    // Sites may keep no more than a network of who asked (IPv4 /24, IPv6 /48), a hash, or nothing.
    private static bool IsWhole(ClientAddress address) =>
        address.IsKnown && !AddressForms.IsHash(address) && (address.IsIPv4 ? (address.IPv4 & 0xFF) != 0 : (address.Value & ((UInt128.One << 80) - 1)) != UInt128.Zero);
}
