namespace Weir.Ingest.Verdicts;

/// <summary>How far a run is. Stored numbers: may grow, never change.</summary>
public enum ReclassifyState : byte
{
    /// <summary>Under way or broken off; no query sees it.</summary>
    Begun = 1,

    /// <summary>Whole; queries see it unless they ask for another verdict.</summary>
    Applied = 2,

    /// <summary>Taken back.</summary>
    Dropped = 3,
}

/// <summary>One run over stored hits.</summary>
public sealed record ReclassifyRun
{
    /// <summary>Its number, from 1; of two that cover a hit the higher one counts.</summary>
    public required uint Run { get; init; }

    /// <summary>How far it is.</summary>
    public ReclassifyState State { get; init; } = ReclassifyState.Begun;

    /// <summary>The one site covered; empty for all.</summary>
    public required string Site { get; init; }

    /// <summary>Start of the span covered, inside it.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the span covered, outside it.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Version of the catalog that judged.</summary>
    public required string Catalog { get; init; }

    /// <summary>Names the catalog and every version of a range list that judged; a run goes on with equal knowledge alone.</summary>
    public required string Knowledge { get; init; }

    /// <summary>Hits judged.</summary>
    public long Hits { get; init; }

    /// <summary>Those whose verdict differs from the one they were given.</summary>
    public long Changed { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>The site that it is at; empty before the first.</summary>
    internal string DoneSite { get; init; } = "";

    /// <summary>The last hit of that site that is judged and stored, with <see cref="DoneId"/>.</summary>
    internal DateTimeOffset DoneTime { get; init; }

    /// <summary>Its id.</summary>
    internal ulong DoneId { get; init; }
}
