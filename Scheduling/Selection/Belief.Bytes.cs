using System.Buffers.Binary;

namespace Weir.Scheduling.Selection;

/// <summary>A target's belief as bytes, so that a program goes on where another stopped.</summary>
internal sealed partial class Belief
{
    /// <summary>Bytes of a target. Hazards are single precision, as weights are.</summary>
    public const int StoredBytes = 90;

    private const byte Version = 1;

    /// <summary>Writes a target.</summary>
    public void Write(int target, Span<byte> bytes)
    {
        bytes[0] = Version;
        bytes[1] = _signals[target];
        for (int i = 0; i < SignalsMax; i++)
            bytes[2 + i] = (byte)_signalClass[target * SignalsMax + i];
        int at = 2 + SignalsMax;
        for (int i = 0; i < SignalsMax; i++)
            Put(bytes, ref at, _signalAt[target * SignalsMax + i]);
        for (int j = 0; j < Rates; j++)
            Put(bytes, ref at, _weights[target * Rates + j]);
        for (int k = 0; k < Delays; k++)
            Put(bytes, ref at, (float)_pending[target * Delays + k]);
        Put(bytes, ref at, (float)_arrived[target]);
        Put(bytes, ref at, (float)_recent[target]);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[at..], _lastScan[target]);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[(at + 8)..], _asOf[target]);
    }

    /// <summary>Reads what <see cref="Write"/> wrote. False when it is no sound belief; then the target is as before.</summary>
    public bool TryRead(int target, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < StoredBytes || bytes[0] != Version || bytes[1] > SignalsMax)
            return false;
        int at = 2 + SignalsMax + (4 * SignalsMax);
        Span<double> numbers = stackalloc double[Rates + Delays + 2];
        for (int i = 0; i < numbers.Length; i++, at += 4)
            numbers[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]);
        double lastScan = BinaryPrimitives.ReadDoubleLittleEndian(bytes[at..]), asOf = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(at + 8)..]);
        double sum = 0;
        foreach (double weight in numbers[..Rates])
            sum += weight;
        if (!(Math.Abs(sum - 1) < 1e-3) || !double.IsFinite(lastScan) || !double.IsFinite(asOf))
            return false;
        foreach (double number in numbers)
        {
            if (!double.IsFinite(number) || number < 0)
                return false;
        }
        for (int j = 0; j < Rates; j++)
            _weights[target * Rates + j] = (float)(numbers[j] / sum);
        numbers.Slice(Rates, Delays).CopyTo(_pending.AsSpan(target * Delays, Delays));
        (_arrived[target], _recent[target], _lastScan[target], _asOf[target]) = (numbers[^2], numbers[^1], lastScan, asOf);
        ReadSignals(target, bytes);
        return true;
    }

    /// <summary>Takes a target over from another belief.</summary>
    public void Copy(Belief from, int source, int target)
    {
        Span<byte> bytes = stackalloc byte[StoredBytes];
        from.Write(source, bytes);
        TryRead(target, bytes);
        from.Weights(source).CopyTo(_weights.AsSpan(target * Rates, Rates));
    }

    private void ReadSignals(int target, ReadOnlySpan<byte> bytes)
    {
        byte known = 0;
        for (int i = 0; i < bytes[1]; i++)
        {
            var signal = (SignalClass)bytes[2 + i];
            float signalAt = BinaryPrimitives.ReadSingleLittleEndian(bytes[(2 + SignalsMax + (4 * i))..]);
            if (!Enum.IsDefined(signal) || !float.IsFinite(signalAt))
                continue;
            (_signalClass[target * SignalsMax + known], _signalAt[target * SignalsMax + known]) = (signal, signalAt);
            known++;
        }
        _signals[target] = known;
    }

    private static void Put(Span<byte> bytes, ref int at, float number)
    {
        BinaryPrimitives.WriteSingleLittleEndian(bytes[at..], number);
        at += 4;
    }
}
