using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;
using Weir.Reporting;

namespace Weir.Faults;

/// <summary>`weir up` as its users start it, which is killed, stopped and started again on the same data.</summary>
internal sealed class WeirProcess : IDisposable
{
    /// <summary>The only site.</summary>
    public const string Host = "faults.test";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _config;
    private readonly string _log;
    private Process? _process;

    /// <summary>Writes its settings.</summary>
    /// <param name="folder">The small disk.</param>
    /// <param name="origin">What it stands before.</param>
    public WeirProcess(string folder, Uri origin)
    {
        DataFolder = Path.Combine(folder, "data");
        EdgePort = LoopbackPort.Free();
        _log = Path.Combine(ReportFiles.OutFolder, "faults.log");
        _config = Path.Combine(folder, "weir.json");
        File.Delete(_log);
        File.WriteAllText(_config, JsonSerializer.Serialize(new
        {
            listen = $"127.0.0.1:{EdgePort}",
            api = $"127.0.0.1:{LoopbackPort.Free()}",
            data = DataFolder,
            identity = new { reverseDns = false },
            ranges = new { refreshHours = 0 },
            ingest = new { spoolBytesMax = 256 << 20 },
            sites = new[] { new { id = "faults", hosts = Host, origins = origin.ToString() } },
        }));
    }

    /// <summary>Where its data lies.</summary>
    public string DataFolder { get; }

    /// <summary>Where the edge answers.</summary>
    public int EdgePort { get; }

    /// <summary>Its process; the store's is a child of it.</summary>
    public int Id => _process!.Id;

    /// <summary>The store's process, as long as it runs.</summary>
    public int? StoreId => RunningServer.Read(DataFolder)?.Pid;

    /// <summary>Where the store answers; null while it does not run.</summary>
    public ClickHouseEndpoint? Store => RunningServer.Read(DataFolder)?.Endpoint;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process?.HasExited != false;

    /// <summary>Starts it and waits until it serves.</summary>
    public async Task StartAsync()
    {
        string command = $"exec dotnet '{Path.GetFullPath("Weir/bin/Release/net10.0/weir.dll")}' up --config '{_config}' >>'{_log}' 2>&1";
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { UseShellExecute = false, RedirectStandardInput = true })!;
        long began = TimeProvider.System.GetTimestamp();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{EdgePort}/.weir/health/ready"));
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // It is starting.
            }
            if (HasExited || TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new BenchException($"weir up does not start; what it printed is in {_log}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>Waits until it has ended.</summary>
    public async Task WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        await _process!.WaitForExitAsync(patience.Token);
    }

    /// <summary>Waits until a process is gone, so that nobody holds the folder.</summary>
    public static async Task WaitUntilGoneAsync(int id)
    {
        while (Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}")))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
    }

    /// <summary>Sends a signal.</summary>
    public static void Signal(string signal, params int[] processes)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-s", signal, .. processes.Select(p => p.ToString(CultureInfo.InvariantCulture))]) { UseShellExecute = false })!;
        kill.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is { HasExited: false })
            _process.Kill(entireProcessTree: true);
        _process?.Dispose();
    }
}
