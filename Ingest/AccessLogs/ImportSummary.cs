namespace Weir.Ingest.AccessLogs;

/// <summary>What an import came to. Lines = stored + already stored + rejected.</summary>
public sealed record ImportSummary
{
    /// <summary>Lines read; comments of a format and empty lines are none.</summary>
    public required long Lines { get; init; }

    /// <summary>Hits that are in the store because of this import.</summary>
    public required long Stored { get; init; }

    /// <summary>Lines that cannot be read as requests, or that the store refuses.</summary>
    public required long Rejected { get; init; }

    /// <summary>Lines whose hits were in the store before.</summary>
    public required long AlreadyStored { get; init; }

    /// <summary>The formats found, joined by commas; empty when there was no line.</summary>
    public required string Format { get; init; }

    /// <summary>Every crawler that a readable line claims, by id.</summary>
    public required IReadOnlyDictionary<string, CrawlerTally> Crawlers { get; init; }

    /// <summary>Readable lines by kind of client.</summary>
    public required IReadOnlyDictionary<string, long> Kinds { get; init; }

    /// <summary>Visits that an engine, search page or network sent, by its name.</summary>
    public required IReadOnlyDictionary<string, ReferralTally> Referrals { get; init; }

    /// <summary>The first lines that were rejected, at most three.</summary>
    public required IReadOnlyList<RejectedLine> RejectedExamples { get; init; }

    /// <summary>Rejected lines by what is wrong with them.</summary>
    public required IReadOnlyDictionary<LineFault, long> Faults { get; init; }

    /// <summary>Logs in which an earlier import had stopped: lines before are stored, and are no part of these counts.</summary>
    public required IReadOnlyList<ContinuedLog> Continued { get; init; }

    /// <summary>How often the time of a log stepped back by more than ten minutes: another log behind the first, or a clock that was set.</summary>
    public required long StepsBack { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Files that could not be read to their end, one line each; what was read of them is stored.</summary>
    public required IReadOnlyList<string> Failures { get; init; }
}

/// <summary>Hits of one crawler, and what checking their claim gave.</summary>
/// <param name="Name">Name as its operator writes it.</param>
/// <param name="Hits">All of them.</param>
/// <param name="Verified">Confirmed by a documented method.</param>
/// <param name="Spoofed">Failing a complete method.</param>
/// <param name="Unverifiable">Neither.</param>
public sealed record CrawlerTally(string Name, long Hits, long Verified, long Spoofed, long Unverifiable);

/// <summary>Visits sent by one source.</summary>
/// <param name="Class">What sort of source.</param>
/// <param name="Hits">How many.</param>
public sealed record ReferralTally(Detection.ReferralClass Class, long Hits);

/// <summary>A line that could not be read.</summary>
/// <param name="File">The file, as it was given.</param>
/// <param name="Line">Its number from 1.</param>
/// <param name="Text">Its head in printable ASCII.</param>
/// <param name="Fault">What is wrong with it.</param>
public sealed record RejectedLine(string File, long Line, string Text, LineFault Fault);

/// <summary>A log in which reading went on.</summary>
/// <param name="File">The file, as it was given.</param>
/// <param name="Lines">Lines before, which an earlier import stored.</param>
public sealed record ContinuedLog(string File, long Lines);

/// <summary>How far an import is.</summary>
/// <param name="Lines">Lines read.</param>
/// <param name="BytesDone">Bytes of the files read, as they are on disk.</param>
/// <param name="BytesTotal">Bytes of all files; 0 when standard input is among them.</param>
public readonly record struct ImportProgress(long Lines, long BytesDone, long BytesTotal);
