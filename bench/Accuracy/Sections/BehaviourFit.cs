using Weir.Accuracy.Rows;
using Weir.Detection;
using Weir.Detection.Signals;
using Weir.Detection.Signals.Clients;

namespace Weir.Accuracy.Sections;

/// <summary>Fits the log-likelihood ratios of the sequential test, with the product's own test as the counter.</summary>
internal static class BehaviourFit
{
    // One crawler of 482 lines should not be what programs are.
    private const int PerClientMax = 20;

    // Requests of a client depend on each other, and one site is not the world: half of what was measured, and no more than this.
    private const double Tempering = 0.5;
    private const double RatioMax = 1.5;

    private static readonly int Kinds = Enum.GetValues<Observation>().Length;

    /// <summary>Observations that the label of a person rests on, or that follow from it.</summary>
    public static readonly Observation[] OfAssets = [Observation.AssetOfPage, Observation.AssetAlone, Observation.Icon, Observation.PageAlone];

    /// <summary>How often each kind was observed, bounded for each client.</summary>
    public static int[] Count(IEnumerable<LabelledClient> clients)
    {
        var total = new int[Kinds];
        foreach (var client in clients)
        {
            for (int kind = 0; kind < Kinds; kind++)
                total[kind] += Math.Min(CountOf(client, kind), PerClientMax);
        }
        return total;
    }

    /// <summary>The ratios as measured, before tempering.</summary>
    public static double[] Measured(int[] programs, int[] people)
    {
        var ratios = new double[Kinds];
        int last = (int)Observation.PageAlone;
        double allPrograms = programs[..last].Sum() + last, allPeople = people[..last].Sum() + last;
        for (int kind = 0; kind < last; kind++)
            ratios[kind] = Math.Log((programs[kind] + 1) / allPrograms / ((people[kind] + 1) / allPeople));
        // Not one kind among the others, but a share of the pages.
        ratios[last] = Math.Log((programs[last] + 1.0) / (Pages(programs) + 2) / ((people[last] + 1.0) / (Pages(people) + 2)));
        return ratios;
    }

    /// <summary>The ratios to use.</summary>
    public static float[] Tempered(double[] measured) =>
        [.. measured.Select(r => (float)Math.Round(Math.Clamp(r * Tempering, -RatioMax, RatioMax), 1))];

    private static int Pages(int[] counts) => counts[(int)Observation.PageUnled] + counts[(int)Observation.PageLed];

    // A test in which this kind alone weighs the least that a word can hold: its sum is the count. All at one time, or it would fade.
    private static int CountOf(LabelledClient client, int kind)
    {
        var ratios = new float[Kinds];
        ratios[kind] = 1f / TestWord.UnitsPerNat;
        var test = new SequentialTest(ratios);
        ulong word = 0;
        foreach (var step in client.Steps)
            word = test.Add(word, 1, step.Path, step.Status, step.HasReferrer, siteHasAssets: true);
        return (int)MathF.Round(TestWord.Sum(word) * TestWord.UnitsPerNat);
    }
}

/// <summary>What the windows said of one client at the end, and when they first called it.</summary>
/// <param name="Client">Who.</param>
/// <param name="Called">The last call.</param>
/// <param name="After">After how many answers it was called first; 0 when it never was.</param>
/// <param name="Sum">The sum at the end: its sign is the guess when nothing was called.</param>
/// <param name="Reasons">Weir's reasons at the last request.</param>
/// <param name="Baseline">The plain rule's sum at the end.</param>
internal sealed record BehaviourAnswer(LabelledClient Client, Called Called, int After, float Sum, ReasonSet Reasons, float Baseline)
{
    /// <summary>Sends a client's requests through windows of its own, at their own times.</summary>
    public static BehaviourAnswer Of(LabelledClient client, SequentialTest test)
    {
        var windows = new ClientWindows(8, test);
        var (called, after, sum, reasons, baseline) = (Called.Nothing, 0, 0f, default(ReasonSet), 0f);
        for (int i = 0; i < client.Steps.Count; i++)
        {
            var step = client.Steps[i];
            windows.Begin(step.Request);
            windows.Complete(step.Answer);
            var known = windows.Look(new ClientAddress(step.Client), step.TimeMs);
            if (known.Called != Called.Nothing)
            {
                called = known.Called;
                after = after == 0 ? i + 1 : after;
            }
            sum = known.Sum == 0 ? sum : known.Sum;
            reasons = reasons.With(WeirRule.Reasons(known, isSharedNetwork: false, siteHasAssets: true));
            baseline = Math.Max(baseline, BaselineRule.Score(known));
        }
        return new BehaviourAnswer(client, called, after, sum, reasons, baseline);
    }
}
