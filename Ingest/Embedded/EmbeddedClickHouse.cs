using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Embedded;

/// <summary>
/// Keeps the embedded ClickHouse running: one child process, started again when it dies, always on the same port with the same
/// password, so that <see cref="Endpoint"/> holds until Dispose.
/// </summary>
public sealed class EmbeddedClickHouse : IAsyncDisposable
{
    /// <summary>Name of the file in the data folder by which other commands find a running server; it holds the password of the moment.</summary>
    public const string RunningFileName = RunningServer.FileName;

    // A child that lived this long was well: the next failure starts with the short wait again.
    static readonly TimeSpan WellAfter = TimeSpan.FromMinutes(1);

    readonly EmbeddedClickHouseOptions _options;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly string _token;
    readonly int _port;
    readonly CancellationTokenSource _stopping = new();
    readonly Task _watch;
    ChildProcess _child;
    long _restarts;

    EmbeddedClickHouse(EmbeddedClickHouseOptions options, ChildProcess child, int port, string token, TimeProvider time, ILogger log)
    {
        (_options, _child, _port, _token, _time, _log) = (options, child, port, token, time, log);
        Announce();
        _watch = WatchAsync();
    }

    /// <summary>Where it answers; valid across restarts.</summary>
    public ClickHouseEndpoint Endpoint => new(new Uri($"http://127.0.0.1:{_port}"), "default", _token);

    /// <summary>How often the child had to be started again.</summary>
    public long Restarts => Interlocked.Read(ref _restarts);

    /// <summary>Process id of the present child.</summary>
    public int ProcessId => Volatile.Read(ref _child).Id;

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="options">Folder and limits.</param>
    /// <param name="time">Clock of waits.</param>
    /// <param name="log">Starts and failures.</param>
    /// <param name="stop">Gives the start up.</param>
    /// <exception cref="EmbeddedClickHouseException">
    /// No library here, the folder is in use by another process, or the engine refused it; the message says what to do.
    /// </exception>
    public static async Task<EmbeddedClickHouse> StartAsync(
        EmbeddedClickHouseOptions options, TimeProvider time, ILogger<EmbeddedClickHouse> log, CancellationToken stop = default)
    {
        EmbeddedClickHouseOptions full = options with { Folder = Path.GetFullPath(options.Folder) };
        Directory.CreateDirectory(full.Folder);
        string token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        (ChildProcess child, int port) = await ChildProcess.StartAsync(full, 0, token, time, stop);
        return new EmbeddedClickHouse(full, child, port, token, time, log);
    }

    /// <summary>Finds the server that another Weir command runs on this data folder.</summary>
    /// <param name="folder">Weir's data folder.</param>
    /// <param name="stop">Gives the search up.</param>
    /// <returns>Its endpoint, or null when none answers.</returns>
    public static async Task<ClickHouseEndpoint?> TryFindRunningAsync(string folder, CancellationToken stop = default)
    {
        RunningServer? server = RunningServer.Read(folder);
        return server is not null && await server.AnswersAsync(stop) ? server.Endpoint : null;
    }

    /// <summary>Stops the child: asks, waits, then kills.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        await _watch;
        _child.AskToStop();
        try
        {
            await _child.Exited.WaitAsync(_options.StopTimeout, _time);
        }
        catch (TimeoutException)
        {
            _log.EmbeddedKilled(_options.StopTimeout, _child.Id);
            _child.Kill();
            await _child.Exited;
        }
        RunningServer.Remove(_options.Folder);
        _child.Dispose();
        _stopping.Dispose();
    }

    void Announce()
    {
        new RunningServer(_port, _token, _child.Id).Write(_options.Folder);
        _log.EmbeddedStarted(Endpoint.Url, _child.Id, _options.Folder);
    }

    async Task WatchAsync()
    {
        CancellationToken stop = _stopping.Token;
        TimeSpan wait = _options.RestartWait;
        try
        {
            while (true)
            {
                long started = _time.GetTimestamp();
                await _child.Exited.WaitAsync(stop);
                if (_time.GetElapsedTime(started) > WellAfter) wait = _options.RestartWait;
                _log.EmbeddedEnded(_child.Id, _child.ExitCode, Restarts + 1, wait);
                await Task.Delay(wait, _time, stop);
                wait = await RestartAsync(wait, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Dispose stops the child that is there now.
        }
    }

    async Task<TimeSpan> RestartAsync(TimeSpan wait, CancellationToken stop)
    {
        while (true)
        {
            wait = wait + wait < _options.RestartWaitMax ? wait + wait : _options.RestartWaitMax;
            try
            {
                (ChildProcess child, _) = await ChildProcess.StartAsync(_options, _port, _token, _time, stop);
                Volatile.Read(ref _child).Dispose();
                Volatile.Write(ref _child, child);
                Interlocked.Increment(ref _restarts);
                Announce();
                return wait;
            }
            catch (EmbeddedClickHouseException e)
            {
                _log.EmbeddedRestartFailed(e.Message, wait);
                await Task.Delay(wait, _time, stop);
            }
        }
    }
}
