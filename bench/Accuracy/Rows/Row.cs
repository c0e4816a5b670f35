namespace Weir.Accuracy.Rows;

/// <summary>One labelled user agent.</summary>
internal sealed record Row
{
    /// <summary>The text to judge.</summary>
    public required string UserAgent { get; init; }

    /// <summary>Whether its corpus says that a program sent it.</summary>
    public required bool IsBot { get; init; }

    /// <summary>The corpus or list that it comes from.</summary>
    public required string Source { get; init; }

    /// <summary>crawler, library, browser or in-app; or the kind of client as its source puts it.</summary>
    public required string Kind { get; init; }

    /// <summary>The catalog's crawler that its label names; null where it names none.</summary>
    public string? CrawlerId { get; init; }

    /// <summary>Why that crawler fetches, as labelled; null where unknown.</summary>
    public string? Purpose { get; init; }

    /// <summary>Whether its source files it under AI; null where the source does not tell.</summary>
    public bool? IsAi { get; init; }
}

/// <summary>Where rows come from and under which licence.</summary>
/// <param name="Name">The package or list.</param>
/// <param name="Version">Its version; empty where it has none.</param>
/// <param name="Licence">Its licence.</param>
/// <param name="What">What its rows are.</param>
/// <param name="Given">Rows before doubles were left out.</param>
internal sealed record RowSource(string Name, string Version, string Licence, string What, int Given);

/// <summary>Labelled user agents that are scored together.</summary>
/// <param name="Name">Its heading in the report.</param>
/// <param name="Key">Its name in the JSON.</param>
/// <param name="Limits">What its labels cannot show.</param>
/// <param name="Sources">Where its rows come from.</param>
/// <param name="Rows">The rows, in a fixed order.</param>
internal sealed record Corpus(string Name, string Key, IReadOnlyList<string> Limits, IReadOnlyList<RowSource> Sources, IReadOnlyList<Row> Rows);
