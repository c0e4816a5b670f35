using Weir.Detection.Catalog;
using Weir.Detection.Claims;
using Weir.Detection.Identification;
using Weir.Detection.Signals;

namespace Weir.Detection;

/// <summary>Classifies requests. Safe from any thread; no clock, no store; what needs the network is asked for what it knows by now.</summary>
/// <param name="catalog">The crawlers and range lists to judge by.</param>
/// <param name="windows">Keeps what each client does, so that behaviour becomes evidence; null where requests are judged one by one, as
/// from a command line.</param>
public sealed class Detector(CrawlerCatalog catalog, ClientWindows? windows = null)
{
    private CrawlerCatalog _catalog = catalog;

    /// <summary>The catalog in force.</summary>
    public CrawlerCatalog Catalog => Volatile.Read(ref _catalog);

    /// <summary>The windows that behaviour is kept in; null without.</summary>
    public ClientWindows? Windows => windows;

    /// <summary>Which rule makes reasons of behaviour.</summary>
    public BehaviourPreset Behaviour { get; init; }

    /// <summary>Knows the host names of addresses; null where none are asked.</summary>
    public IReverseDns? ReverseDns { get; init; }

    /// <summary>Checks signatures; null where none are checked.</summary>
    public ISignatureCheck? Signatures { get; init; }

    /// <summary>Puts another catalog in force. Requests under way end with the one that they began with.</summary>
    public void Swap(CrawlerCatalog next)
    {
        ArgumentNullException.ThrowIfNull(next);
        // Publishes everything the catalog's constructor wrote; pairs with the one read at the head of Classify.
        Volatile.Write(ref _catalog, next);
    }

    /// <summary>Classifies one request. Allocates nothing, never waits, never throws.</summary>
    /// <param name="facts">Borrowed for the call. A user agent over 8,192 characters is judged by its head.</param>
    /// <returns>The verdict: score 0–100, confidence 0–1, and every reason behind them.</returns>
    public Verdict Classify(in RequestFacts facts)
    {
        if (facts.ClientAddress.IsKnown)
            windows?.Expect(facts.ClientAddress);
        var inForce = Volatile.Read(ref _catalog);
        var reading = inForce.ReadUserAgent(facts.UserAgent, out ulong userAgentHash);
        var signature = facts.Signed is { } signed && Signatures is { } signatures ? signatures.Check(signed, facts.TimeMs) : default;
        var claimed = reading.Crawler >= 0 ? inForce.Crawlers[reading.Crawler] : null;
        var signer = inForce.FindBySignatureAgent(signature.Agent);
        // A program that signs may send the user agent of a browser or of its library: then the signature is what names it.
        bool isNamedBySignature = claimed is null || (claimed.IsForAnyone && signature.Outcome == SignatureOutcome.Valid && signer is not null);
        var crawler = isNamedBySignature ? signer : claimed;
        var check = crawler is null ? IdentityCheck.OfNobody(signature)
            : IdentityCheck.Of(crawler, facts.ClientAddress, facts.TimeMs, signature, signer, ReverseDns, facts.IsAddressHidden);
        // A referral is a person's visit; what names a crawler or a library is none, whatever Referer it sends.
        var referral = crawler is null ? ReferralReader.Read(facts.Referrer, facts.Query, facts.Host) : default;
        var reasons = reading.Reasons.With(check.Reasons)
            .With(HeaderSignals.Read(facts, reading.Browser))
            .With(BehaviourSignals(facts, userAgentHash, reading.Reasons.Has(Reason.BrowserForm)));
        if (referral.Class is ReferralClass.Ai or ReferralClass.Search or ReferralClass.Social)
            reasons = reasons.With(Reason.CameByReferral);
        return VerdictRules.Conclude(crawler, check, reasons, referral, HeaderSignals.IsProxied(facts.Headers));
    }

    /// <summary>Classifies a stored request by the catalog in force, as of its own time. Uses no windows, names or keys of now: what the hit
    /// keeps of headers, TLS, signatures and behaviour counts as it did. Safe from any thread; never waits, never throws.</summary>
    /// <param name="facts">What is stored of the request; borrowed for the call.</param>
    /// <param name="stored">The verdict that it was given.</param>
    /// <param name="known">What was found out about its address by reverse DNS around its time; <see cref="ReverseDnsAnswer.NotAsked"/> for nothing.</param>
    public Verdict Reclassify(in RequestFacts facts, in StoredVerdict stored, ReverseDnsAnswer known) =>
        Reclassification.Judge(Catalog, facts, stored, known);

    /// <summary>Tells how a request ended that <see cref="Classify"/> judged, so that the next of its client is judged by that too. Allocates
    /// nothing, never waits, never throws; does nothing without windows.</summary>
    public void Complete(in RequestOutcome outcome)
    {
        if (outcome.ClientAddress.IsKnown)
            windows?.Complete(outcome);
    }

    private ReasonSet BehaviourSignals(in RequestFacts facts, ulong userAgentHash, bool isBrowserForm)
    {
        if (windows is null || !facts.ClientAddress.IsKnown)
            return default;
        var behaviour = windows.Begin(facts, userAgentHash, isBrowserForm, out bool siteHasAssets);
        return Behaviour == BehaviourPreset.Baseline ? BaselineRule.Reasons(behaviour)
            : WeirRule.Reasons(behaviour, facts.ClientAddress.IsShared, siteHasAssets);
    }
}
