using System.Numerics;

namespace Weir.Detection.Signals;

/// <summary>How much each reason weighs, and how weights become a score.</summary>
/// <remarks>Weights are natural log-odds for "a program sent this": +2.2 makes it nine times as likely. They are judged, not fitted:
/// bench/Accuracy is where they are held against data.</remarks>
internal static class Evidence
{
    // As much as a browser's text weighs against: a person whose proxy takes every header away is left in doubt, and is called no program.
    private const float AbsencesMax = 3f, AbsencesMaxProxied = 2.25f;

    private static readonly float[] Weights = Fill();

    private static readonly ReasonSet Absences = default(ReasonSet)
        .With(Reason.AcceptLanguageMissing).With(Reason.AcceptEncodingMissing).With(Reason.AcceptMissing).With(Reason.ClientHintsMissing)
        .With(Reason.FetchMetadataMissing).With(Reason.HttpVersionContradicts).With(Reason.OldHttpVersion);

    /// <summary>What a proxy may have done to a person's request; it counts half where a proxy left marks.</summary>
    private static readonly ReasonSet OfProxies =
        Absences.With(Reason.HeaderOrderOdd).With(Reason.AcceptContradicts).With(Reason.TlsContradicts);

    /// <summary>Sums the weights of a set, for and against a program.</summary>
    /// <param name="reasons">What holds.</param>
    /// <param name="isProxied">Whether the request came by an unknown proxy, which may be to blame for <see cref="OfProxies"/>.</param>
    public static (float For, float Against) Sum(ReasonSet reasons, bool isProxied)
    {
        float forProgram = 0, against = 0;
        float absences = AbsenceFactor(reasons, isProxied);
        for (ulong rest = reasons.Bits; rest != 0; rest &= rest - 1)
        {
            float weight = WeightOf((Reason)BitOperations.TrailingZeroCount(rest), absences, isProxied);
            if (weight > 0)
                forProgram += weight;
            else
                against -= weight;
        }
        return (forProgram, against);
    }

    /// <summary>The weight of one reason as it counts among others; 0 when it speaks of identity alone.</summary>
    public static float WeightOf(Reason reason, ReasonSet among, bool isProxied) => WeightOf(reason, AbsenceFactor(among, isProxied), isProxied);

    private static float WeightOf(Reason reason, float absences, bool isProxied)
    {
        float weight = Weights[(int)reason];
        if (Absences.Has(reason))
            return weight * absences;
        return isProxied && OfProxies.Has(reason) ? weight / 2 : weight;
    }

    // What is left out counts half where a proxy left marks, and adds up to the maximum and no more, however many headers somebody strips.
    private static float AbsenceFactor(ReasonSet reasons, bool isProxied)
    {
        float sum = 0;
        for (ulong rest = reasons.Bits & Absences.Bits; rest != 0; rest &= rest - 1)
            sum += Weights[BitOperations.TrailingZeroCount(rest)];
        return isProxied ? MathF.Min(0.5f, AbsencesMaxProxied / sum) : MathF.Min(1f, AbsencesMax / sum);
    }

    private static float[] Fill()
    {
        var weights = new float[64];
        foreach (var reason in Enum.GetValues<Reason>())
            weights[(int)reason] = Judge(reason);
        return weights;
    }

    private static float Judge(Reason reason) => reason switch
    {
        // A program that names itself has no reason to lie about being one.
        Reason.CrawlerToken or Reason.RobotsOnlyToken => 7f,
        Reason.LibraryToken => 6.5f,
        Reason.SeveralCrawlersNamed => 1f,
        Reason.HeadlessBrowser => 6f,
        Reason.AutomationWord => 5f,
        Reason.ContactInUserAgent => 4.5f,
        Reason.ImpossibleBrowser => 2.5f,
        Reason.NotABrowserForm => 2.5f,
        Reason.ImpossibleVersion or Reason.BrowserCutShort => 2.5f,
        // Outweighs the browser's form around it, and no more: headers that fit a browser may leave the question open.
        Reason.StrangerInBrowser => 4.2f,
        Reason.ToolNamed => 3f,
        Reason.UserAgentMalformed => 4.5f,
        Reason.UserAgentTooLong => 2f,
        Reason.UserAgentMissing => 2.5f,
        // Anybody can copy a browser's text, so it is worth less than a name.
        Reason.BrowserForm => -3f,
        // People's proxies and tools take headers away; see AbsencesMax.
        Reason.AcceptLanguageMissing => 1.5f,
        Reason.AcceptEncodingMissing => 1f,
        Reason.AcceptMissing => 1f,
        // A person may wear another browser's user agent, and then leaves the hints as they were; such a request brings fetch metadata too.
        Reason.ClientHintsContradict => 4f,
        Reason.OldHttpVersion => 1f,
        Reason.FetchMetadataSent => -0.7f,
        Reason.CookieSent => -0.5f,
        Reason.CameByReferral => -0.5f,
        // One address may be a whole office or a mobile network.
        Reason.RequestRateHigh => 0.8f,
        Reason.RequestRateExtreme => 2.5f,
        // Whoever signs as a program is one; a false signature is a program's too.
        Reason.SignatureValid or Reason.SignatureInvalid or Reason.SignatureKeyUnderWay => 6f,
        Reason.ClientHintsMissing or Reason.FetchMetadataMissing => 0.7f,
        Reason.HeaderOrderOdd => 0.7f,
        // Company proxies and virus scanners greet in their own way.
        Reason.TlsContradicts => 2f,
        Reason.AcceptContradicts => 1f,
        Reason.HttpVersionContradicts => 0.3f,
        // Behaviour is judged but for robots.txt: in bench/Accuracy's log its log-odds are 3.5 ± 1.8, of which the careful end is taken. The
        // log has too few of the others, its people are defined by the parts they load, and its times are of no use for a pace.
        Reason.HoneypotVisited => 4f,
        Reason.BeaconRan => -2.5f,
        Reason.PagesWithoutAssets => 1f,
        Reason.SteadyPace => 1.5f,
        Reason.ManyErrors => 1f,
        Reason.BroadCrawl => 1f,
        Reason.RobotsTxtFetched => 2f,
        Reason.OfferIgnored => 1f,
        _ => 0f,
    };
}
