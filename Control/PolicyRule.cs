using Weir.Detection;
using Weir.Detection.Places;

namespace Weir.Control;

/// <summary>One rule of a site's policy. Conditions that are given must all hold; of a list, one entry must. The first rule that matches decides.</summary>
public sealed record PolicyRule
{
    /// <summary>Its name within the site; stored with every hit that it decides.</summary>
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    public required PolicyAction Action { get; init; }

    /// <summary>Whether it acts. Otherwise it is in dry run: hits say what it would have done, and rules behind it act.</summary>
    public bool IsEnforced { get; init; }

    /// <summary>Crawler ids of the catalog.</summary>
    public IReadOnlyList<string> Crawlers { get; init; } = [];

    /// <summary>Operators as the catalog writes them.</summary>
    public IReadOnlyList<string> Operators { get; init; } = [];

    /// <summary>Why the crawler fetches.</summary>
    public IReadOnlyList<Purpose> Purposes { get; init; } = [];

    /// <summary>What checking its claim gave.</summary>
    public IReadOnlyList<Identity> Identities { get; init; } = [];

    /// <summary>What sort of client.</summary>
    public IReadOnlyList<VerdictKind> Kinds { get; init; } = [];

    /// <summary>What sort of page sent the visitor.</summary>
    public IReadOnlyList<ReferralClass> Referrals { get; init; } = [];

    /// <summary>Where the client is; <c>default</c> stands for unknown.</summary>
    public IReadOnlyList<Country> Countries { get; init; } = [];

    /// <summary>Lowest score.</summary>
    public byte ScoreMin { get; init; }

    /// <summary>Highest score.</summary>
    public byte ScoreMax { get; init; } = 100;

    /// <summary>Paths as robots.txt writes them: a prefix, <c>*</c> for anything, a last <c>$</c> for the path's end.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Methods in upper case.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>What <see cref="PolicyAction.Limit"/> allows; null for other actions.</summary>
    public RequestLimit? Limit { get; init; }

    /// <summary>What <see cref="PolicyAction.Price"/> asks, such as <c>USD 0.01</c>; null for other actions.</summary>
    public string? Price { get; init; }

    /// <summary>Where who was refused may turn to; null when nowhere.</summary>
    public string? Contact { get; init; }
}

/// <summary>So many requests in a window.</summary>
/// <param name="Requests">How many.</param>
/// <param name="Seconds">Length of the window.</param>
/// <param name="Per">Who shares the count.</param>
public sealed record RequestLimit(int Requests, int Seconds, LimitScope Per = LimitScope.Client)
{
    /// <summary>How many, when nobody said.</summary>
    public const int RequestsOtherwise = 100;

    /// <summary>In how long, when nobody said.</summary>
    public const int SecondsOtherwise = 60;
}

/// <summary>Who shares the count of a limit.</summary>
public enum LimitScope : byte
{
    /// <summary>Each client key: an IPv4 address, or the /64 of an IPv6 address.</summary>
    Client,

    /// <summary>Each crawler, from wherever it comes; clients that claim none share one count.</summary>
    Crawler,
}
