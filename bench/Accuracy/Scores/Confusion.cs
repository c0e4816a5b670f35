namespace Weir.Accuracy.Scores;

/// <summary>How often a detector was right, over some rows. A program is the positive.</summary>
internal readonly record struct Confusion(int TruePositives, int FalsePositives, int FalseNegatives, int TrueNegatives)
{
    /// <summary>Bots among the rows.</summary>
    public int Bots => TruePositives + FalseNegatives;

    /// <summary>Browsers among the rows.</summary>
    public int Browsers => FalsePositives + TrueNegatives;

    /// <summary>Of what it called a program, the share that is one.</summary>
    public Share Precision => new(TruePositives, TruePositives + FalsePositives);

    /// <summary>Of the bots, the share that it found.</summary>
    public Share Recall => new(TruePositives, Bots);

    /// <summary>Of the browsers, the share that it called programs.</summary>
    public Share FalsePositiveRate => new(FalsePositives, Browsers);

    /// <summary>Harmonic mean of precision and recall.</summary>
    public double F1 => F1Of(Jaccard.Value);

    /// <summary>95 % interval of <see cref="F1"/>.</summary>
    public (double Low, double High) F1Interval
    {
        get
        {
            var (low, high) = Jaccard.Interval;
            return (F1Of(low), F1Of(high));
        }
    }

    // F1 = 2J / (1 + J) rises with J = TP / (TP + FP + FN), a plain share, so an interval of one is an interval of the other.
    private Share Jaccard => new(TruePositives, TruePositives + FalsePositives + FalseNegatives);

    /// <summary>Counts rows.</summary>
    public static Confusion Of(IEnumerable<(bool IsBot, bool IsProgram)> answers)
    {
        int truePositives = 0, falsePositives = 0, falseNegatives = 0, trueNegatives = 0;
        foreach (var (isBot, isProgram) in answers)
        {
            if (isBot && isProgram)
                truePositives++;
            else if (isProgram)
                falsePositives++;
            else if (isBot)
                falseNegatives++;
            else
                trueNegatives++;
        }
        return new Confusion(truePositives, falsePositives, falseNegatives, trueNegatives);
    }

    private static double F1Of(double jaccard) => 2 * jaccard / (1 + jaccard);
}
