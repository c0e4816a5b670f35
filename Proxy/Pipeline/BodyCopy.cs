using System.Buffers;

namespace Weir.Proxy.Pipeline;

/// <summary>A copy of the head of one response body, made as it passes. For one writer at a time.</summary>
/// <param name="bytesMax">Bytes that are kept; what is behind them passes unseen.</param>
internal sealed class BodyCopy(int bytesMax)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);

    /// <summary>What passed so far.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>Copies what passes. Never waits.</summary>
    public void Add(ReadOnlySpan<byte> passing) => _bytes.Write(passing[..Math.Min(passing.Length, bytesMax - _bytes.WrittenCount)]);
}
