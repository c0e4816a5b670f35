namespace Weir.TestKit;

/// <summary>Fails when code on the hot path allocates more than it may.</summary>
public static class AllocationBudget
{
    /// <summary>Runs an action until the runtime has compiled and specialised it, then measures one thread's bytes over many runs.</summary>
    /// <param name="allowed">Bytes allowed per run.</param>
    /// <param name="action">The work; a captured variable costs nothing per run.</param>
    public static void Bytes(long allowed, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        const int runs = 1000;
        for (int i = 0; i < 200; i++)
            action();
        // Code that is not optimised yet may box, and the runtime optimises some 100 ms after it has met a loop: one clean round is
        // enough, and is waited for.
        long least = long.MaxValue;
        long start = TimeProvider.System.GetTimestamp();
        while (least > allowed * runs && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5))
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < runs; i++)
                action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        if (least > allowed * runs)
            throw new InvalidOperationException($"{(double)least / runs} bytes a run were allocated; {allowed} are allowed.");
    }
}
