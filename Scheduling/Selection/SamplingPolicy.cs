namespace Weir.Scheduling.Selection;

/// <summary>The baseline preset of samples: each day a tenth of every tenant's targets; when more than 5 % of those changed, all of the tenant's.</summary>
/// <remarks>Samples are drawn by a fixed sequence. Without a budget it costs what it costs; with one, whole scans of tenants wait for their turn.</remarks>
public sealed class SamplingPolicy : ISelectionPolicy
{
    private const double Share = 0.1, ChangedShare = 0.05;

    private readonly int[][] _targetsOf;
    private readonly Fleet _fleet;
    private readonly long[]? _keys;
    private readonly ScanAllowance _allowance;
    private readonly double[] _lastScan;
    private readonly int[] _sampled, _sampledChanged;
    private readonly bool[] _isSample;
    private readonly Queue<int> _waiting = new();
    private ulong _state = 0x9E3779B97F4A7C15;
    private int _day = -1;

    /// <param name="fleet">The targets.</param>
    /// <param name="budget">Scans a target and day; null for as many as the samples ask for.</param>
    public SamplingPolicy(Fleet fleet, double? budget)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        (_fleet, _allowance, _lastScan) = (fleet, new ScanAllowance(budget * fleet.Targets), new double[fleet.Targets]);
        var byTenant = Enumerable.Range(0, fleet.Targets).ToLookup(t => fleet.TenantOf[t]);
        _targetsOf = [.. Enumerable.Range(0, fleet.Tenants).Select(tenant => byTenant[tenant].ToArray())];
        (_sampled, _sampledChanged, _isSample) = (new int[fleet.Tenants], new int[fleet.Tenants], new bool[fleet.Targets]);
    }

    /// <summary>One that draws the same samples of a day whenever it was begun, and whose budget is another's.</summary>
    /// <param name="fleet">The targets.</param>
    /// <param name="budget">As in the other.</param>
    /// <param name="keys">Of each target a number that stays its own.</param>
    internal SamplingPolicy(Fleet fleet, double? budget, long[] keys)
        : this(fleet, budget) => _keys = keys;

    /// <summary>A target that was picked is not scanned yet: it is picked again.</summary>
    internal void GiveBack(int target) => _waiting.Enqueue(target);

    /// <inheritdoc/>
    public void OnSignal(in Signal signal)
    {
    }

    /// <inheritdoc/>
    public void OnEngineUpdate(int engine, TimeSpan at)
    {
    }

    /// <inheritdoc/>
    public void OnScan(int target, TimeSpan at, bool changed)
    {
        _lastScan[target] = at.TotalDays;
        if (!_isSample[target])
            return;
        _isSample[target] = false;
        int tenant = _fleet.TenantOf[target];
        _sampledChanged[tenant] += changed ? 1 : 0;
        if (--_sampled[tenant] == 0 && _sampledChanged[tenant] > ChangedShare * SampleOf(tenant))
        {
            foreach (int one in _targetsOf[tenant])
                _waiting.Enqueue(one);
        }
    }

    /// <inheritdoc/>
    public int Select(TimeSpan now, Span<int> picked)
    {
        _allowance.Earn(now.TotalDays);
        if ((int)now.TotalDays > _day)
        {
            _day = (int)now.TotalDays;
            Draw();
        }
        int count = 0;
        for (int left = _waiting.Count; left > 0 && _allowance.Left >= 1 && count < picked.Length; left--)
        {
            picked[count++] = _waiting.Dequeue();
            _allowance.Spend(1);
        }
        return count;
    }

    /// <inheritdoc/>
    public ScanReason Explain(int target, TimeSpan now) => new() { Rule = "sample", DaysSinceScan = now.TotalDays - _lastScan[target] };

    private int SampleOf(int tenant) => (int)Math.Ceiling(_targetsOf[tenant].Length * Share);

    private void Draw()
    {
        _waiting.Clear();
        Array.Clear(_isSample);
        for (int tenant = 0; tenant < _targetsOf.Length; tenant++)
        {
            int[] targets = _targetsOf[tenant];
            (_sampled[tenant], _sampledChanged[tenant]) = (SampleOf(tenant), 0);
            if (_keys is not null)
                Array.Sort(targets, (a, b) => Mixed(_keys[a]).CompareTo(Mixed(_keys[b])));
            for (int i = 0; i < _sampled[tenant]; i++)
            {
                int other = _keys is not null ? i : i + (int)(Next() % (ulong)(targets.Length - i));
                (targets[i], targets[other]) = (targets[other], targets[i]);
                _isSample[targets[i]] = true;
                _waiting.Enqueue(targets[i]);
            }
        }
    }

    // The finaliser of SplitMix64, Steele and others 2014.
    private ulong Mixed(long key)
    {
        ulong mixed = (ulong)key + ((ulong)_day * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    // xorshift64*, Vigna 2016.
    private ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }
}
