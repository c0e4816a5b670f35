using Weir.Detection;
using Weir.Detection.Catalog;

namespace Weir.Ingest.AccessLogs;

/// <summary>Counts while lines are read. For one thread at a time.</summary>
internal sealed class ImportTally
{
    private const int ExamplesMax = 3;
    private const int ExampleBytes = 160;
    private readonly long[] _faults = new long[Enum.GetValues<LineFault>().Length];
    private readonly long[] _kinds = new long[Enum.GetValues<VerdictKind>().Length];
    private readonly Dictionary<Crawler, long[]> _crawlers = [];
    private readonly Dictionary<(string Source, ReferralClass Class), long> _referrals = [];

    public long Lines { get; private set; }

    public long Rejected { get; private set; }

    public List<RejectedLine> Examples { get; } = [];

    public List<string> Formats { get; } = [];

    public List<string> Failures { get; } = [];

    /// <summary>How often the time of a log stepped back.</summary>
    public long StepsBack { get; set; }

    /// <summary>Where reading went on because an earlier import had stopped there.</summary>
    public List<ContinuedLog> Continued { get; } = [];

    public void Reject(LineFault fault, string file, long number, ReadOnlySpan<byte> line)
    {
        Lines++;
        Rejected++;
        _faults[(int)fault]++;
        if (Examples.Count < ExamplesMax)
            Examples.Add(new RejectedLine(file, number, LogText.Printable(line, ExampleBytes), fault));
    }

    /// <summary>Rejected lines by what is wrong with them.</summary>
    /// <param name="refused">Rows that the store refused.</param>
    public Dictionary<LineFault, long> Faults(long refused)
    {
        _faults[(int)LineFault.RefusedByStore] = refused;
        return Enum.GetValues<LineFault>().Where(f => _faults[(int)f] > 0).ToDictionary(f => f, f => _faults[(int)f]);
    }

    public void Count(in Verdict verdict)
    {
        Lines++;
        _kinds[(int)verdict.Kind]++;
        if (verdict.Crawler is { } crawler)
        {
            if (!_crawlers.TryGetValue(crawler, out long[]? identities))
                _crawlers.Add(crawler, identities = new long[Enum.GetValues<Identity>().Length]);
            identities[(int)verdict.Identity]++;
        }
        if (verdict.ReferralSource is { } source)
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_referrals, (source, verdict.ReferralClass), out _)++;
    }

    public Dictionary<string, long> Kinds() =>
        Enum.GetValues<VerdictKind>().Where(k => _kinds[(int)k] > 0).OrderByDescending(k => _kinds[(int)k])
            .ToDictionary(k => k.ToName(), k => _kinds[(int)k]);

    public Dictionary<string, CrawlerTally> Crawlers() =>
        _crawlers.OrderByDescending(c => c.Value.Sum()).ThenBy(c => c.Key.Id, StringComparer.Ordinal).ToDictionary(
            c => c.Key.Id,
            c => new CrawlerTally(c.Key.Name, c.Value.Sum(), c.Value[(int)Identity.Verified], c.Value[(int)Identity.Spoofed],
                c.Value[(int)Identity.Unverifiable]));

    public Dictionary<string, ReferralTally> Referrals() =>
        _referrals.GroupBy(r => r.Key.Source).OrderByDescending(g => g.Sum(r => r.Value)).ToDictionary(
            g => g.Key, g => new ReferralTally(g.First().Key.Class, g.Sum(r => r.Value)));
}
