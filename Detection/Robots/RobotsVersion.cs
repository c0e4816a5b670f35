using System.Security.Cryptography;

namespace Weir.Detection.Robots;

/// <summary>What a site answered when it was asked for robots.txt, from one time on. Immutable.</summary>
public sealed class RobotsVersion
{
    private RobotsVersion(DateTimeOffset seenAt, string hash, RobotsFile? file, RobotsBasis basis) =>
        (SeenAt, Hash, File, Basis) = (seenAt, hash, file, basis);

    /// <summary>When it was first seen.</summary>
    public DateTimeOffset SeenAt { get; }

    /// <summary>SHA-256 of its bytes in lower-case hex; empty when there were none.</summary>
    public string Hash { get; }

    /// <summary>The file; null when there was none.</summary>
    public RobotsFile? File { get; }

    /// <summary><see cref="RobotsBasis.Rule"/> for a file, else why there is none.</summary>
    public RobotsBasis Basis { get; }

    /// <summary>A file as served.</summary>
    /// <param name="seenAt">When it was seen; the earliest possible time when it is taken to have always been so.</param>
    /// <param name="content">Its bytes.</param>
    public static RobotsVersion Served(DateTimeOffset seenAt, ReadOnlySpan<byte> content) =>
        new(seenAt, Convert.ToHexStringLower(SHA256.HashData(content)), RobotsFile.Parse(content), RobotsBasis.Rule);

    /// <summary>An answer without a file, by its status: 4xx allows everything, 5xx and none (0) disallow everything (RFC 9309 §2.3.1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The status is of another class.</exception>
    public static RobotsVersion Without(DateTimeOffset seenAt, int status) =>
        new(seenAt, "", null, BasisOf(status) ?? throw new ArgumentOutOfRangeException(nameof(status), status, "Not 0, 4xx or 5xx."));

    /// <summary>What an answer without a file means; null for a status that says nothing about it.</summary>
    internal static RobotsBasis? BasisOf(int status) => status switch
    {
        >= 400 and < 500 => RobotsBasis.Unavailable,
        0 or (>= 500 and < 600) => RobotsBasis.Unreachable,
        _ => null,
    };

    internal bool SaysTheSameAs(RobotsVersion other) => Basis == other.Basis && Hash == other.Hash;
}
