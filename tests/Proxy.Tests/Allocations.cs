namespace Weir.Proxy.Tests;

/// <summary>Measures what code allocates once it is warm.</summary>
internal static class Allocations
{
    // Unoptimised code boxes what optimised code does not, and the runtime optimises a method some time after its first calls.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that one call allocates; the least of many rounds, until one allocates nothing or patience ends.</summary>
    public static long Of(Action action)
    {
        const int Calls = 100;
        long least = long.MaxValue;
        long start = TimeProvider.System.GetTimestamp();
        while (least > 0 && TimeProvider.System.GetElapsedTime(start) < Patience)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Calls; i++)
                action();
            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Calls);
        }
        return least;
    }
}
