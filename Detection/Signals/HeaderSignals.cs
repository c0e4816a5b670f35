namespace Weir.Detection.Signals;

/// <summary>What the headers besides the user agent say. Absences are weak: proxies and privacy tools remove headers too.</summary>
internal static class HeaderSignals
{
    public static ReasonSet Read(in HeaderFacts headers, bool isChromium)
    {
        var reasons = default(ReasonSet);
        if (!headers.AreKnown)
            return reasons;
        if (headers.AcceptLanguage.IsEmpty)
            reasons = reasons.With(Reason.AcceptLanguageMissing);
        if (headers.AcceptEncoding.IsEmpty)
            reasons = reasons.With(Reason.AcceptEncodingMissing);
        if (headers.Accept.IsEmpty)
            reasons = reasons.With(Reason.AcceptMissing);
        if (!headers.SecFetchMode.IsEmpty)
            reasons = reasons.With(Reason.FetchMetadataSent);
        if (headers.HasCookie)
            reasons = reasons.With(Reason.CookieSent);
        if (headers.HttpVersion == 10)
            reasons = reasons.With(Reason.OldHttpVersion);
        if (!headers.SecChUa.IsEmpty && (!isChromium || headers.SecChUa.Contains("Headless", StringComparison.OrdinalIgnoreCase)))
            reasons = reasons.With(Reason.ClientHintsContradict);
        return reasons;
    }
}
