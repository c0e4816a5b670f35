using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Weir.TestKit;

/// <summary>A real redis-server on a loopback port, without files of its own but in a temporary folder. Ends with the object.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const int SigCont = 18, SigStop = 19;

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _more;
    private Process? _process;

    private RedisServer(int port, string[] more)
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
        _more = more;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="more">Further arguments, such as <c>--requirepass</c> and a password.</param>
    public static async Task<RedisServer> StartAsync(params string[] more)
    {
        var server = new RedisServer(FreePort(), more);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts again, on the same port and with nothing stored.</summary>
    public async Task StartAgainAsync()
    {
        var info = new ProcessStartInfo("redis-server") { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = _folder.Path };
        foreach (string argument in (string[])["--port", $"{EndPoint.Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder.Path, .. _more])
            info.ArgumentList.Add(argument);
        _process = Process.Start(info)!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = _process.StandardOutput.ReadToEndAsync(); // or it would block when the pipe is full
                return;
            }
        }
        throw new InvalidOperationException("redis-server did not start.");
    }

    /// <summary>Kills it.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Lets it hang: connections stay open and nothing is answered.</summary>
    public void Freeze() => Signal(SigStop);

    /// <summary>Lets it go on.</summary>
    public void Thaw() => Signal(SigCont);

    /// <summary>Runs one command by redis-cli and gives what it prints.</summary>
    public async Task<string> CommandAsync(params string[] words)
    {
        var info = new ProcessStartInfo("redis-cli") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-p", $"{EndPoint.Port}", "--no-auth-warning", .. words])
            info.ArgumentList.Add(argument);
        using var client = Process.Start(info)!;
        string said = await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
        return said.TrimEnd();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private void Signal(int signal)
    {
        if (Kill(_process!.Id, signal) != 0)
            throw new InvalidOperationException("redis-server could not be signalled.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
