using System.Runtime.InteropServices;
using Weir.Scheduling.Selection;

namespace Weir.Simulation;

/// <summary>Makes a trace: answers that drift, pages and competitors that move them, engines that are rebuilt, and what a scheduler sees of it. The same seed
/// makes the same trace.</summary>
public sealed class World
{
    // By engine, going round where there are more.
    private static readonly double[] EngineFactor = [1.3, .9, 1.0, 1.1, .7];
    private static readonly double[] DelayMedian = [3, .5, 1, 2, 3];

    // Those of the default sets, with some room.
    private const double EventsPerTargetDay = 0.55;

    // No answer is seen to change more often.
    private const double RateMax = 3;

    private readonly WorldParameters _p;
    private readonly Random _random;
    private readonly List<TraceEvent> _events;
    private readonly List<(double At, int Target)> _changes = [];
    private readonly List<RateChange> _rates = [];
    private readonly int[][] _pagesOf;    // of each query: those that bear on it
    private readonly List<int>[] _known;  // of each page: queries that are known to be borne on

    private World(WorldParameters parameters, int seed)
    {
        (_p, _random) = (parameters, new Random(seed));
        _events = new List<TraceEvent>((int)Math.Min(Array.MaxLength / 4, EventsPerTargetDay * _p.Targets * _p.Days));
        _pagesOf = new int[_p.Brands * _p.Queries][];
        _known = [.. Enumerable.Range(0, _p.Brands * _p.Pages).Select(_ => new List<int>())];
    }

