namespace Weir.Proxy.Pipeline;

/// <summary>Makes hit ids: 42 bits of milliseconds since 2024-01-01, then 22 bits of a counter. Safe from any thread.</summary>
/// <remarks>Ids rise with time, so that the store packs them well, and last until 2163. The counter starts at random, so that two edges
/// or two starts in one millisecond do not meet; one process would have to make 4 million ids in a millisecond to repeat one.</remarks>
internal sealed class HitIds(Random random)
{
    /// <summary>2024-01-01 in milliseconds since 1970.</summary>
    public const long EpochMs = 1_704_067_200_000;

    private const int CounterBits = 22;
    private uint _counter = (uint)random.Next();

    /// <summary>The next id for a moment in milliseconds since 1970.</summary>
    public ulong Next(long timeMs)
    {
        ulong counter = Interlocked.Increment(ref _counter) & ((1u << CounterBits) - 1);
        return ((ulong)Math.Max(0, timeMs - EpochMs) << CounterBits) | counter;
    }

    /// <summary>The id as people see it: 16 hex digits.</summary>
    public static string Text(ulong id) => id.ToString("x16");
}
