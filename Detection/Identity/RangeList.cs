namespace Weir.Detection.Identification;

/// <summary>How far a range list can be trusted.</summary>
public enum RangeConfidence : byte
{
    /// <summary>Gathered by others and incomplete: being outside proves nothing.</summary>
    Reported = 0,

    /// <summary>The operator publishes it.</summary>
    Published = 1,
}

/// <summary>What lives inside the ranges of a list.</summary>
public enum RangeScope : byte
{
    /// <summary>The operator's crawlers.</summary>
    Crawler = 0,

    /// <summary>A whole network or shared infrastructure, where customers and staff are too: being inside proves little.</summary>
    Network = 1,
}

/// <summary>What the catalog says of a range list, besides its content.</summary>
public sealed record RangeListSource
{
    /// <summary>File name below <c>ip-ranges/</c>.</summary>
    public required string File { get; init; }

    /// <summary>Who publishes it.</summary>
    public required string Operator { get; init; }

    /// <summary>Where it is published; null when it is gathered by others.</summary>
    public string? Url { get; init; }

    /// <summary>When this copy was taken.</summary>
    public required DateTimeOffset RetrievedAt { get; init; }

    /// <summary>Whether the operator stands behind it.</summary>
    public required RangeConfidence Confidence { get; init; }

    /// <summary>Whether it holds crawlers alone.</summary>
    public required RangeScope Scope { get; init; }

    /// <summary>Whether its operator documents it as complete, so that an address outside is somebody else.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>The member of the file to read, where one file serves several products; null for all of it.</summary>
    public string? Section { get; init; }
}

/// <summary>The prefixes that an operator publishes, at one version. Immutable; safe from any thread.</summary>
public sealed class RangeList
{
    private readonly IPv4Intervals _ipv4;
    private readonly IPv6Intervals _ipv6;

    internal RangeList(RangeListSource source, RangeListContent content)
    {
        Source = source;
        Prefixes = content.Prefixes;
        Version = content.CreatedAt is { } at ? at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ") : content.ContentHash;
        Label = $"{source.File}@{Version}";
        PublishedAt = content.CreatedAt ?? source.RetrievedAt;
        PublishedAtMs = PublishedAt.ToUnixTimeMilliseconds();
        ContentHash = content.ContentHash;
        _ipv4 = new IPv4Intervals(content.Prefixes.Where(p => p.IsIPv4));
        _ipv6 = new IPv6Intervals(content.Prefixes.Where(p => !p.IsIPv4));
        // A list that is made anew only when it changes is still good on the day it was fetched.
        var knownGoodAt = source.RetrievedAt > PublishedAt ? source.RetrievedAt : PublishedAt;
        KnownGoodAtMs = knownGoodAt.ToUnixTimeMilliseconds();
    }

    private RangeList(RangeList other, RangeList? earlier, long knownGoodAtMs)
    {
        (Source, Prefixes, Version, Label, ContentHash) = (other.Source, other.Prefixes, other.Version, other.Label, other.ContentHash);
        (PublishedAt, PublishedAtMs) = (other.PublishedAt, other.PublishedAtMs);
        (_ipv4, _ipv6) = (other._ipv4, other._ipv6);
        Earlier = earlier;
        KnownGoodAtMs = knownGoodAtMs;
    }

    /// <summary>What the catalog says of it.</summary>
    public RangeListSource Source { get; }

    /// <summary>Its own creation time (<c>2026-08-21T14:45:42Z</c>), or a hash of its bytes when it states none.</summary>
    public string Version { get; }

    /// <summary><c>file@version</c>, as verdicts and hits keep it.</summary>
    public string Label { get; }

    /// <summary>Its own creation time, or when the copy was taken if it states none. A hit before that is not judged by it.</summary>
    public DateTimeOffset PublishedAt { get; }

    /// <summary>The prefixes as read, doubles and overlaps included.</summary>
    public IReadOnlyList<Prefix> Prefixes { get; }

    /// <summary>IPv4 intervals after merging.</summary>
    public int IPv4Intervals => _ipv4.Count;

    /// <summary>IPv6 intervals after merging.</summary>
    public int IPv6Intervals => _ipv6.Count;

    /// <summary>The version before this one, as far as it is held; old hits are judged by it.</summary>
    public RangeList? Earlier { get; }

    /// <summary>When its publisher last said that it is still good.</summary>
    public DateTimeOffset KnownGoodAt => DateTimeOffset.FromUnixTimeMilliseconds(KnownGoodAtMs);

    /// <summary>The first 12 hex digits of the SHA-256 of its bytes.</summary>
    internal string ContentHash { get; }

    internal long PublishedAtMs { get; }

    internal long KnownGoodAtMs { get; }

    /// <summary>Whether an address is inside. False for an unknown one. Allocates nothing.</summary>
    public bool Contains(ClientAddress address) =>
        address.IsIPv4 ? _ipv4.Contains(address.IPv4) : address.IsKnown && _ipv6.Contains(address.Value);

    /// <summary>The version that was valid at a time: the newest not published later, else the oldest held.</summary>
    /// <param name="timeMs">Milliseconds since 1970.</param>
    /// <param name="next">The version after it; null when it is the newest.</param>
    internal RangeList At(long timeMs, out RangeList? next)
    {
        next = null;
        var version = this;
        while (version.PublishedAtMs > timeMs && version.Earlier is { } earlier)
            (next, version) = (version, earlier);
        return version;
    }

    /// <summary>The same list, with other versions behind it.</summary>
    internal RangeList After(RangeList? earlier) => new(this, earlier, KnownGoodAtMs);

    /// <summary>The same list, found to be still good.</summary>
    internal RangeList StillGoodAt(DateTimeOffset time) => new(this, Earlier, Math.Max(KnownGoodAtMs, time.ToUnixTimeMilliseconds()));

    /// <summary>Whether the list has an address of the same neighbourhood: IPv4 /16, IPv6 /32. Allocates nothing.</summary>
    public bool IsNear(ClientAddress address) => address.IsIPv4
        ? _ipv4.Overlaps(address.IPv4 & 0xFFFF0000, address.IPv4 | 0xFFFF)
        : address.IsKnown && _ipv6.Overlaps(address.Value >> 96 << 96, address.Value | (UInt128.MaxValue >> 32));

    /// <summary>Reads a list and refuses an absurd one.</summary>
    /// <param name="source">What the catalog says of it.</param>
    /// <param name="content">The file's bytes, in any shape that operators publish.</param>
    /// <param name="previous">The list in use, which the new one must not have lost half of; null at the first load.</param>
    /// <exception cref="RangeListException">It cannot be read or must be refused; says where and what to do.</exception>
    public static RangeList Read(RangeListSource source, ReadOnlyMemory<byte> content, RangeList? previous = null)
    {
        var read = RangeListReader.Read(source.File, content, source.Section);
        RangeListRules.ThrowIfAbsurd(source.File, read.Prefixes, previous);
        return new RangeList(source, read);
    }
}
