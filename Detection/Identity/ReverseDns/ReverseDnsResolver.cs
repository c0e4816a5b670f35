using System.Threading.Channels;
using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>
/// Asks DNS who an address is, beside the requests: <see cref="Ask"/> gives what is known by now and starts a question when nothing is.
/// Memory, questions and time are bounded. Safe from any thread.
/// </summary>
/// <remarks>One question an address, however many hits ask. The address's names are kept, so that every crawler is judged from one entry.</remarks>
public sealed class ReverseDnsResolver : IReverseDns, IAsyncDisposable
{
    // DNS of today says nothing of whose an address was last month.
    private const long OldestHitMs = 24L * 3600 * 1000;

    private readonly ReverseDnsOptions _options;
    private readonly TimeProvider _time;
    private readonly ReverseDnsMetrics _metrics;
    private readonly ReverseDnsCache _cache;
    private readonly ReverseDnsLanes _lanes;
    private readonly DnsLookups _lookups;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _workers;

    /// <summary>Starts the workers, which wait for questions.</summary>
    public ReverseDnsResolver(ReverseDnsOptions options, TimeProvider time, ReverseDnsMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(metrics);
        _options = options;
        _time = time;
        _metrics = metrics;
        _cache = new ReverseDnsCache(options.CacheEntries);
        _lanes = new ReverseDnsLanes(options);
        _lookups = new DnsLookups(options, time);
        metrics.Observe(() => _lanes.Waiting);
        int near = Math.Max(options.ConcurrencyMax / 4, 1), far = Math.Max(options.ConcurrencyMax - near, 1);
        _workers = Task.WhenAll([
            .. Enumerable.Range(0, near).Select(_ => WorkAsync(_lanes.Near)),
            .. Enumerable.Range(0, far).Select(_ => WorkAsync(_lanes.Far)),
        ]);
    }

    /// <summary>Told what each question found out; null for nobody.</summary>
    public IVerificationSink? Sink { get; init; }

    /// <inheritdoc/>
    public ReverseDnsAnswer Ask(ClientAddress address, Crawler crawler, long timeMs, bool isHidden = false)
    {
        ArgumentNullException.ThrowIfNull(crawler);
        long nowMs = NowMs();
        if (timeMs < nowMs - OldestHitMs || crawler.ReverseDnsHosts.Count == 0 || !PublicAddress.IsPublic(address))
            return ReverseDnsAnswer.NotAsked;
        for (; ; )
        {
            var entry = _cache.Find(address);
            var known = entry?.Judge(crawler, nowMs) ?? ReverseDnsAnswer.NotAsked;
            if (entry?.Open is { } open)
            {
                if (!open.TryJoin(crawler, isHidden))
                    continue; // answered meanwhile: the answer is in the cache since before the question was sealed
                return known == ReverseDnsAnswer.NotAsked ? ReverseDnsAnswer.UnderWay : known;
            }
            // UnderWay without a question: the address has a name of this crawler's that nobody followed yet.
            if (entry is not null && !entry.IsDue(nowMs) && known != ReverseDnsAnswer.UnderWay)
                return known == ReverseDnsAnswer.NotAsked ? ReverseDnsAnswer.Unanswered : known;
            if (TryStart(entry, address, crawler, nowMs, isHidden, out bool isShed))
                return known == ReverseDnsAnswer.NotAsked ? ReverseDnsAnswer.UnderWay : known;
            if (isShed)
                return known == ReverseDnsAnswer.UnderWay ? ReverseDnsAnswer.NotAsked : known;
        }
    }

    /// <summary>The answer, waited for. For commands; a request never waits.</summary>
    /// <returns>The answer; <see cref="ReverseDnsAnswer.UnderWay"/> only when waiting was given up.</returns>
    public async Task<ReverseDnsAnswer> AskAndWaitAsync(ClientAddress address, Crawler crawler, long timeMs, CancellationToken stop)
    {
        var answer = Ask(address, crawler, timeMs);
        while (answer == ReverseDnsAnswer.UnderWay && !stop.IsCancellationRequested)
        {
            await OpenQuestion(address).WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            answer = Ask(address, crawler, timeMs);
        }
        return answer;
    }

    /// <summary>The host name that an answer about an address rests on: empty when it has none, null when DNS never answered. Hostile text,
    /// but of letters, digits, dots, dashes and underscores.</summary>
    public string? EvidenceOf(ClientAddress address, Crawler crawler) =>
        _cache.Find(address)?.Names is { } names ? HostNames.Evidence(names, crawler) : null;

    /// <summary>Ends when the question about an address is answered; at once when none is open.</summary>
    internal Task OpenQuestion(ClientAddress address) => _cache.Find(address)?.Open?.Done ?? Task.CompletedTask;

    /// <summary>Gives up what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        _lanes.Close();
        await _stop.CancelAsync();
        await _workers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private bool TryStart(ReverseDnsEntry? entry, ClientAddress address, Crawler crawler, long nowMs, bool isHidden, out bool isShed)
    {
        var question = new ReverseDnsQuestion(address, crawler, nowMs, _lanes.IsNear(address, crawler), isHidden);
        var why = _lanes.TryReserve(question);
        isShed = why is not null;
        if (isShed)
        {
            _metrics.Shed(why!.Value);
            return false;
        }
        if (!_cache.TryReplace(entry, (entry ?? new ReverseDnsEntry(address)) with { Open = question }, out bool isFull))
        {
            _lanes.Release(question);
            isShed = isFull;
            if (isFull)
                _metrics.Shed(ReverseDnsShed.CacheFull);
            return false;
        }
        _lanes.Enqueue(question);
        return true;
    }

