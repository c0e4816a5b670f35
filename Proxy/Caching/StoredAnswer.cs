using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Weir.Proxy.Caching;

/// <summary>An origin's answer as it is kept. Immutable, so that any number of requests can be given it at once.</summary>
internal sealed record StoredAnswer
{
    // Objects, arrays and the table's own entry, roughly.
    private const int Overhead = 1024;

    /// <summary>Status.</summary>
    public required int Status { get; init; }

    /// <summary>Headers as they are given again: those of this one hop, Age and Content-Length left out.</summary>
    public required KeyValuePair<string, StringValues>[] Headers { get; init; }

    /// <summary>The body as sent, content encoding and all.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>Its directives.</summary>
    public required CacheControl Control { get; init; }

    /// <summary>For how long it is fresh, milliseconds.</summary>
    public required long LifetimeMs { get; init; }

    /// <summary>How old it was when it arrived, milliseconds.</summary>
    public required long InitialAgeMs { get; init; }

    /// <summary>When it arrived, by the monotonic clock: a wall clock that jumps makes no answer older or younger.</summary>
    public required long ArrivedAt { get; init; }

    /// <summary>Its strong or weak validator; empty for none.</summary>
    public required string ETag { get; init; }

    /// <summary>When it was changed, as it said; empty for none.</summary>
    public required string LastModified { get; init; }

    /// <summary>Names of the request headers that it depends on (RFC 9111 §4.1).</summary>
    public required string[] VaryNames { get; init; }

    /// <summary>What the request that fetched it said in these, each in its comparable form.</summary>
    public required string[] VaryValues { get; init; }

    /// <summary>What the edge told the origin about the client; requests told otherwise share nothing with it.</summary>
    public required string Partition { get; init; }

    /// <summary>Whether the origin can be asked if it is still good.</summary>
    public bool HasValidator => ETag.Length > 0 || LastModified.Length > 0;

    /// <summary>What it takes of the store's bytes, roughly.</summary>
    public long Size => Body.Length + Overhead + (2L * (Headers.Sum(h => h.Key.Length + h.Value.Sum(v => (long)v!.Length)) + VaryValues.Sum(v => v.Length) + Partition.Length));

    /// <summary>How old it is.</summary>
    public long AgeMs(TimeProvider time) => InitialAgeMs + (long)time.GetElapsedTime(ArrivedAt).TotalMilliseconds;

    /// <summary>Whether a request asks for this very variant.</summary>
    public bool Matches(IHeaderDictionary request, string partition)
    {
        if (!string.Equals(Partition, partition, StringComparison.Ordinal))
            return false;
        for (int i = 0; i < VaryNames.Length; i++)
        {
            if (!string.Equals(VaryValues[i], Vary.ComparableOf(VaryNames[i], request), StringComparison.Ordinal))
                return false;
        }
        return true;
    }
}
