using Microsoft.Extensions.Logging;
using Weir.Worker.Engines;

namespace Weir.Worker.Scans;

/// <summary>One engine's way: leases as many scans as the engine may be asked at a time, and does them.</summary>
internal sealed class EngineLane(
    EngineOptions engine, EngineClient client, ScanRun run, ScanApi api, WorkerOptions options, TimeProvider time, ILogger log)
{
    private const int LeaseMax = 100;

    // Answers are paid for: while so many cannot be told, no more are asked for.
    private const int UntoldMax = 200;
    private static readonly TimeSpan AwayMax = TimeSpan.FromSeconds(30);

    // What an engine is through with waits for nothing but the API, and the next may be asked.
    private readonly List<Task<TimeSpan?>> _asking = [];
    private readonly List<Task> _telling = [];
    private DateTimeOffset _restsUntil;
    private TimeSpan _away;

    /// <summary>Works until it is asked to stop, and then for as long as what is under way takes.</summary>
    /// <param name="stop">No more leases.</param>
    /// <param name="abandon">What is still under way is given back.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abandon)
    {
        while (!stop.IsCancellationRequested)
        {
            Heed();
            int free = Free();
            var leased = free > 0 ? await LeaseAsync(free) : [];
            foreach (var (asked, told) in leased.Select(scan => run.Run(scan, abandon)))
            {
                _asking.Add(asked);
                _telling.Add(told);
            }
            // An empty queue is asked at its pace; a full house waits for a place. Where the API gave fewer than asked for, it may have kept to a ceiling, which has room
            // again once it knows of a scan that ended.
            var pause = Task.Delay(Pause(free, leased.Count), time, stop);
            IEnumerable<Task> ends = free > 0 && leased.Count < free ? _telling : _asking;
            await Task.WhenAny([pause, .. _away > TimeSpan.Zero ? [] : ends]);
        }
        await Task.WhenAll(_telling);
    }

    private int Free()
    {
        if (client.IsLeftAlone || time.GetUtcNow() < _restsUntil || _telling.Count - _asking.Count >= UntoldMax)
            return 0;
        return Math.Min(LeaseMax, (client.IsOnTrial ? 1 : client.Limit.Value) - _asking.Count);
    }

    private TimeSpan Pause(int free, int leased) => _away > TimeSpan.Zero ? _away : free > 0 && leased == free ? TimeSpan.Zero : options.Poll;

    // Whoever asked for rest gets it from all scans, not from the one alone.
    private void Heed()
    {
        foreach (var ended in _asking.Where(r => r.IsCompleted))
        {
            if (ended.Result is { } rest && time.GetUtcNow() + rest is var until && until > _restsUntil)
            {
                _restsUntil = until;
                log.EngineRests(engine.Engine, (int)rest.TotalSeconds);
            }
        }
        _asking.RemoveAll(r => r.IsCompleted);
        _telling.RemoveAll(t => t.IsCompleted);
    }

    private async Task<IReadOnlyList<LeasedScan>> LeaseAsync(int free)
    {
        try
        {
            // Not ended by a stop: scans may be leased already, and would be nobody's until their lease runs out.
            var leased = await api.LeaseAsync(engine.Engine, free, CancellationToken.None);
            if (_away > TimeSpan.Zero)
                log.ApiBack(engine.Engine);
            _away = TimeSpan.Zero;
            return leased;
        }
        catch (ApiAwayException e)
        {
            if (_away == TimeSpan.Zero)
                log.ApiAway(engine.Engine, e.Message);
            _away = _away == TimeSpan.Zero ? options.Poll : _away * 2 < AwayMax ? _away * 2 : AwayMax;
            return [];
        }
    }
}
