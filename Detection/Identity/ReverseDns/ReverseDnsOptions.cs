using System.Net;

namespace Weir.Detection.Identification;

/// <summary>Bounds of reverse DNS. The defaults suit one edge.</summary>
public sealed record ReverseDnsOptions
{
    /// <summary>The DNS servers to ask; empty for the system's.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>How many addresses are remembered; a power of two. Some 200 bytes each when they have names.</summary>
    public int CacheEntries { get; init; } = 65_536;

    /// <summary>How many questions may wait. Some seconds of work: a question that waits longer helps nobody.</summary>
    public int QueueMax { get; init; } = 4096;

    /// <summary>How many questions may be under way at once; a quarter of them is kept for neighbours of known crawlers.</summary>
    public int ConcurrencyMax { get; init; } = 32;

    /// <summary>How many open questions one IPv4 /16 or IPv6 /32 may have.</summary>
    public int NeighbourhoodMax { get; init; } = 64;

    /// <summary>How long one DNS query may take before it is sent once more.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long all queries about one address may take together.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a question may wait for its turn before it is shed.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The shortest and the longest time that names are believed, whatever DNS says.</summary>
    public (TimeSpan Min, TimeSpan Max) NamesTtl { get; init; } = (TimeSpan.FromMinutes(5), TimeSpan.FromHours(24));

    /// <summary>How long it is believed that an address has no name of an operator's.</summary>
    public TimeSpan NoNamesTtl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long after no answer DNS is asked again; doubled with each failure, up to <see cref="NoNamesTtl"/>.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an answer may serve after its time while DNS is silent (RFC 8767 says one to three days).</summary>
    public TimeSpan StaleMax { get; init; } = TimeSpan.FromHours(24);
}
