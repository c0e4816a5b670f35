namespace Weir.Detection.Identification.Signatures;

/// <summary>What became of one attempt to get a key directory. For counters; the names are promised.</summary>
public enum DirectoryResult : byte
{
    /// <summary>It is here.</summary>
    Fetched = 0,

    /// <summary>The name does not resolve.</summary>
    NoAddress = 1,

    /// <summary>The name leads, with at least one address, to a network that is not public.</summary>
    PrivateAddress = 2,

    /// <summary>No connection, no trusted certificate, or broken off.</summary>
    Unreachable = 3,

    /// <summary>It took longer than it may.</summary>
    TooSlow = 4,

    /// <summary>It redirects, which is not followed.</summary>
    Redirect = 5,

    /// <summary>Another status than 200.</summary>
    Status = 6,

    /// <summary>Another media type than a directory's, or an encoded body.</summary>
    MediaType = 7,

    /// <summary>Larger than read.</summary>
    TooLarge = 8,

    /// <summary>No JWK set, or one with more keys than believed.</summary>
    Unreadable = 9,

    /// <summary>Not tried: too many fetches or agents at a time.</summary>
    NotTried = 10,
}

/// <summary>Counts of results since the start. Safe from any thread.</summary>
public sealed class DirectoryCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<DirectoryResult>().Length];
    private long _falseProofs;

    /// <summary>How many attempts ended so.</summary>
    public long this[DirectoryResult result] => Interlocked.Read(ref _counts[(int)result]);

    /// <summary>Keys that were left out because the directory's own signature by them is false.</summary>
    public long FalseProofs => Interlocked.Read(ref _falseProofs);

    internal void Add(DirectoryResult result) => Interlocked.Increment(ref _counts[(int)result]);

    internal void AddFalseProofs(int keys) => Interlocked.Add(ref _falseProofs, keys);
}
