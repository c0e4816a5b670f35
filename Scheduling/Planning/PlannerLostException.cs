namespace Weir.Scheduling.Planning;

/// <summary>Another program plans: what this one wanted to write was not written, and what it has in memory is old.</summary>
public sealed class PlannerLostException : Exception
{
    /// <summary>Makes one.</summary>
    public PlannerLostException()
        : base("Another program has taken over planning.")
    {
    }
}
