namespace Weir.Detection.Signals;

/// <summary>Which rule makes reasons of behaviour. The numbers are not stored.</summary>
public enum BehaviourPreset
{
    /// <summary>Weir's own: evidence with weights, called as early as it allows.</summary>
    Weir,

    /// <summary>The plain sum of five thresholds that Weir is measured against; see <see cref="BaselineRule"/>.</summary>
    Baseline,
}
