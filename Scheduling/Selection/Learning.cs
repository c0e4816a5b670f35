namespace Weir.Scheduling.Selection;

/// <summary>What has been learned of engines: how strongly signals speak, and what is believed of a target before its first scan. Shared by all tenants, since it
/// says nothing of any.</summary>
/// <remarks>Not safe from several threads at a time.</remarks>
internal sealed class Learning
{
    // A prior takes a tenth of what is believed of its engine's targets on a day.
    private const double PriorStep = 0.1;

    private readonly List<double[]> _priorOf = [];

    /// <param name="engines">How many engines.</param>
    public Learning(int engines)
    {
        Strength = new SignalStrength(engines);
        for (int engine = 0; engine < engines; engine++)
        {
            _priorOf.Add(Belief.NewPrior());
            Updates.AddEngine();
        }
    }

    /// <summary>Of signals.</summary>
    public SignalStrength Strength { get; }

    /// <summary>Updates of engines that nobody announced.</summary>
    public SilentUpdates Updates { get; } = new();

    /// <summary>Weights of the rates, of each engine.</summary>
    public IReadOnlyList<double[]> PriorOf => _priorOf;

    /// <summary>Adds an engine of which nothing is known; returns its number.</summary>
    public int AddEngine()
    {
        Strength.AddEngine();
        Updates.AddEngine();
        _priorOf.Add(Belief.NewPrior());
        return _priorOf.Count - 1;
    }

    /// <summary>Moves each engine's prior towards what is believed of its targets; once a day.</summary>
    /// <param name="sums">Sums of the weights, eight of each engine.</param>
    /// <param name="counts">Of so many targets.</param>
    public void LearnPriors(ReadOnlySpan<double> sums, ReadOnlySpan<int> counts)
    {
        for (int engine = 0; engine < PriorOf.Count; engine++)
        {
            for (int j = 0; j < Belief.Rates && counts[engine] > 0; j++)
                PriorOf[engine][j] = ((1 - PriorStep) * PriorOf[engine][j]) + (PriorStep * sums[engine * Belief.Rates + j] / counts[engine]);
        }
    }
}
