using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Weir.TestKit;

/// <summary>A real PostgreSQL server on a loopback port, its files in a temporary folder. Ends with the object. It wants a password.</summary>
/// <remarks>PostgreSQL does not run as root: tests that do start it as <c>nobody</c>.</remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The user who may do everything.</summary>
    public const string User = "weir";

    /// <summary>The user's password.</summary>
    public const string Password = "p@ss \"word\" 'é;";

    private const int SigCont = 18, SigStop = 19, SigInt = 2, SigQuit = 3, SigKill = 9;

    private static readonly string Programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            ?? throw new InvalidOperationException("There is no PostgreSQL below /usr/lib/postgresql. Run ./test, which installs it.")
        : throw new InvalidOperationException("There is no /usr/lib/postgresql. Run ./test, which installs PostgreSQL.");

    private readonly TemporaryFolder _folder = new();
    private Process? _process;
    private int _databases;

    private PostgresServer(int port) => Port = port;

    /// <summary>Port on 127.0.0.1.</summary>
    public int Port { get; }

    private string Data => _folder["data"];

    /// <summary>Starts a new, empty server.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer(FreePort());
        string password = server._folder["password"];
        await File.WriteAllTextAsync(password, Password + "\n");
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", "-R", "nobody:nogroup", server._folder.Path);
        await RunAsUserAsync("initdb", "-D", server.Data, "-U", User, "-E", "UTF8", "--no-locale", "-A", "scram-sha-256", "--pwfile", password, "--no-sync");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts again, on the same port and with what was stored.</summary>
    public async Task StartAgainAsync()
    {
        // fsync keeps data through a power cut, which no test has.
        var info = AsUser("postgres", "-D", Data, "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200");
        info.RedirectStandardError = true;
        _process = Process.Start(info)!;
        string all = "";
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            all += line + "\n";
            if (line.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                _ = _process.StandardError.ReadToEndAsync(); // or it would block when the pipe is full
                return;
            }
        }
        throw new InvalidOperationException($"postgres did not start: {all}");
    }

    /// <summary>Makes an empty database, in the byte order of its own server's locale.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = $"weir{Interlocked.Increment(ref _databases)}";
        await QueryAsync("postgres", $"CREATE DATABASE {name}");
        return name;
    }

    /// <summary>Runs one statement by psql and gives what it prints, without headings.</summary>
    public Task<string> QueryAsync(string database, string sql) =>
        RunAsync(new ProcessStartInfo(Path.Combine(Programs, "psql"), ["-h", "127.0.0.1", "-p", $"{Port}", "-U", User, "-d", database, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql])
        {
            Environment = { ["PGPASSWORD"] = Password },
        });

    /// <summary>Stops it: connections are cut.</summary>
    public async Task StopAsync() => await EndAsync(SigInt);

    /// <summary>Kills it and the process of each of its connections, as a crash does: what was committed is there when it starts again.</summary>
    public async Task KillAsync()
    {
        string[] children = await ChildrenAsync();
        Signal(_process!.Id, SigKill);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        // They end by themselves once the server is gone, and it cannot start again before.
        foreach (string child in children)
        {
            while (Directory.Exists($"/proc/{child}"))
            {
                _ = Kill(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture), SigKill);
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }
        }
    }

    /// <summary>Lets it hang: connections stay open, new ones are taken, and nothing is answered.</summary>
    public async Task FreezeAsync() => await SignalAllAsync(SigStop);

    /// <summary>Lets it go on.</summary>
    public async Task ThawAsync() => await SignalAllAsync(SigCont);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(SigQuit);
        _folder.Dispose();
    }

    private async Task EndAsync(int signal)
    {
        if (_process is null)
            return;
        Signal(_process.Id, signal);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    // The server and the process of each of its connections.
    private async Task SignalAllAsync(int signal)
    {
        foreach (string id in (string[])[$"{_process!.Id}", .. await ChildrenAsync()])
            Signal(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture), signal);
    }

    private async Task<string[]> ChildrenAsync() =>
        (await File.ReadAllTextAsync($"/proc/{_process!.Id}/task/{_process.Id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static void Signal(int id, int signal)
    {
        if (Kill(id, signal) != 0)
            throw new InvalidOperationException("postgres could not be signalled.");
    }

    private static async Task RunAsUserAsync(string program, params string[] arguments) => await RunAsync(AsUser(program, arguments));

    private static async Task RunAsync(string program, params string[] arguments) => await RunAsync(new ProcessStartInfo(program, arguments));

    private static async Task<string> RunAsync(ProcessStartInfo info)
    {
        info.RedirectStandardOutput = info.RedirectStandardError = true;
        using var run = Process.Start(info)!;
        var wrong = run.StandardError.ReadToEndAsync();
        string said = await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();
        return run.ExitCode == 0 ? said.TrimEnd('\n') : throw new InvalidOperationException($"{Path.GetFileName(info.FileName)}: {await wrong}");
    }

    private static ProcessStartInfo AsUser(string program, params string[] arguments)
    {
        string path = Path.Combine(Programs, program);
        // setpriv becomes the program: its process is the server's own.
        return Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--", path, .. arguments]) { WorkingDirectory = "/" }
            : new ProcessStartInfo(path, arguments) { WorkingDirectory = "/" };
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
