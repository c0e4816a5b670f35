using System.IO.Hashing;
using System.Runtime.InteropServices;
using Weir.Detection;
using Weir.Detection.Signals.Clients;
using Weir.Ingest.AccessLogs;

namespace Weir.Accuracy.Rows;

/// <summary>One request of a log, without its user agent: that is what the label comes from.</summary>
internal readonly record struct LogStep(long TimeMs, UInt128 Client, ulong PathHash, PathClass Path, ushort Status, bool HasReferrer)
{
    public ClientRequest Request => new() { TimeMs = TimeMs, Client = Client, Path = Path, PathHash = PathHash };

    public ClientAnswer Answer => new()
    {
        TimeMs = TimeMs,
        Client = Client,
        Path = Path,
        Status = Status,
        HasReferrer = HasReferrer,
        SiteHasAssets = true,
    };
}

/// <summary>A client of a log whose label its identity gives.</summary>
/// <param name="IsProgram">Whether all it sent names a program; otherwise all it sent names browsers, and it took pages with their parts.</param>
/// <param name="Steps">Its requests in the order of time.</param>
internal sealed record LabelledClient(bool IsProgram, IReadOnlyList<LogStep> Steps);

/// <summary>Reads an access log and labels its clients by who they say they are.</summary>
internal sealed class LabelledLog
{
    private LabelledLog(IReadOnlyList<LabelledClient> elder, IReadOnlyList<LabelledClient> younger, int unlabelled, int inBoth) =>
        (Elder, Younger, Unlabelled, InBoth) = (elder, younger, unlabelled, inBoth);

    /// <summary>Clients with what they did in the elder half of the log's time.</summary>
    public IReadOnlyList<LabelledClient> Elder { get; }

    /// <summary>Clients with what they did in the younger half, as if nobody had been seen before.</summary>
    public IReadOnlyList<LabelledClient> Younger { get; }

    /// <summary>Clients that no label fits, such as browsers that took one picture.</summary>
    public int Unlabelled { get; }

    /// <summary>Clients of the younger half that are in the elder one too.</summary>
    public int InBoth { get; }

    /// <param name="file">The log, packed or not.</param>
    /// <param name="detector">Says what a user agent names; without windows, so that no behaviour is in the label.</param>
    public static LabelledLog Read(string file, Detector detector)
    {
        var clients = new Dictionary<UInt128, List<(LogStep Step, Verdict Verdict)>>();
        using var source = LogSource.Open(file);
        var format = LogFormats.Detect(source.Lines.Peek())!;
        var hits = new LogHits(SiteId.Parse("bench"), detector);
        var scratch = new LineScratch();
        var timeline = new LogTimeline();
        while (source.Lines.TryRead(out var line, out _))
        {
            LogLine read = default;
            if (format.TryRead(line, scratch, ref read) != LineResult.Read || !read.ClientAddress.IsKnown)
                continue;
            var hit = hits.HitOf(line, read, timeline);
            var key = hit.ClientAddress.ClientKey;
            if (!clients.TryGetValue(key, out var steps))
                clients.Add(key, steps = []);
            ulong path = XxHash3.HashToUInt64(MemoryMarshal.AsBytes((hit.Path + '?' + hit.Query).AsSpan()));
            steps.Add((new LogStep(hit.TimeMs, key, path, PathClasses.Of(hit.Path), hit.Status, hit.Referrer.Length > 0), hit.Verdict));
        }
        long first = clients.Values.Min(lines => lines.Min(l => l.Step.TimeMs)), last = clients.Values.Max(lines => lines.Max(l => l.Step.TimeMs));
        long middle = first + ((last - first) / 2);
        var elder = Half(clients.Values, line => line.Step.TimeMs < middle);
        var younger = Half(clients.Values, line => line.Step.TimeMs >= middle);
        var known = elder.Labelled.Select(c => c.Steps[0].Client).ToHashSet();
        return new LabelledLog(elder.Labelled, younger.Labelled, elder.Others + younger.Others, younger.Labelled.Count(c => known.Contains(c.Steps[0].Client)));
    }

    private static (List<LabelledClient> Labelled, int Others) Half(IEnumerable<List<(LogStep Step, Verdict Verdict)>> clients, Func<(LogStep Step, Verdict), bool> isIn)
    {
        var present = clients.Select(lines => lines.Where(isIn).ToList()).Where(lines => lines.Count > 0).ToList();
        var labelled = present.Select(Label).OfType<LabelledClient>().ToList();
        return (labelled, present.Count - labelled.Count);
    }

    private static LabelledClient? Label(List<(LogStep Step, Verdict Verdict)> lines)
    {
        LogStep[] steps = [.. lines.Select(l => l.Step).OrderBy(s => s.TimeMs)];
        if (lines.All(l => l.Verdict.IsAutomated))
            return new LabelledClient(true, steps);
        bool isBrowser = lines.All(l => !l.Verdict.IsAutomated && l.Verdict.Reasons.Has(Reason.BrowserForm));
        return isBrowser && steps.Any(s => s.Path == PathClass.Page) && steps.Any(s => s.Path == PathClass.Asset) ? new LabelledClient(false, steps) : null;
    }
}
