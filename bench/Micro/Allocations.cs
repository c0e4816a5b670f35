using System.Text.Json;
using Weir.Micro.Operations;

namespace Weir.Micro;

/// <summary>What operations allocate, and what they may.</summary>
internal static class Allocations
{
    /// <summary>Bytes allowed for one operation, by its name, as committed in allocations.json: every one of Weir's operations and no other.</summary>
    public static Dictionary<string, double> ReadBudget() =>
        JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "allocations.json")))!;

    /// <summary>Bytes that one operation allocates on this thread, over some batches: the least of several tries, as code that is being compiled may
    /// box for a while. The operation is set up and warm.</summary>
    public static double OfOne(Operation operation)
    {
        const int Batches = 4;
        double least = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int batch = 0; batch < Batches; batch++)
                operation.RunBatch();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least / Batches / operation.PerBatch;
    }
}
