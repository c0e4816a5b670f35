using BenchmarkDotNet.Attributes;
using Weir.Micro.Operations;

namespace Weir.Micro;

/// <summary>Lets BenchmarkDotNet time every operation.</summary>
public class OperationBenchmarks
{
    /// <summary>The operation under measurement.</summary>
    [ParamsSource(nameof(All))]
    public Operation Operation { get; set; } = null!;

    /// <summary>All of them.</summary>
    public static IEnumerable<Operation> All => AllOperations.List();

    /// <summary>Before an operation is timed. Warms up by the clock: the runtime compiles twice, each time a tenth of a second after it has
    /// met the code, and BenchmarkDotNet's own warm-up may be over by then.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        Operation.SetUp();
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMilliseconds(500))
            Operation.RunBatch();
        BytesByName[Operation.Name] = Allocations.OfOne(Operation);
    }

    /// <summary>Bytes that one operation allocated after its warm-up, by its name.</summary>
    internal static Dictionary<string, double> BytesByName { get; } = new(StringComparer.Ordinal);

    /// <summary>One batch of it.</summary>
    [Benchmark]
    public long Run() => Operation.RunBatch();

    /// <summary>After it was timed.</summary>
    [GlobalCleanup]
    public void Release()
    {
        Operation.Release();
        GC.Collect();
    }
}
