using System.Numerics;

namespace Weir.Detection.Signals;

/// <summary>How much each reason weighs, and how weights become a score.</summary>
/// <remarks>Weights are natural log-odds for "a program sent this": +2.2 makes it nine times as likely. They are judged, not fitted:
/// bench/Accuracy is where they are held against data.</remarks>
internal static class Evidence
{
    private static readonly float[] Weights = Fill();

    /// <summary>Sums the weights of a set, for and against a program.</summary>
    public static (float For, float Against) Sum(ReasonSet reasons)
    {
        float forProgram = 0, against = 0;
        for (ulong rest = reasons.Bits; rest != 0; rest &= rest - 1)
        {
            float weight = Weights[BitOperations.TrailingZeroCount(rest)];
            if (weight > 0)
                forProgram += weight;
            else
                against -= weight;
        }
        return (forProgram, against);
    }

    /// <summary>The weight of one reason; 0 when it speaks of identity alone.</summary>
    public static float WeightOf(Reason reason) => Weights[(int)reason];

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
        // Outweighs the browser's form around it, but a cookie and fetch metadata leave the question open.
        Reason.StrangerInBrowser => 4.2f,
        Reason.ToolNamed => 3f,
        Reason.UserAgentMalformed => 4.5f,
        Reason.UserAgentTooLong => 2f,
        Reason.UserAgentMissing => 2.5f,
        // Anybody can copy a browser's text, so it is worth less than a name.
        Reason.BrowserForm => -3f,
        // Weak on purpose: all three together leave a browser's text in doubt, and do not turn it into a program.
        Reason.AcceptLanguageMissing => 1f,
        Reason.AcceptEncodingMissing => 0.7f,
        Reason.AcceptMissing => 0.7f,
        Reason.ClientHintsContradict => 4.5f,
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
        Reason.AcceptContradicts => 0.7f,
        Reason.HttpVersionContradicts => 0.3f,
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
