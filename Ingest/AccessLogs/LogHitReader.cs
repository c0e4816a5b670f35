using Weir.Detection;

namespace Weir.Ingest.AccessLogs;

/// <summary>Takes a hit that lives for the call.</summary>
public delegate void HitTaker(in Hit hit);

/// <summary>What reading logs came to.</summary>
/// <param name="Lines">Lines read.</param>
/// <param name="Rejected">Lines that cannot be read as requests.</param>
/// <param name="Format">The formats found, joined by commas; empty when there was no line.</param>
/// <param name="RejectedExamples">The first lines that were rejected, at most three.</param>
/// <param name="Failures">Files that could not be read to their end, one line each.</param>
public sealed record LogSummary(
    long Lines, long Rejected, string Format, IReadOnlyList<RejectedLine> RejectedExamples, IReadOnlyList<string> Failures);

/// <summary>Reads access logs into classified hits and stores nothing. For one thread at a time.</summary>
/// <param name="site">Whose logs they are.</param>
/// <param name="detector">Classifies; its windows should be its own, since they are fed with the log's times.</param>
/// <param name="time">Clock by which a time is in the future; the system's when null.</param>
public sealed class LogHitReader(SiteId site, Detector detector, TimeProvider? time = null)
{
    // Lines of a file that are asked for its time: enough to pass over a head and a few broken ones.
    private const int LinesAsked = 50;

    /// <summary>Reads files in the order of their first lines' times, whatever order they are named in; standard input comes as it comes.</summary>
    /// <param name="files">Names; <c>-</c> is standard input.</param>
    /// <param name="take">Told of each hit.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="ImportException">A file cannot be opened or is in no known format. Nothing was read then.</exception>
    public LogSummary Read(IReadOnlyList<string> files, HitTaker take, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        var tally = new ImportTally();
        var walk = new Walk(site, detector, tally, time ?? TimeProvider.System, take);
        foreach (string file in files.OrderBy(FirstTimeMs).ToList())
        {
            using var log = walk.Open(file);
            while (walk.ReadSome(log))
                stop.ThrowIfCancellationRequested();
        }
        return new LogSummary(tally.Lines, tally.Rejected, string.Join(", ", tally.Formats), tally.Examples, tally.Failures);
    }

    private static long FirstTimeMs(string file)
    {
        if (file == LogSource.StandardInput)
            return long.MaxValue;
        using var source = LogSource.Open(file);
        var scratch = new LineScratch();
        var format = LogWalk.FormatOf(source, file);
        for (int i = 0; i < LinesAsked && format is not null && source.Lines.TryRead(out var line, out bool isTooLong); i++)
        {
            LogLine read = default;
            if (!isTooLong && format.TryRead(line, scratch, ref read) == LineResult.Read)
                return read.TimeMs;
        }
        return long.MaxValue;
    }

    private sealed class Walk(SiteId site, Detector detector, ImportTally tally, TimeProvider time, HitTaker take) : LogWalk(site, detector, tally, time)
    {
        protected override string AfterFailure => "What was read of it counts.";

        protected override void Keep(in Hit hit) => take(hit);
    }
}
