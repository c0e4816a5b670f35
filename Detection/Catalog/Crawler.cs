namespace Weir.Detection.Catalog;

/// <summary>One crawler of the catalog. Immutable; verdicts refer to it.</summary>
public sealed record Crawler
{
    /// <summary>Short stable name such as <c>gptbot</c>; stored in hits.</summary>
    public required string Id { get; init; }

    /// <summary>Name as its operator writes it.</summary>
    public required string Name { get; init; }

    /// <summary>Who runs it.</summary>
    public required string Operator { get; init; }

    /// <summary>Why it fetches.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>Answer engines that its fetches feed; empty when none is known.</summary>
    public IReadOnlyList<EngineFeed> Engines { get; init; } = [];
}

/// <summary>That a crawler's fetches feed an answer engine.</summary>
/// <param name="Engine">Engine name such as <c>chatgpt</c>.</param>
/// <param name="Weight">How much a fetch says about that engine's answers, 0 to 1.</param>
/// <param name="Delay">How long after a fetch an answer typically changes.</param>
public sealed record EngineFeed(string Engine, double Weight, TimeSpan Delay);