    private async Task WorkAsync(ChannelReader<ReverseDnsQuestion> lane)
    {
        await Task.Yield(); // the constructor must not ask
        await foreach (var question in lane.ReadAllAsync(_stop.Token))
        {
            try
            {
                await AnswerAsync(question);
            }
            finally
            {
                _lanes.Release(question);
                question.Finish();
            }
        }
    }

    private async Task AnswerAsync(ReverseDnsQuestion question)
    {
        // Nobody else changes an entry whose question is open, and none of them is evicted.
        var entry = _cache.Find(question.Address)!;
        if (NowMs() - question.AskedAtMs > _options.WaitMax.TotalMilliseconds)
        {
            _metrics.Shed(ReverseDnsShed.WaitedTooLong);
            _cache.TryReplace(entry, entry.Names is null && entry.Failures == 0 ? null : entry with { Open = null }, out _);
            return;
        }
        long started = _time.GetTimestamp();
        var found = await FindAsync(question, entry);
        var next = Next(entry, found, NowMs());
        _cache.TryReplace(entry, next, out _);
        Tell(question.Seal(), next, found is not null);
        var answer = found is null ? ReverseDnsAnswer.Unanswered : HostNames.Judge(found.Value.Names, question.Crawler);
        if (answer == ReverseDnsAnswer.Confirmed)
            _lanes.MarkConfirmed(question.Address);
        _metrics.Answered(answer, _time.GetElapsedTime(started));
    }

    // For every crawler that was pending, what its hits of now would be judged; not for hits of sites that let no address be stored.
    private void Tell(IReadOnlyList<Crawler> askers, ReverseDnsEntry entry, bool isAnswered)
    {
        if (Sink is null || !isAnswered)
            return;
        var now = _time.GetUtcNow();
        foreach (var crawler in askers)
        {
            var answer = entry.Judge(crawler, now.ToUnixTimeMilliseconds());
            if (answer is not (ReverseDnsAnswer.Confirmed or ReverseDnsAnswer.Refuted or ReverseDnsAnswer.Shared))
                continue;
            var check = IdentityCheck.Of(crawler, entry.Address, now.ToUnixTimeMilliseconds(), default, null, KnownReverseDns.Of(answer));
            Sink.Write(new Verification(entry.Address, crawler, check.Identity, check.Method, now, HostNames.Evidence(entry.Names ?? [], crawler)));
        }
    }

    private async Task<(HostName[] Names, TimeSpan Ttl)?> FindAsync(ReverseDnsQuestion question, ReverseDnsEntry entry)
    {
        using var deadline = new CancellationTokenSource(_options.Deadline, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, deadline.Token);
        var address = question.Address.ToIPAddress();
        if (await _lookups.NamesAsync(address, stop.Token) is not { } listed)
            return null;
        var names = new HostName[listed.Names.Length];
        var ttl = listed.Ttl;
        for (int i = 0; i < names.Length; i++)
        {
            string name = listed.Names[i];
            // Only operators' names are followed: a stranger's would lead our questions to servers of his choice.
            bool isAsked = question.Askers.Any(c => HostNames.Names(c, name))
                || (entry.Names is { } before && Array.Exists(before, n => n.Name == name && n.Forward != ForwardState.NotAsked));
            var forward = isAsked ? await _lookups.ForwardAsync(name, address, stop.Token) : (ForwardState.NotAsked, TimeSpan.MaxValue);
            names[i] = new HostName(name, forward.Item1);
            ttl = forward.Item2 < ttl ? forward.Item2 : ttl;
        }
        return (names, ttl);
    }

    private ReverseDnsEntry Next(ReverseDnsEntry entry, (HostName[] Names, TimeSpan Ttl)? found, long nowMs)
    {
        bool isAnswered = found is { } f && !Array.Exists(f.Names, n => n.Forward == ForwardState.Unanswered);
        if (!isAnswered)
        {
            var wait = Shorter(_options.RetryAfter * Math.Pow(2, Math.Min(entry.Failures, 10)), _options.NoNamesTtl);
            var later = entry with { Open = null, Failures = entry.Failures + 1, AskAgainAtMs = nowMs + Ms(wait) };
            // An older whole answer is worth more than a half one.
            return entry.Names is not null && nowMs < entry.UsableUntilMs || found is null ? later
                : later with { Names = found.Value.Names, AnsweredAtMs = nowMs, UsableUntilMs = nowMs + Ms(wait + _options.StaleMax) };
        }
        var (names, ttl) = found!.Value;
        var (min, max) = _options.NamesTtl;
        var holds = !Array.Exists(names, n => n.Forward == ForwardState.LeadsBack) ? _options.NoNamesTtl
            : ttl < min ? min : Shorter(ttl, max);
        return new ReverseDnsEntry(entry.Address)
        {
            Names = names,
            AnsweredAtMs = nowMs,
            AskAgainAtMs = nowMs + Ms(holds),
            UsableUntilMs = nowMs + Ms(holds + _options.StaleMax),
        };
    }

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static long Ms(TimeSpan span) => (long)span.TotalMilliseconds;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
