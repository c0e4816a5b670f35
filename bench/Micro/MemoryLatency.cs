namespace Weir.Micro;

/// <summary>How long this machine takes to fetch a word that it cannot foresee: the unit that hot loops must be seen against.</summary>
internal static class MemoryLatency
{
    private const int LineBytes = 64;
    private const int Steps = 50_000;
    private const int Walks = 60;

    /// <summary>Sizes of memory that are walked, in bytes: within the second-level cache, within the third, and beyond both.</summary>
    public static readonly int[] Sizes = [256 << 10, 4 << 20, 256 << 20];

    /// <summary>Nanoseconds a step of a random walk through so much memory, in the fastest of many short walks.</summary>
    public static double Measure(int bytes)
    {
        int lines = bytes / LineBytes;
        const int stride = LineBytes / sizeof(int);
        int[] next = new int[lines * stride];
        // One cycle through all lines (Sattolo 1986), so that no step can be foreseen and no line is left out.
        int[] order = [.. Enumerable.Range(0, lines)];
        var random = new Random(20261125);
        for (int i = lines - 1; i > 0; i--)
        {
            int other = random.Next(i);
            (order[i], order[other]) = (order[other], order[i]);
        }
        for (int i = 0; i < lines; i++)
            next[i * stride] = order[i] * stride;
        int at = Walk(next, from: 0, Math.Max(lines, 4 * Steps));
        double fastest = double.MaxValue;
        for (int i = 0; i < Walks; i++)
        {
            long start = TimeProvider.System.GetTimestamp();
            at = Walk(next, at, Steps);
            fastest = Math.Min(fastest, TimeProvider.System.GetElapsedTime(start).TotalNanoseconds / Steps);
        }
        return at < 0 ? 0 : fastest;
    }

    private static int Walk(int[] next, int from, int steps)
    {
        int at = from;
        for (int i = 0; i < steps; i++)
            at = next[at];
        return at;
    }
}
