namespace Weir.Proxy.Tests;

/// <summary>Measures what code allocates.</summary>
internal static class Allocations
{
    /// <summary>Bytes that one call allocates, the least of several rounds. Needs a process without tiered compilation.</summary>
    public static long Of(Action action)
    {
        const int Calls = 100;
        action();
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Calls; i++)
                action();
            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Calls);
        }
        return least;
    }
}
