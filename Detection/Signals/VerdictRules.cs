using Weir.Detection.Catalog;
using Weir.Detection.Claims;
using Weir.Detection.Identification;

namespace Weir.Detection.Signals;

/// <summary>From evidence to kind, score and confidence.</summary>
internal static class VerdictRules
{
    // Between the two a request is called neither: a wrong word about a person costs more than an open one.
    private const float ProgramFrom = 0.7f;
    private const float PersonTo = 0.3f;

    /// <summary>Chance, 0 to 1, that a program sent the request; and how much the evidence agrees with itself, 0.7 to 1.</summary>
    public static (float Chance, float Agreement) Weigh(ReasonSet reasons, bool isProxied)
    {
        var (forProgram, against) = Evidence.Sum(reasons, isProxied);
        float chance = 1f / (1f + MathF.Exp(against - forProgram));
        float more = MathF.Max(forProgram, against);
        float agreement = more == 0 ? 1f : 1f - (0.3f * MathF.Min(forProgram, against) / more);
        return (chance, agreement);
    }

    /// <summary>The verdict that everything found out about a request adds up to.</summary>
    public static Verdict Conclude(Crawler? crawler, in IdentityCheck check, ReasonSet reasons, Referral referral, bool isProxied)
    {
        var (chance, agreement) = Weigh(reasons, isProxied);
        return new Verdict
        {
            Kind = crawler is null ? KindOf(chance, reasons) : crawler.Purpose == Purpose.ScraperLibrary ? VerdictKind.Automation : VerdictKind.Crawler,
            Crawler = crawler,
            Purpose = PurposeOf(crawler),
            Identity = check.Identity,
            IdentityMethod = check.Method,
            RangeList = check.RangeList?.Label,
            Score = ScoreOf(chance),
            Confidence = Confidence(chance, agreement, check.Identity, reasons),
            Reasons = reasons,
            IsProxied = isProxied,
            ReferralClass = referral.Class,
            ReferralSource = referral.Source,
        };
    }

    /// <summary>Whether a stored score can only be that of a request which came by an unknown proxy.</summary>
    public static bool WasProxied(ReasonSet reasons, byte score) =>
        ScoreOf(Weigh(reasons, isProxied: false).Chance) != score && ScoreOf(Weigh(reasons, isProxied: true).Chance) == score;

    /// <summary>The kind of a request that claims no crawler.</summary>
    public static VerdictKind KindOf(float chance, ReasonSet reasons) =>
        chance >= ProgramFrom ? VerdictKind.Automation
        : chance <= PersonTo && reasons.Has(Reason.BrowserForm) ? VerdictKind.LikelyHuman : VerdictKind.Unknown;

    /// <summary>How much evidence, in log-odds, lies between a verdict and the next one.</summary>
    public static double MarginOf(ReasonSet reasons, bool isProxied, VerdictKind kind)
    {
        var (forProgram, against) = Evidence.Sum(reasons, isProxied);
        float border = kind == VerdictKind.LikelyHuman ? PersonTo : ProgramFrom;
        return Math.Abs(forProgram - against - Math.Log(border / (1 - border)));
    }

    /// <summary>How sure the whole verdict is: that it is a program or a person, and that it is the one it says.</summary>
    public static float Confidence(float chance, float agreement, Identity identity, ReasonSet reasons)
    {
        float sure = MathF.Max(chance, 1f - chance) * agreement;
        float known = identity switch
        {
            Identity.NotClaimed => 1f,
            Identity.Verified => reasons.Has(Reason.RangeListReported) ? 0.9f : 0.99f,
            Identity.Spoofed => 0.95f,
            Identity.Pending => 0.6f,
            _ => reasons.Has(Reason.InOperatorNetwork) || reasons.Has(Reason.InKinRangeList) ? 0.75f : 0.65f,
        };
        return reasons.Has(Reason.SeveralCrawlersNamed) ? sure * known * 0.8f : sure * known;
    }

    private static byte ScoreOf(float chance) => (byte)MathF.Round(chance * 100f);

    // A made-up claim serves no purpose of the operator whose name it carries.
    private static Purpose PurposeOf(Crawler? crawler) =>
        crawler is null ? Purpose.None : crawler.IsRobotsTokenOnly ? Purpose.Other : crawler.Purpose;
}
