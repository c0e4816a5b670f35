using Weir.Scheduling.Selection;

namespace Weir.Simulation;

/// <summary>Runs one policy on one trace.</summary>
public sealed class SimulationRun
{
    private const double Day = 1;

    private readonly Trace _trace;
    private readonly ISelectionPolicy _policy;
    private readonly double _noise;
    private readonly Random _random;
    private readonly double[] _changedAt;      // the change that is current and that no scan has seen; NaN without one
    private readonly double[] _staleSince;     // the first change that no scan has seen; NaN when fresh
    private readonly byte[] _cause;
    private readonly double[] _lastScan;
    private readonly int[] _changes, _found;
    private readonly long[] _changesOf = new long[5], _foundOf = new long[5];
    private readonly long[] _scansOfDay;
    private double _staleDays, _staleAge, _gapMax;
    private long _foundAny, _scans;

    private SimulationRun(Trace trace, ISelectionPolicy policy, double noise, int seed)
    {
        (_trace, _policy, _noise, _random) = (trace, policy, noise, new Random(seed));
        int n = trace.Fleet.Targets;
        (_changedAt, _staleSince, _cause, _lastScan, _changes, _found) = (new double[n], new double[n], new byte[n], new double[n], new int[n], new int[n]);
        Array.Fill(_changedAt, double.NaN);
        Array.Fill(_staleSince, double.NaN);
        _scansOfDay = new long[(int)Math.Ceiling(trace.Days) + 1];
    }

    /// <summary>Runs it.</summary>
    /// <param name="trace">What happens.</param>
    /// <param name="policy">A new one: it has seen nothing yet.</param>
    /// <param name="noise">Chance that a scan reports a change that is none.</param>
    /// <param name="seed">Of that chance.</param>
    public static Measures Run(Trace trace, ISelectionPolicy policy, double noise = 0, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(policy);
        var run = new SimulationRun(trace, policy, noise, seed);
        run.Go();
        return run.Sum();
    }

    private void Go()
    {
        var picked = new int[_trace.Fleet.Targets];
        var events = _trace.Span;
        int next = 0;
        long ticks = (long)Math.Floor((_trace.Days / _trace.Tick) + 1e-9);
        for (long tick = 1; tick <= ticks; tick++)
        {
            double now = tick * _trace.Tick;
            for (; next < events.Length && events[next].At <= now; next++)
                Happen(in events[next]);
            var at = TimeSpan.FromDays(now);
            int count = _policy.Select(at, picked);
            for (int i = 0; i < count; i++)
                Scan(picked[i], now, at);
        }
        for (int target = 0; target < _lastScan.Length; target++)
        {
            _gapMax = Math.Max(_gapMax, _trace.Days - Math.Max(_lastScan[target], 0));
            AddStale(target, _trace.Days);
        }
    }

    private void Happen(in TraceEvent e)
    {
        switch (e.Kind)
        {
            case TraceKind.Change:
                Change(e.Subject, e.At, e.Detail);
                break;
            case TraceKind.Signal:
                _policy.OnSignal(new Signal(e.Subject, (SignalClass)e.Detail, TimeSpan.FromDays(e.At), (double)e.Weight));
                break;
            default:
                _policy.OnEngineUpdate(e.Subject, TimeSpan.FromDays(e.At));
                break;
        }
    }

    // The last day's changes cannot all be found within a day of theirs.
    private bool IsMeasured(double at) => at >= _trace.Warmup && at < _trace.Days - Day;

    private void Change(int target, double at, byte cause)
    {
        if (IsMeasured(at))
        {
            _changes[target]++;
            _changesOf[cause]++;
        }
        (_changedAt[target], _cause[target]) = (at, cause);
        if (double.IsNaN(_staleSince[target]))
            _staleSince[target] = at;
    }

    private void Scan(int target, double now, TimeSpan at)
    {
        bool changed = !double.IsNaN(_staleSince[target]);
        if (changed)
        {
            if (IsMeasured(_changedAt[target]))
            {
                _foundAny++;
                if (now - _changedAt[target] <= Day + 1e-9)
                {
                    _found[target]++;
                    _foundOf[_cause[target]]++;
                }
            }
            AddStale(target, now);
            (_changedAt[target], _staleSince[target]) = (double.NaN, double.NaN);
        }
        if (now >= _trace.Warmup)
        {
            _scans++;
            _scansOfDay[(int)now]++;
            _gapMax = Math.Max(_gapMax, now - _lastScan[target]);
        }
        _lastScan[target] = now;
        _policy.OnScan(target, at, changed || (_noise > 0 && _random.NextDouble() < _noise));
    }

    private void AddStale(int target, double until)
    {
        if (double.IsNaN(_staleSince[target]) || until <= _trace.Warmup)
            return;
        double from = Math.Max(_staleSince[target], _trace.Warmup);
        _staleDays += until - from;
        double ageAtFrom = from - _staleSince[target], ageAtEnd = until - _staleSince[target];
        _staleAge += ((ageAtEnd * ageAtEnd) - (ageAtFrom * ageAtFrom)) / 2;
    }

    private Measures Sum()
    {
        double targetDays = _trace.Fleet.Targets * (_trace.Days - _trace.Warmup);
        long changes = _changesOf.Sum();
        return new Measures
        {
            Found24 = Share(_foundOf.Sum(), changes),
            FoundAny = Share(_foundAny, changes),
            Freshness = 1 - (_staleDays / targetDays),
            StaleAgeDays = _staleAge / targetDays,
            Cost = _scans / targetDays,
            CostWeekMax = CostWeekMax(),
            Worst10 = Worst10(),
            GapMaxDays = _gapMax,
            Changes = changes,
            ByCause = Enum.GetValues<ChangeCause>().Where(c => c != ChangeCause.Unknown && _changesOf[(int)c] > 0)
                .ToDictionary(c => c.ToString().ToLowerInvariant(), c => Share(_foundOf[(int)c], _changesOf[(int)c])),
            ByChanges = ByChanges(),
        };
    }

    private double CostWeekMax()
    {
        int first = (int)Math.Ceiling(_trace.Warmup), last = (int)Math.Floor(_trace.Days);
        double most = 0;
        for (int day = first; day + 7 <= last; day++)
            most = Math.Max(most, _scansOfDay.AsSpan(day, 7).ToArray().Sum() / 7.0 / _trace.Fleet.Targets);
        return most;
    }

    private double Worst10()
    {
        var byTenant = new (long Changes, long Found)[_trace.Fleet.Tenants];
        for (int target = 0; target < _changes.Length; target++)
        {
            ref var tenant = ref byTenant[_trace.Fleet.TenantOf[target]];
            tenant = (tenant.Changes + _changes[target], tenant.Found + _found[target]);
        }
        var shares = byTenant.Where(t => t.Changes > 0).Select(t => Share(t.Found, t.Changes)).Order().ToList();
        return shares.Count == 0 ? 0 : shares.Take(Math.Max(1, shares.Count / 10)).Average();
    }

    private Dictionary<string, double> ByChanges()
    {
        (string Name, int Most)[] classes = [("0-1", 1), ("2-5", 5), ("6-20", 20), ("more", int.MaxValue)];
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        int above = -1;
        foreach (var (name, most) in classes)
        {
            long changes = 0, found = 0;
            for (int target = 0; target < _changes.Length; target++)
            {
                if (_changes[target] > above && _changes[target] <= most)
                    (changes, found) = (changes + _changes[target], found + _found[target]);
            }
            shares[name] = Share(found, changes);
            above = most;
        }
        return shares;
    }

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
