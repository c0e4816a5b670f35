namespace Weir.Worker.Citations;

/// <summary>What an answer says of a brand: the result of a scan and its proof.</summary>
/// <param name="Result"><c>cited</c>, <c>gap</c> or <c>lost_citation</c>.</param>
/// <param name="Evidence">The proof.</param>
public sealed record Citation(string Result, CitationEvidence Evidence);

/// <summary>Why a result is what it is, as it is stored. Texts are the engine's: hostile, bounded and on one line.</summary>
public sealed record CitationEvidence
{
    /// <summary><c>url</c>: a page of the brand's is named. <c>name</c>: the brand is. Null when neither.</summary>
    public string? By { get; init; }

    /// <summary>Pages of the brand's that the answer names, in its order; at most <see cref="CitationFinder.UrlsMax"/>.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>Which of the hosts that the answer names is the brand's first, from 1; null when none is.</summary>
    public int? Position { get; init; }

    /// <summary>How many hosts the answer names.</summary>
    public int Sources { get; init; }

    /// <summary>The name that was found; null when a page was.</summary>
    public string? Name { get; init; }

    /// <summary>The words around it; those at the answer's begin when nothing was found.</summary>
    public string Snippet { get; init; } = "";

    /// <summary>Character of the answer at which it stands; null when it stands beside the answer or nowhere.</summary>
    public int? At { get; init; }

    /// <summary>Characters of the answer.</summary>
    public int AnswerChars { get; init; }

    /// <summary>The model that answered.</summary>
    public string Model { get; init; } = "";

    /// <summary>When the engine was asked.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>Whether another scan of the same query had asked.</summary>
    public bool IsShared { get; init; }

    /// <summary>Whether the answer ended at a limit of the engine's: what it would have said further is not known.</summary>
    public bool IsCut { get; init; }
}
