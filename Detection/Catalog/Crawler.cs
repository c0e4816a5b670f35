using Weir.Detection.Identification;

namespace Weir.Detection.Catalog;

/// <summary>One crawler of the catalog. Immutable; verdicts refer to it.</summary>
public sealed record Crawler
{
    /// <summary>Short stable name such as <c>gptbot</c>; stored in hits.</summary>
    public required string Id
    {
        get;
        init => (field, Number) = (value, NameNumbers.Of(value));
    }

    /// <summary>A number for <see cref="Id"/>, the same in every catalog of this process; never stored.</summary>
    public int Number { get; private init; }

    /// <summary>Name as its operator writes it.</summary>
    public required string Name { get; init; }

    /// <summary>Who runs it; <c>unknown</c>, or <c>open source</c> when whoever runs it is the operator.</summary>
    public required string Operator
    {
        get;
        init => (field, OperatorNumber) = (value, NameNumbers.Of(value));
    }

    /// <summary>A number for <see cref="Operator"/>, the same in every catalog of this process; never stored.</summary>
    public int OperatorNumber { get; private init; }

    /// <summary>Why it fetches.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>Answer engines that its fetches feed; empty when none is known.</summary>
    public IReadOnlyList<EngineFeed> Engines { get; init; } = [];

    /// <summary>The pieces of a user agent that name it, in any case.</summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>One sentence for people; empty for the long tail.</summary>
    public string Description { get; init; } = "";

    /// <summary>The operator's page about it; null when none is known.</summary>
    public string? Url { get; init; }

    /// <summary>Whether it is a name for robots.txt alone, so that a user agent that carries it is made up.</summary>
    public bool IsRobotsTokenOnly { get; init; }

    /// <summary>Whether it sends an ordinary browser's user agent, so that no token shows it.</summary>
    public bool HasNoOwnUserAgent { get; init; }

    /// <summary>Whether an app or phone platform of people has the same name, so that in a browser's text the name is theirs.</summary>
    public bool IsAlsoApp { get; init; }

    /// <summary>Its Web Bot Auth identity; null when it does not sign.</summary>
    public string? SignatureAgent { get; init; }

    /// <summary>The lists that its addresses are in; empty when none is published or gathered.</summary>
    public IReadOnlyList<RangeList> RangeLists { get; init; } = [];

    /// <summary>Its operator's other lists of crawlers: inside one of them it is not a stranger, but not proved either.</summary>
    public IReadOnlyList<RangeList> KinRangeLists { get; init; } = [];

    /// <summary>Masks of its host names such as <c>*.search.msn.com</c>; empty when none is known.</summary>
    public IReadOnlyList<string> ReverseDnsHosts { get; init; } = [];

    /// <summary>Masks of host names that its operator gives to its customers' programs too, so that one of them proves nothing.</summary>
    public IReadOnlyList<string> SharedReverseDnsHosts { get; init; } = [];

    /// <summary>Whether the operator documents those host names as the way to check it.</summary>
    public bool IsReverseDnsDocumented { get; init; }

    /// <summary>Whether it says that it keeps to robots.txt; null when unknown. Not measured.</summary>
    public bool? SaysItRespectsRobots { get; init; }

    /// <summary>Whether anybody can run it, so that no check can name who did.</summary>
    public bool IsForAnyone => Purpose == Purpose.ScraperLibrary || Operator == "open source";
}

/// <summary>That a crawler's fetches feed an answer engine.</summary>
/// <param name="Engine">Engine name such as <c>chatgpt</c>.</param>
/// <param name="Weight">How much a fetch says about that engine's answers, 0 to 1.</param>
/// <param name="Delay">How long after a fetch an answer typically changes.</param>
public sealed record EngineFeed(string Engine, double Weight, TimeSpan Delay);
