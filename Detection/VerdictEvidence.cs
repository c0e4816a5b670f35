using Weir.Detection.Signals;

namespace Weir.Detection;

/// <summary>What each reason of a verdict weighed, for whoever explains it.</summary>
public static class VerdictEvidence
{
    /// <summary>Natural log-odds that a reason added for a program; below 0 for a person; 0 when it speaks of identity alone. The weights of
    /// a verdict's reasons add up to its score.</summary>
    public static double WeightOf(Reason reason, in Verdict verdict) => Evidence.WeightOf(reason, verdict.Reasons, verdict.IsProxied);
}
