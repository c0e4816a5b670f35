using System.Diagnostics;
using System.Text.Json;
using Weir.Ingest.Embedded.Engine;

namespace Weir.Ingest.Embedded;

/// <summary>One run of the child: started, ready with a port, stopped or dead.</summary>
internal sealed class ChildProcess : IDisposable
{
    const int LogBytesMax = 1024 * 1024;

    readonly Process _process;
    readonly string _log;
    readonly Lock _logLock = new();
    string _lastLine = "";

    ChildProcess(Process process, string log)
    {
        _process = process;
        _log = log;
    }

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>Exit code; only after <see cref="Exited"/>.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Completes when the process has ended.</summary>
    public Task Exited { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a child and waits until it answers.</summary>
    /// <returns>The child and its port.</returns>
    /// <exception cref="EmbeddedClickHouseException">It ended or took too long; the message is what it said.</exception>
    public static async Task<(ChildProcess Child, int Port)> StartAsync(
        EmbeddedClickHouseOptions options, int port, string token, TimeProvider time, CancellationToken stop)
    {
        string data = Path.Combine(options.Folder, "clickhouse");
        Directory.CreateDirectory(data);
        ProcessStartInfo start = new(options.Command[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The engine would read a config.xml that lies in its working folder.
            WorkingDirectory = data,
        };
        foreach (string argument in options.Command.Skip(1)) start.ArgumentList.Add(argument);
        foreach (string argument in (ReadOnlySpan<string>)["--data", data, "--port", $"{port}", "--parent-pid", $"{Environment.ProcessId}"])
            start.ArgumentList.Add(argument);
        start.Environment[EmbeddedServerArguments.TokenVariable] = token;
        ChildProcess child = new(Process.Start(start)!, Path.Combine(options.Folder, "clickhouse.log"));
        try
        {
            return (child, await child.ReadyAsync(options.StartTimeout, time, stop));
        }
        catch
        {
            child.Kill();
            child.Dispose();
            throw;
        }
    }

    /// <summary>Asks for a stop, twice over: SIGTERM and the end of standard input.</summary>
    public void AskToStop()
    {
        if (_process.HasExited) return;
        _ = LibC.Signal(_process.Id, LibC.Terminate);
        _process.StandardInput.Close();
    }

    /// <summary>Ends the process now.</summary>
    public void Kill()
    {
        if (!_process.HasExited) _process.Kill();
    }

    public void Dispose() => _process.Dispose();

    async Task<int> ReadyAsync(TimeSpan timeout, TimeProvider time, CancellationToken stop)
    {
        Task errors = CopyErrorsAsync();
        Exited = WaitAsync(errors);
        using CancellationTokenSource limit = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        string? line;
        try
        {
            line = await _process.StandardOutput.ReadLineAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new EmbeddedClickHouseException($"The embedded ClickHouse did not answer within {timeout}. Its log is {_log}.", e);
        }
        if (line is not null && TryReadPort(line, out int port)) return port;
        await Exited.WaitAsync(stop);
        string said = _lastLine.Length > 0 ? _lastLine : $"The embedded ClickHouse ended with code {ExitCode}. Its log is {_log}.";
        throw new EmbeddedClickHouseException(said) { ExitCode = ExitCode };
    }

    async Task WaitAsync(Task errors)
    {
        await _process.WaitForExitAsync();
        await errors;
    }

    static bool TryReadPort(string line, out int port)
    {
        port = 0;
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return json.RootElement.TryGetProperty("port", out JsonElement element) && element.TryGetInt32(out port);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    async Task CopyErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Length > 0) _lastLine = line;
            lock (_logLock) AppendToLog(line);
        }
    }

    // Two files of this size at most: the engine repeats itself when it is unwell.
    void AppendToLog(string line)
    {
        FileInfo file = new(_log);
        if (file.Exists && file.Length > LogBytesMax) file.MoveTo(_log + ".1", overwrite: true);
        File.AppendAllText(_log, line + "\n");
    }
}