    /// <summary>Makes one.</summary>
    /// <exception cref="SimulationException">A parameter has no meaning.</exception>
    public static Trace Make(WorldParameters parameters, int seed)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Check();
        return new World(parameters, seed).Make();
    }

    private Trace Make()
    {
        MapPages();
        Drift();
        Updates();
        Publish();
        Recrawl();
        Compete();
        FetchForUsers();
        // In place, and with room from the start: half a million targets have 500 MB of events.
        CollectionsMarshal.AsSpan(_events).Sort(static (a, b) => a.At.CompareTo(b.At));
        int n = _p.Targets;
        return new Trace
        {
            Fleet = new Fleet(
                [.. Enumerable.Range(0, n).Select(t => t / _p.Engines / _p.Queries)], [.. Enumerable.Range(0, n).Select(t => t % _p.Engines)]),
            Days = _p.Days,
            Warmup = _p.Warmup,
            Tick = _p.Tick,
            Events = _events,
            Rates = [.. _rates.OrderBy(r => r.At)],
        };
    }

    private void MapPages()
    {
        for (int query = 0; query < _pagesOf.Length; query++)
        {
            int first = query / _p.Queries * _p.Pages;
            var pages = new HashSet<int>();
            while (pages.Count < _p.PagesPerQuery)
                pages.Add(first + _random.Next(_p.Pages));
            _pagesOf[query] = [.. pages];
            foreach (int page in pages.Where(_ => Chance(_p.MapRecall)))
                _known[page].Add(query);
            int spurious = (int)_p.MapSpurious + (Chance(_p.MapSpurious % 1) ? 1 : 0);
            for (int i = 0; i < spurious; i++)
            {
                int page = first + _random.Next(_p.Pages);
                if (!_known[page].Contains(query))
                    _known[page].Add(query);
            }
        }
    }

    // Each target's own rate, drawn anew when its regime ends.
    private void Drift()
    {
        var brandFactor = new double[_p.Brands];
        for (int i = 0; i < brandFactor.Length; i++)
            brandFactor[i] = Math.Exp((_p.BrandSigma * Normal()) - (_p.BrandSigma * _p.BrandSigma / 2));
        for (int target = 0; target < _p.Targets; target++)
        {
            double factor = brandFactor[target / _p.Engines / _p.Queries] * EngineFactor[target % _p.Engines % EngineFactor.Length] * _p.DriftMul;
            for (double from = 0; from < _p.Days;)
            {
                double rate = Math.Min(RateMax, DrawRate() * factor);
                double to = Math.Min(_p.Days, from + Wait(_p.RegimeDays));
                _rates.Add(new RateChange(from, target, rate));
                if (rate > 0)
                {
                    for (double at = from + Wait(1 / rate); at < to; at += Wait(1 / rate))
                        Change(at, target, ChangeCause.Drift);
                }
                from = to;
            }
        }
    }

    private double DrawRate()
    {
        double which = _random.NextDouble();
        return which < _p.WStable ? LogNormal(_p.MedStable, _p.SStable)
            : which < _p.WStable + _p.WMed ? LogNormal(_p.MedMed, _p.SMed)
            : LogNormal(_p.MedVol, _p.SVol);
    }

    private void Updates()
    {
        for (int engine = 0; engine < _p.Engines; engine++)
        {
            foreach (double at in Times(_p.BurstDays))
            {
                double share = _p.PhiLo + (_random.NextDouble() * (_p.PhiHi - _p.PhiLo));
                for (int target = engine; target < _p.Targets; target += _p.Engines)
                {
                    if (Chance(share))
                        Change(at + (_random.NextDouble() * _p.Rollout), target, ChangeCause.Engine);
                }
                if (Chance(_p.PAnnounce))
                    Add(at + (_random.NextDouble() * _p.AnnounceLag), engine, TraceKind.EngineUpdate, 0);
            }
            foreach (double at in Times(_p.FalseAnnounceDays))
                Add(at, engine, TraceKind.EngineUpdate, 0);
        }
    }

    private void Publish()
    {
        var queriesOf = _pagesOf.Index().SelectMany(q => q.Item.Select(page => (page, q.Index))).ToLookup(x => x.page, x => x.Index);
        for (int page = 0; page < _known.Length; page++)
        {
            double rate = LogNormal(_p.PubMedian, _p.PubSigma);
            foreach (double published in Times(rate > 0 ? 1 / rate : 0))
            {
                for (int engine = 0; engine < _p.Engines; engine++)
                {
                    if (!Chance(_p.PFetch))
                        continue;
                    double fetched = published + Wait(_p.FetchMean);
                    if (Chance(_p.PVis))
                        Tell(fetched, page, engine, Chance(_p.HashMiss) ? SignalClass.CrawlSame : SignalClass.CrawlChanged);
                    foreach (int query in queriesOf[page])
                    {
                        if (Chance(_p.PEff))
                            Change(fetched + Delay(engine), (query * _p.Engines) + engine, ChangeCause.Content);
                    }
                }
            }
        }
    }

    private void Recrawl()
    {
        for (int page = 0; page < _known.Length; page++)
        {
            for (int engine = 0; engine < _p.Engines; engine++)
            {
                foreach (double at in Times(_p.RecrawlDays))
                {
                    if (Chance(_p.PVis))
                        Tell(at, page, engine, Chance(_p.HashFalse) ? SignalClass.CrawlChanged : SignalClass.CrawlSame);
                }
            }
        }
    }

    private void Compete()
    {
        for (int brand = 0; brand < _p.Brands; brand++)
        {
            foreach (double at in Times(_p.CompRate > 0 ? 1 / _p.CompRate : 0))
            {
                int[] queries = Draw(brand);
                bool isSeen = Chance(_p.CompVis);
                foreach (int query in queries)
                {
                    for (int engine = 0; engine < _p.Engines; engine++)
                    {
                        int target = (query * _p.Engines) + engine;
                        if (isSeen)
                            Add(at, target, TraceKind.Signal, (byte)SignalClass.Competitor);
                        if (Chance(_p.PFetch * _p.CompEff))
                            Change(at + Wait(_p.FetchMean) + Delay(engine), target, ChangeCause.Competitor);
                    }
                }
            }
            foreach (double at in Times(_p.CompFalse > 0 ? 1 / _p.CompFalse : 0))
            {
                foreach (int query in Draw(brand))
                {
                    for (int engine = 0; engine < _p.Engines; engine++)
                        Add(at, (query * _p.Engines) + engine, TraceKind.Signal, (byte)SignalClass.Competitor);
                }
            }
        }
    }

    private void FetchForUsers()
    {
        foreach (var (at, target) in _changes)
        {
            int[] pages = _pagesOf[target / _p.Engines];
            if (pages.Length == 0 || !Chance(_p.PUser))
                continue;
            int page = pages[_random.Next(pages.Length)];
            double fetched = at + Wait(_p.UserMean);
            if (Chance(_p.PVis))
                Tell(fetched, page, target % _p.Engines, SignalClass.UserFetch);
        }
        for (int page = 0; page < _known.Length && _p.UserBg > 0; page++)
        {
            for (int engine = 0; engine < _p.Engines; engine++)
            {
                foreach (double at in Times(1 / _p.UserBg))
                {
                    if (Chance(_p.PVis))
                        Tell(at, page, engine, SignalClass.UserFetch);
                }
            }
        }
    }

    // A fetch is a signal of every query that the page is known to bear on.
    private void Tell(double at, int page, int engine, SignalClass signal)
    {
        foreach (int query in _known[page])
            Add(at, (query * _p.Engines) + engine, TraceKind.Signal, (byte)signal);
    }

    private void Change(double at, int target, ChangeCause cause)
    {
        if (at >= _p.Days)
            return;
        _changes.Add((at, target));
        Add(at, target, TraceKind.Change, (byte)cause);
    }

    private void Add(double at, int subject, TraceKind kind, byte detail)
    {
        if (at < _p.Days)
            _events.Add(new TraceEvent(at, subject, (Half)1, kind, detail));
    }

    private int[] Draw(int brand)
    {
        var queries = new HashSet<int>();
        while (queries.Count < _p.CompQueries)
            queries.Add((brand * _p.Queries) + _random.Next(_p.Queries));
        return [.. queries];
    }

    // Times of a Poisson process with this mean wait; none for 0.
    private IEnumerable<double> Times(double mean)
    {
        if (mean <= 0)
            yield break;
        for (double at = Wait(mean); at < _p.Days; at += Wait(mean))
            yield return at;
    }

    private double Delay(int engine) => LogNormal(DelayMedian[engine % DelayMedian.Length] * _p.DelayMul, _p.DelaySigma);

    private bool Chance(double p) => _random.NextDouble() < p;

    private double Wait(double mean) => mean <= 0 ? double.PositiveInfinity : -Math.Log(1 - _random.NextDouble()) * mean;

    private double LogNormal(double median, double sigma) => median * Math.Exp(sigma * Normal());

    // Box and Muller.
    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}

/// <summary>A target's own rate of change from a time on: the truth that no policy but <c>informed</c> is told.</summary>
/// <param name="At">From when on.</param>
/// <param name="Target">The target.</param>
/// <param name="Rate">Changes a day.</param>
public readonly record struct RateChange(double At, int Target, double Rate);
