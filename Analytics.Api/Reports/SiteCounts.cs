using System.Runtime.InteropServices;
using Weir.Analytics.Api.Hosting;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Hits of one sort.</summary>
/// <param name="Sort">The sort.</param>
/// <param name="Hits">Hits of the span.</param>
/// <param name="HitsBefore">Hits of the span before.</param>
/// <param name="FirstMs">The first of the span; 0 without any.</param>
/// <param name="LastMs">The last of the span.</param>
/// <param name="Hours">Hours of the span that have any, as Unix seconds, in order.</param>
/// <param name="HourHits">Hits of each.</param>
internal sealed record SortCounts(HitSort Sort, long Hits, long HitsBefore, long FirstMs, long LastMs, IReadOnlyList<long> Hours, IReadOnlyList<long> HourHits)
{
    /// <summary>Whether a program says or shows that it is one.</summary>
    public bool IsProgram => Sort.Kind is "crawler" or "automation";

    /// <summary>Whether its purpose is one of AI.</summary>
    public bool IsAi => Sort.Purpose.StartsWith("ai-", StringComparison.Ordinal);
}

/// <summary>Different addresses of a site's hits.</summary>
/// <param name="Clients">Those of a span.</param>
/// <param name="Before">Those of the span before, as much of it as had passed of the span.</param>
/// <param name="Hits">Hits of the span.</param>
internal sealed record SiteClients(long Clients, long Before, long Hits) : IKeptRows
{
    int IKeptRows.Bytes => 100;
}

/// <summary>A site's hits of a span and of the one before, by sort and hour: what the figures, lines and crawlers of a view are summed from.</summary>
/// <param name="Range">The span.</param>
/// <param name="Before">The one before, as much of it as had passed of the span; null before 1970.</param>
/// <param name="Sorts">One a sort.</param>
internal sealed record SiteCounts(TimeRange Range, TimeRange? Before, IReadOnlyList<SortCounts> Sorts) : IKeptRows
{
    /// <summary>Whether hits of one crawler read as another's: counts lose them, but a crawler's first and last times do not.</summary>
    public bool HaveMoved { get; private init; }

    int IKeptRows.Bytes => 200 + Sorts.Sum(s => 200 + (16 * s.Hours.Count));

    long IKeptRows.Hits => Sorts.Sum(s => s.Hits);

    /// <summary>The same as the hits read with what amends them: each amended one counts as what it reads as, and no longer as what it was.</summary>
    public SiteCounts With(IReadOnlyList<AmendedLine> lines)
    {
        var changes = new Dictionary<HitSort, Change>();
        foreach (var line in lines.Where(l => l.Was != l.Reads))
        {
            Note(line.Was, -1, line.TimeMs);
            Note(line.Reads, 1, line.TimeMs);
        }
        if (changes.Count == 0)
            return this;
        var known = Sorts.Select(s => changes.Remove(s.Sort, out var change) ? change.On(s) : s).ToList();
        bool haveMoved = lines.Any(l => l.Was.Crawler.Length > 0 && l.Was.Crawler != l.Reads.Crawler && l.TimeMs >= Range.FromMs);
        return this with { HaveMoved = haveMoved, Sorts = [.. known, .. changes.Select(c => c.Value.On(new SortCounts(c.Key, 0, 0, 0, 0, [], [])))] };

        void Note(HitSort sort, long hits, long timeMs)
        {
            if (!changes.TryGetValue(sort, out var change))
                changes[sort] = change = new Change();
            if (timeMs >= Range.FromMs && timeMs < Range.ToMs)
                change.Add(hits, timeMs);
            else if (Before is { } before && timeMs >= before.FromMs && timeMs < before.ToMs)
                change.AddBefore(hits);
        }
    }

    private sealed class Change
    {
        private readonly Dictionary<long, long> _hours = [];
        private long _hits, _before, _firstMs, _lastMs;

        public void Add(long hits, long timeMs)
        {
            _hits += hits;
            CollectionsMarshal.GetValueRefOrAddDefault(_hours, timeMs / 3_600_000 * 3_600, out _) += hits;
            if (hits < 0)
                return;
            _firstMs = _firstMs == 0 ? timeMs : Math.Min(_firstMs, timeMs);
            _lastMs = Math.Max(_lastMs, timeMs);
        }

        public void AddBefore(long hits) => _before += hits;

        public SortCounts On(SortCounts sort)
        {
            var hours = new SortedDictionary<long, long>(_hours);
            for (int i = 0; i < sort.Hours.Count; i++)
                hours[sort.Hours[i]] = hours.GetValueOrDefault(sort.Hours[i]) + sort.HourHits[i];
            return new SortCounts(
                sort.Sort, sort.Hits + _hits, sort.HitsBefore + _before, sort.FirstMs == 0 ? _firstMs : _firstMs == 0 ? sort.FirstMs : Math.Min(_firstMs, sort.FirstMs),
                Math.Max(_lastMs, sort.LastMs), [.. hours.Keys], [.. hours.Values]);
        }
    }
}
