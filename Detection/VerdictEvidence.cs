using Weir.Detection.Signals;

namespace Weir.Detection;

/// <summary>What each reason of a verdict weighed, and what would change it, for whoever explains it.</summary>
public static class VerdictEvidence
{
    /// <summary>Natural log-odds that a reason added for a program; below 0 for a person; 0 when it speaks of identity alone. The weights of
    /// a verdict's reasons add up to its score.</summary>
    public static double WeightOf(Reason reason, in Verdict verdict) => Evidence.WeightOf(reason, verdict.Reasons, verdict.IsProxied);

    /// <summary>Says in one sentence what would turn the verdict into another one.</summary>
    public static string WhatWouldChange(in Verdict verdict) => verdict.Crawler switch
    {
        null => ChangeOfKind(verdict),
        { Purpose: Purpose.ScraperLibrary } => "Another user agent: whoever sends a library's name is judged by it.",
        { IsRobotsTokenOnly: true } => "Another user agent: nothing genuine sends that name.",
        _ => ChangeOfIdentity(verdict),
    };

    private static string ChangeOfIdentity(in Verdict verdict)
    {
        var list = ReasonText.RangeListOf(verdict);
        var reasons = verdict.Reasons;
        return verdict.Identity switch
        {
            Identity.Verified => verdict.IdentityMethod switch
            {
                IdentityMethod.Range => $"From an address outside the list the same request would be {(list is { Source.IsComplete: true } ? "spoofed" : "unverifiable")}.",
                IdentityMethod.ReverseDns => "From an address without the operator's host name the same request would be spoofed.",
                _ => "Without the signature the request would be judged by its address.",
            },
            Identity.Spoofed => verdict.IdentityMethod == IdentityMethod.Signature
                ? "A true signature of the operator's would make it verified."
                : "The same request from an address of the operator's would be verified.",
            Identity.Pending => "The answer that is under way.",
            _ when reasons.Has(Reason.AnyoneCanRunIt) => "Nothing: whoever runs the program sends the same.",
            _ when reasons.Has(Reason.NoDocumentedMethod) => "Nothing in the request: its operator would have to document a way to check.",
            _ when reasons.Has(Reason.SignatureNotChecked) => "A signature, checked with its key, would decide it.",
            _ when reasons.Has(Reason.ClientAddressUnknown) => "The client's address would decide it.",
            _ when reasons.Has(Reason.ReverseDnsNotChecked) || reasons.Has(Reason.ReverseDnsUnanswered) => "An answer of reverse DNS would decide it.",
            _ => "From an address in the operator's list the same request would be verified.",
        };
    }

    // The weightiest reason without which another word would be right; where there is none, how far the nearest border is.
    private static string ChangeOfKind(in Verdict verdict)
    {
        var best = default(Reason?);
        var kindWithout = verdict.Kind;
        double bestWeight = 0;
        foreach (var reason in verdict.Reasons)
        {
            // That a person's browser says what it is goes without saying.
            if (reason == Reason.BrowserForm)
                continue;
            double weight = Math.Abs(WeightOf(reason, verdict));
            var without = KindWithout(verdict, reason);
            if (weight > bestWeight && without != verdict.Kind)
                (best, bestWeight, kindWithout) = (reason, weight, without);
        }
        if (best is { } found)
            return $"Without this it would be {kindWithout.ToName()}: {ReasonText.For(found, verdict)}";
        double margin = VerdictRules.MarginOf(verdict.Reasons, verdict.IsProxied, verdict.Kind);
        return verdict.Kind == VerdictKind.LikelyHuman
            ? $"No single reason: {margin:0.0} of evidence for a program would leave it open."
            : $"No single reason: {margin:0.0} of evidence for a person would leave it open.";
    }

    private static VerdictKind KindWithout(in Verdict verdict, Reason reason)
    {
        var rest = new ReasonSet(verdict.Reasons.Bits & ~(1UL << (int)reason));
        return VerdictRules.KindOf(VerdictRules.Weigh(rest, verdict.IsProxied).Chance, rest);
    }
}
