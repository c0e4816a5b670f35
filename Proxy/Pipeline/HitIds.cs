namespace Weir.Proxy.Pipeline;

/// <summary>Makes hit ids: 32 bits that this process drew at its start, then a counter. Safe from any thread.</summary>
/// <remarks>A hit's time stands beside its id, so the id repeats none of it: with the milliseconds in it, it was the largest column of the store
/// (bench/reports/store.md). Two processes that drew the same bits repeat an id only where their counters, which begin at random, meet too, and
/// would have to do so for one site in one millisecond to be mistaken for each other.</remarks>
internal sealed class HitIds(Random random)
{
    // Not 0: no id is.
    private readonly ulong _process = (ulong)random.NextInt64(1, 1L << 32) << 32;
    private uint _counter = (uint)random.Next();

    /// <summary>The next id.</summary>
    public ulong Next() => _process | Interlocked.Increment(ref _counter);

    /// <summary>The id as people see it: 16 hex digits.</summary>
    public static string Text(ulong id) => id.ToString("x16");
}
