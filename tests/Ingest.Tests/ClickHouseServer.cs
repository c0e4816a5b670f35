using System.Diagnostics;
using System.Text.Json;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Tests;

/// <summary>A real ClickHouse for tests: the embedded server's child process on a folder of its own.</summary>
public sealed class ClickHouseServer : IAsyncLifetime
{
    private const string Token = "test";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-test-");
    private Process? _process;
    private int _port;

    /// <summary>A database that no other test uses.</summary>
    public ClickHouseEndpoint NewDatabase() =>
        new(new Uri($"http://127.0.0.1:{_port}"), "default", Token, "t" + Guid.NewGuid().ToString("n")[..12]);

    /// <summary>Starts, on the same port and folder as before.</summary>
    public async Task StartAsync()
    {
        var info = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Weir.EmbeddedHost.dll"), "clickhouse-server",
            "--data", _folder.FullName, "--port", $"{_port}", "--parent-pid", $"{Environment.ProcessId}"])
            info.ArgumentList.Add(argument);
        info.Environment["WEIR_CLICKHOUSE_TOKEN"] = Token;
        _process = Process.Start(info)!;
        string line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.");
        _port = JsonDocument.Parse(line).RootElement.GetProperty("port").GetInt32();
    }

    /// <summary>As kill -9; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>Tests that share one server, each with a database of its own.</summary>
[CollectionDefinition(Name)]
public sealed class StoreCollection : ICollectionFixture<ClickHouseServer>
{
    public const string Name = "store";
}
