using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Memory;

namespace Weir.Analytics.Api.Hosting;

/// <summary>Keeps answers of reports for some seconds to minutes, and makes one for all who ask the same at a time. Safe from any thread.</summary>
/// <remarks>An answer lives <see cref="AnalyticsOptions.ReportLifePerCost"/> times as long as it took to make: a small store shows a hit at once, and a
/// large or busy one is not asked the same again while it still works on the last answer. One that counts <see cref="AnalyticsOptions.SteadyHits"/> or more
/// lives for <see cref="AnalyticsOptions.SteadyLifeMax"/>. One that is made of <see cref="KeptRows"/> lives as long as they do, and is counted by whether the store was
/// asked for it.</remarks>
internal sealed class ReportCache : IDisposable
{
    /// <summary>Name of this meter.</summary>
    public const string MeterName = "Weir.Analytics.Reports";

    // What an entry takes beside its answer: key, tag and the cache's own objects.
    private const int EntryBytes = 1_000;

    private readonly AnalyticsOptions _options;
    private readonly TimeProvider _time;
    private readonly MemoryCache _kept;
    private readonly ConcurrentDictionary<string, Lazy<Task<Made>>> _flights = new(StringComparer.Ordinal);
    private readonly Counter<long> _answers;

    public ReportCache(AnalyticsOptions options, TimeProvider time, IMeterFactory meters)
    {
        (_options, _time) = (options, time);
        _kept = new MemoryCache(new MemoryCacheOptions { SizeLimit = options.ReportCacheBytes / 2 });
        _answers = meters.Create(MeterName).CreateCounter<long>(
            "weir.api.reports", "{answer}", "Answers of reports by where they came from: made, kept, or made for another who asked the same meanwhile.");
    }

    /// <summary>The answer to a question: kept, or made now.</summary>
    /// <param name="key">All that the answer depends on.</param>
    /// <param name="longest">How old it may be at most.</param>
    /// <param name="isFresh">Whether the asker wants none that is kept.</param>
    /// <param name="make">Makes it.</param>
    /// <param name="stop">Ends the asker's wait; who waits for the same answer is not harmed.</param>
    public async Task<KeptAnswer> GetAsync(string key, TimeSpan longest, bool isFresh, Func<Task<KeptAnswer>> make, CancellationToken stop)
    {
        if (!isFresh && _kept.TryGetValue(key, out KeptAnswer? kept))
            return Count(kept!, "kept");
        var mine = new Lazy<Task<Made>>(() => MakeAsync(key, longest, isFresh, make));
        var flight = _flights.GetOrAdd(key, mine);
        if (flight == mine)
        {
            var (answer, from) = await mine.Value;
            return Count(answer, from);
        }
        try
        {
            return Count((await flight.Value.WaitAsync(stop)).Answer, "joined");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Whoever asked first has left, and taken the question along.
            return Count(await make(), "made");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _kept.Dispose();

    private async Task<Made> MakeAsync(string key, TimeSpan longest, bool isFresh, Func<Task<KeptAnswer>> make)
    {
        try
        {
            var answer = AnswerMaking.Current = new AnswerMaking(isFresh, longest);
            long began = _time.GetTimestamp();
            var body = await make();
            var now = _time.GetUtcNow();
            // What is made of kept rows is as old as they are, and lives no longer.
            body = body with { Made = answer.Rows?.Made ?? now };
            var life = ReportLife.Of(_options, _time.GetElapsedTime(began), body.Hits, longest);
            if (answer.Rows is { } rows && (answer.From != "made" || rows.Until - now < life))
                life = rows.Until - now;
            if (life > TimeSpan.Zero)
            {
                var entry = new MemoryCacheEntryOptions { Size = body.Bytes + (2 * key.Length) + EntryBytes, AbsoluteExpirationRelativeToNow = life };
                _ = _kept.Set(key, body, entry);
            }
            return new Made(body, answer.From);
        }
        finally
        {
            _flights.TryRemove(key, out _);
        }
    }

    private KeptAnswer Count(KeptAnswer body, string from)
    {
        _answers.Add(1, new TagList { { "weir.from", from } });
        return body;
    }

    private readonly record struct Made(KeptAnswer Answer, string From);
}

/// <summary>An answer that may be sent more than once.</summary>
/// <param name="Result">Sends it.</param>
/// <param name="Bytes">Memory that it takes, roughly.</param>
/// <param name="Hits">Hits that it counts; 0 where it does not count.</param>
internal sealed record KeptAnswer(IResult Result, int Bytes, long Hits = 0)
{
    /// <summary>When it was made, or the kept rows read that it was made of.</summary>
    public DateTimeOffset Made { get; init; }
}
