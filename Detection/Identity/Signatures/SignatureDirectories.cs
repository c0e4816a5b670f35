using System.Collections.Concurrent;

namespace Weir.Detection.Identification.Signatures;

/// <summary>Whose key directories are fetched.</summary>
/// <remarks>The catalog's and the configured agents by default, and not whoever a request names: each fetch is a request that a stranger makes
/// this machine send, and each answer is memory that a stranger fills.</remarks>
public sealed record SignatureDirectoryOptions
{
    /// <summary>Agents besides the catalog's, as <see cref="AgentName.TryParse"/> gives them.</summary>
    public IReadOnlyCollection<string> Agents { get; init; } = [];

    /// <summary>Whether any agent's keys are fetched.</summary>
    public bool AnyAgent { get; init; }

    /// <summary>Agents remembered at most that are neither in the catalog nor configured.</summary>
    public int StrangersMax { get; init; } = 1024;
}

/// <summary>Agents' public keys, fetched from their directories in the background and kept. Safe from any thread.</summary>
/// <remarks>Keys are good for as long as the directory says, within bounds; then they are fetched anew while the old ones go on. A directory
/// that cannot be had takes no key away for a week: its operator's outage is no revocation. One that came without the key does.</remarks>
public sealed class SignatureDirectories : ISigningKeys, IAsyncDisposable
{
    /// <summary>Bounds of how long a directory stays good; without a word of its own, an hour.</summary>
    public static readonly TimeSpan AgeMin = TimeSpan.FromMinutes(5), AgeMax = TimeSpan.FromHours(24), AgeOtherwise = TimeSpan.FromHours(1);

    private static readonly TimeSpan LastGood = TimeSpan.FromDays(7);

    // The draft bounds negative caching at five minutes.
    private static readonly TimeSpan BackoffMin = TimeSpan.FromSeconds(15), BackoffMax = TimeSpan.FromMinutes(5);

    // A stranger nobody asked for in so long makes room for another.
    private static readonly TimeSpan StrangerIdle = TimeSpan.FromMinutes(10);

    private const int FetchesAtOnce = 4;
    private const int FetchesWaiting = 64;
    private const int FetchesPerSecond = 2;
    private const int FetchesBurst = 32;

    private readonly SignatureDirectoryOptions _options;
    private readonly Func<string, bool> _isInCatalog;
    private readonly TimeProvider _time;
    private readonly DirectoryFetch _fetch;
    private readonly HashSet<string> _allowed;
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _slots = new(FetchesAtOnce);
    private readonly RateBudget _budget, _sweeps;
    private readonly CancellationTokenSource _stop = new();
    private int _waiting;

    /// <summary>Fetches nothing before it is asked for a key.</summary>
    /// <param name="options">Whose keys.</param>
    /// <param name="isInCatalog">Whether the catalog in force names an agent.</param>
    /// <param name="time">The clock.</param>
    public SignatureDirectories(SignatureDirectoryOptions options, Func<string, bool> isInCatalog, TimeProvider time)
        : this(options, isInCatalog, time, new DirectoryNetwork())
    {
    }

