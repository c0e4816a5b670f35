using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Weir.TestKit;

namespace Weir.EndToEnd.Support;

/// <summary>One run of <c>./weir</c>, as a user types it.</summary>
internal sealed class WeirProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4); // the first run may build

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly SemaphoreSlim _lineArrived = new(0);
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WeirProcess(Process process) => _process = process;

    /// <summary>Everything printed so far, both streams.</summary>
    public string Output => string.Join('\n', _lines);

    public int Id => _process.Id;

    public static WeirProcess Start(params IEnumerable<string> arguments) => StartProgram(RepositoryRoot.Of("weir"), arguments);

    public static WeirProcess StartProgram(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = RepositoryRoot.Path,
        };
        var weir = new WeirProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        weir._process.OutputDataReceived += (_, e) => weir.Take(e.Data, weir._outputEnded);
        weir._process.ErrorDataReceived += (_, e) => weir.Take(e.Data, weir._errorsEnded);
        weir._process.Start();
        weir._process.BeginOutputReadLine();
        weir._process.BeginErrorReadLine();
        weir._process.StandardInput.Close();
        return weir;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var weir = Start(arguments);
        int exitCode = await weir.WaitForExitAsync();
        return (exitCode, weir.Output);
    }

    /// <summary>The first line printed that holds a text; fails with everything printed when the process ends without it.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using var stop = new CancellationTokenSource(Patience);
        while (true)
        {
            if (_lines.FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal)) is { } found)
                return found;
            bool ended = _outputEnded.Task.IsCompleted && _errorsEnded.Task.IsCompleted;
            Assert.False(ended, $"weir ended without printing '{text}':\n{Output}");
            await _lineArrived.WaitAsync(stop.Token);
        }
    }

    public async Task<int> WaitForExitAsync()
    {
        using var stop = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(stop.Token);
        await Task.WhenAll(_outputEnded.Task, _errorsEnded.Task).WaitAsync(stop.Token);
        return _process.ExitCode;
    }

    /// <summary>Asks it to stop as a service manager does, and waits.</summary>
    public async Task<int> TerminateAsync()
    {
        Assert.Equal(0, Kill(_process.Id, 15));
        return await WaitForExitAsync();
    }

    public async Task KillAsync()
    {
        Assert.Equal(0, Kill(_process.Id, 9));
        await WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, 15);
            try
            {
                await WaitForExitAsync();
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
        _lineArrived.Dispose();
    }

    private void Take(string? line, TaskCompletionSource ended)
    {
        if (line is null)
            ended.TrySetResult();
        else
            _lines.Enqueue(line);
        _lineArrived.Release();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
