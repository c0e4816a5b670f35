using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.TestKit;

namespace Weir.Delivery.Tests;

/// <summary>npm smtp-server on loopback: a mail server that is not ours.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private readonly Process _process;

    private MailServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <param name="options">As <c>node/smtp.mjs</c> takes them.</param>
    public static async Task<MailServer> StartAsync(JsonObject options)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "node");
        var process = Process.Start(new ProcessStartInfo("node", ["smtp.mjs", await NodePackages.InstallAsync(folder), options.ToJsonString()])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        return new MailServer(process, int.Parse((await process.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture));
    }

    /// <summary>The next mail that was taken.</summary>
    public async Task<JsonElement> NextAsync() => JsonDocument.Parse((await _process.StandardOutput.ReadLineAsync())!).RootElement;

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
