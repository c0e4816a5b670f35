namespace Weir.Scheduling.Targets;

/// <summary>A wish for targets as somebody wrote it, not checked yet. Property names are those of the JSON and the CSV header.</summary>
public sealed record TargetDraft
{
    /// <summary>The brand.</summary>
    public string? Brand { get; init; }

    /// <summary>The question that the brand wants answered well.</summary>
    public string? Query { get; init; }

    /// <summary>Engines to ask; one target each.</summary>
    public IReadOnlyList<string?>? Engines { get; init; }

    /// <summary>The engine, when it is one.</summary>
    public string? Engine { get; init; }

    /// <summary>Pages that the answer may draw on.</summary>
    public IReadOnlyList<PageDraft?>? Pages { get; init; }

    /// <summary>What the query is about.</summary>
    public IReadOnlyList<string?>? Topics { get; init; }

    /// <summary>Site of pages that name none.</summary>
    public string? Site { get; init; }
}

/// <summary>A page link as somebody wrote it.</summary>
/// <param name="Site">The site; the draft's when left out.</param>
/// <param name="Pattern">Which pages, or an absolute URL.</param>
/// <param name="Weight">How much they bear on the answer; 1 when left out.</param>
public sealed record PageDraft(string? Site = null, string? Pattern = null, double? Weight = null);

/// <summary>What is wrong with one field.</summary>
/// <param name="Field">The field, such as <c>pages[0].site</c>.</param>
/// <param name="Error">What is wrong and what to write instead.</param>
public readonly record struct FieldError(string Field, string Error);
