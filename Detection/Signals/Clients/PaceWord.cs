using System.Numerics;

namespace Weir.Detection.Signals.Clients;

/// <summary>Time between pages: mean and variance of its binary logarithm, so that "always about four seconds" and "always about four
/// minutes" are equally steady. 32 bits of the last time (ms), 12 of the mean, 12 of the variance, 8 of the count.</summary>
/// <remarks>Welford's update with a memory of 16 gaps. The logarithm is taken between powers of two by a straight line, which is off by
/// at most 0.09; far less than the spread of a person.</remarks>
internal static class PaceWord
{
    /// <summary>Gaps above this end a visit and are no pace.</summary>
    private const uint PauseMs = 30 * 60 * 1000;

    private const int MemoryMax = 16;
    private const int CountMax = 255;
    private const float MeanUnit = 1 / 128f;
    private const float VarianceUnit = 1 / 256f;

    public static ulong Add(ulong word, long timeMs)
    {
        uint now = (uint)timeMs, last = (uint)(word >> 32);
        int count = CountOf(word);
        float mean = MeanOf(word), variance = VarianceOf(word);
        uint gap = now - last;
        // A gap beyond the pause, which one of a clock set back is too, says nothing; the count begun stays.
        if (word == 0 || gap > PauseMs)
            return Pack(now, mean, variance, count);
        float off = LogOf(gap) - mean;
        float share = 1f / Math.Min(count + 1, MemoryMax);
        mean += off * share;
        variance = (1 - share) * (variance + (off * off * share));
        return Pack(now, mean, variance, Math.Min(count + 1, CountMax));
    }

    /// <summary>Gaps counted, at most 255.</summary>
    public static int CountOf(ulong word) => (int)(word & 0xFF);

    /// <summary>Mean of log₂(1 + milliseconds).</summary>
    public static float MeanOf(ulong word) => (word >> 20 & 0xFFF) * MeanUnit;

    /// <summary>Variance of the same.</summary>
    public static float VarianceOf(ulong word) => (word >> 8 & 0xFFF) * VarianceUnit;

    // 1 + gap, so that no gap is 0 and not minus infinity.
    private static float LogOf(uint gap)
    {
        int power = BitOperations.Log2(gap + 1);
        return power + ((gap + 1) / (float)(1u << power)) - 1;
    }

    private static ulong Pack(uint now, float mean, float variance, int count) =>
        (ulong)now << 32 | Units(mean, MeanUnit) << 20 | Units(variance, VarianceUnit) << 8 | (uint)count;

    private static ulong Units(float value, float unit) => (ulong)Math.Clamp((value / unit) + 0.5f, 0, 0xFFF);
}
