using System.Collections.Concurrent;
using Weir.Ingest.Embedded.Engine;

namespace Weir.Ingest.Embedded.Server;

/// <summary>The fixed set of lanes that statements without a session share, and one more that only stops statements.</summary>
internal sealed class LanePool : IDisposable
{
    // A KILL that came before its statement began finds nothing: it is said again until the statement has ended.
    static readonly TimeSpan KillAgainAfter = TimeSpan.FromMilliseconds(50);

    readonly ConcurrentStack<Lane> _idle = [];
    readonly SemaphoreSlim _free;
    readonly List<Lane> _lanes = [];
    readonly Lane _control;
    readonly IReadOnlyList<string> _arguments;
    readonly TimeProvider _time;
    int _sessions;

    /// <summary>Takes connections that are open: the first must be opened before the process has other threads.</summary>
    public LanePool(ChdbConnection control, IReadOnlyList<ChdbConnection> connections, IReadOnlyList<string> arguments, TimeProvider time)
    {
        _arguments = arguments;
        _time = time;
        _control = new Lane(control, arguments, MarkOf(0));
        for (int i = 0; i < connections.Count; i++)
        {
            Lane lane = new(connections[i], arguments, MarkOf(i + 1));
            _lanes.Add(lane);
            _idle.Push(lane);
        }
        _free = new SemaphoreSlim(connections.Count);
    }

    /// <summary>log_comment of lane number <paramref name="index"/>.</summary>
    public static string MarkOf(int index) => $"weir-lane-{index}";

    /// <summary>Waits for a lane. Give it back with <see cref="Return"/>.</summary>
    public async Task<Lane> TakeAsync(CancellationToken stop)
    {
        await _free.WaitAsync(stop);
        return _idle.TryPop(out Lane? lane) ? lane : throw new InvalidOperationException("A free lane was counted but not there.");
    }

    /// <summary>Gives a lane back.</summary>
    public void Return(Lane lane)
    {
        _idle.Push(lane);
        _free.Release();
    }

    /// <summary>Makes a lane for one session; the session disposes of it.</summary>
    public Lane NewSessionLane() =>
        new(null, _arguments, $"weir-session-{Interlocked.Increment(ref _sessions)}", isSession: true);

    /// <summary>Runs <paramref name="statement"/>; when <paramref name="stop"/> is signalled, the engine stops it and it ends with an error.</summary>
    public async Task<T> RunStoppableAsync<T>(Lane lane, Func<ChdbConnection, T> statement, CancellationToken stop)
    {
        Task<T> run = lane.RunAsync(statement);
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration _ = stop.Register(stopped.SetResult);
        // Killing ends before this returns, so that a KILL never meets the lane's next statement.
        if (await Task.WhenAny(run, stopped.Task) != run) await KillUntilEndedAsync(lane, run);
        return await run;
    }

    /// <summary>Answers whether the engine is alive.</summary>
    public Task<bool> CheckAsync() => _control.RunAsync(connection =>
    {
        using ChdbResult result = connection.Query("SELECT 1");
        return result.Error is null;
    });

    public void Dispose()
    {
        foreach (Lane lane in _lanes) lane.Dispose();
        _control.Dispose();
        _free.Dispose();
    }

    async Task KillUntilEndedAsync(Lane lane, Task run)
    {
        string mark = SqlText.Quote(lane.Mark), prefix = SqlText.Quote(lane.Mark + " ");
        string sql = $"KILL QUERY WHERE Settings['log_comment'] = {mark} OR startsWith(Settings['log_comment'], {prefix}) ASYNC";
        while (!run.IsCompleted)
        {
            await _control.RunAsync(connection =>
            {
                using ChdbResult result = connection.Query(sql);
                return result.Error;
            });
            await Task.WhenAny(run, Task.Delay(KillAgainAfter, _time, CancellationToken.None));
        }
    }
}
