using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Weir.Proxy.Origins;

/// <summary>Marks requests that this edge has forwarded (RFC 8586), so that one that comes back is known.</summary>
internal sealed class LoopMark
{
    /// <summary>The header that carries the marks of every edge on the way.</summary>
    public const string Header = "CDN-Loop";

    /// <summary>This edge's mark. Its own in every process, so that one edge before another is no loop.</summary>
    public string Value { get; } = $"weir-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    /// <summary>Whether a request's marks hold this edge's.</summary>
    public bool IsIn(in StringValues marks)
    {
        foreach (string? mark in marks)
        {
            if (mark?.Contains(Value, StringComparison.Ordinal) == true)
                return true;
        }
        return false;
    }
}