    internal SignatureDirectories(SignatureDirectoryOptions options, Func<string, bool> isInCatalog, TimeProvider time, DirectoryNetwork network)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _isInCatalog = isInCatalog;
        _time = time;
        _fetch = new DirectoryFetch(network, time);
        _allowed = new HashSet<string>(options.Agents, StringComparer.Ordinal);
        _budget = new RateBudget(time, FetchesPerSecond, FetchesBurst);
        _sweeps = new RateBudget(time, 1, 1);
    }

    /// <summary>What became of every attempt to fetch.</summary>
    public DirectoryCounts Counts { get; } = new();

    /// <summary>Agents known by now, with or without keys.</summary>
    public int AgentCount => _entries.Count;

    /// <inheritdoc/>
    public bool Covers(string agent) => _options.AnyAgent || IsNamed(agent);

    /// <inheritdoc/>
    public KeyState Find(string agent, string thumbprint, out SigningKey? key)
    {
        key = null;
        if (EntryOf(agent) is not { } entry)
            return KeyState.Unavailable;
        var now = _time.GetUtcNow();
        entry.AskedAt = now.ToUnixTimeSeconds();
        var state = entry.State;
        bool isGood = state.Keys is not null && now < state.FetchedAt + LastGood;
        key = isGood ? state.Keys!.Find(thumbprint) : null;
        if (key is not null)
        {
            if (now >= state.NextAt)
                TryStart(agent, entry, state);
            return KeyState.Known;
        }
        // A key that was published since is worth another look, but not at every stranger's word.
        bool isDue = now >= state.NextAt || (isGood && state.Failures == 0 && now >= state.FetchedAt + AgeMin);
        if (entry.IsFetching || (isDue && TryStart(agent, entry, state)))
            return KeyState.UnderWay;
        return isGood ? KeyState.NotInDirectory : KeyState.Unavailable;
    }

    /// <summary>Waits for the fetches under way.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_entries.Values.Select(e => e.Fetching));

    /// <summary>Gives up the fetches under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await WhenIdleAsync();
        _fetch.Dispose();
        _slots.Dispose();
        _stop.Dispose();
    }

    private bool IsNamed(string agent) => _allowed.Contains(agent) || _isInCatalog(agent);

    private Entry? EntryOf(string agent)
    {
        if (_entries.TryGetValue(agent, out var entry))
            return entry;
        // What is named in the catalog or settings always has room; their number is the operator's own.
        if (!IsNamed(agent) && _entries.Count >= _options.StrangersMax && !MakeRoom())
        {
            Counts.Add(DirectoryResult.NotTried);
            return null;
        }
        return _entries.GetOrAdd(agent, _ => new Entry());
    }

    // Walking all entries is worth it once a second, however many strangers knock.
    private bool MakeRoom()
    {
        if (!_sweeps.TryTake())
            return false;
        long idleSince = (_time.GetUtcNow() - StrangerIdle).ToUnixTimeSeconds();
        foreach (var (agent, entry) in _entries)
        {
            if (entry.AskedAt < idleSince && !entry.IsFetching && !IsNamed(agent))
                _entries.TryRemove(agent, out _);
        }
        return _entries.Count < _options.StrangersMax;
    }

    private bool TryStart(string agent, Entry entry, EntryState seen)
    {
        if (_stop.IsCancellationRequested)
            return false;
        if (!entry.TryBegin())
            return true; // somebody else's request was first
        // A fetch may have ended since the state was looked at; then its answer is here for the next request, and another is not due.
        if (!ReferenceEquals(entry.State, seen))
        {
            entry.End(entry.State);
            return true;
        }
        if (Interlocked.Increment(ref _waiting) > FetchesWaiting || !_budget.TryTake())
        {
            Interlocked.Decrement(ref _waiting);
            entry.End(entry.State);
            Counts.Add(DirectoryResult.NotTried);
            return false;
        }
        // Off the request's thread from the first instruction on: looking up a name may block.
        entry.Fetching = Task.Run(() => FetchAsync(agent, entry));
        return true;
    }

    private async Task FetchAsync(string agent, Entry entry)
    {
        var next = entry.State;
        try
        {
            await _slots.WaitAsync(_stop.Token);
            try
            {
                var fetched = await _fetch.FetchAsync(agent, _stop.Token);
                Counts.Add(fetched.Result);
                Counts.AddFalseProofs(fetched.FalseProofs);
                next = After(next, fetched, _time.GetUtcNow());
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The program stops.
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            entry.End(next);
        }
    }

    private static EntryState After(EntryState before, FetchedDirectory fetched, DateTimeOffset now)
    {
        if (fetched.Keys is not { } keys)
        {
            int failures = Math.Min(before.Failures + 1, 16);
            double seconds = Math.Min(BackoffMax.TotalSeconds, BackoffMin.TotalSeconds * Math.Pow(2, failures - 1));
            return before with { NextAt = now.AddSeconds(seconds), Failures = failures };
        }
        var age = fetched.MaxAge ?? AgeOtherwise;
        age = age < AgeMin ? AgeMin : age > AgeMax ? AgeMax : age;
        return new EntryState(keys, now, now + age, 0);
    }

    private sealed record EntryState(KeySet? Keys, DateTimeOffset FetchedAt, DateTimeOffset NextAt, int Failures)
    {
        public static readonly EntryState Fresh = new(null, default, default, 0);
    }

    private sealed class Entry
    {
        private EntryState _state = EntryState.Fresh;
        private int _isFetching;
        private long _askedAt;
        private Task _fetching = Task.CompletedTask;

        public EntryState State => Volatile.Read(ref _state);

        public bool IsFetching => Volatile.Read(ref _isFetching) != 0;

        public Task Fetching
        {
            get => Volatile.Read(ref _fetching);
            set => Volatile.Write(ref _fetching, value);
        }

        public long AskedAt
        {
            get => Volatile.Read(ref _askedAt);
            set => Volatile.Write(ref _askedAt, value);
        }

        public bool TryBegin() => Interlocked.CompareExchange(ref _isFetching, 1, 0) == 0;

        // The state before the flag: who sees that nothing is fetched any more also sees what came.
        public void End(EntryState state)
        {
            Volatile.Write(ref _state, state);
            Volatile.Write(ref _isFetching, 0);
        }
    }
}
