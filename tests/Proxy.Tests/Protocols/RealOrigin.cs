using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Protocols;

/// <summary>A server that is not ours, as origin. It prints a line for each request as it read it, and answers which it was.</summary>
internal sealed class RealOrigin : IDisposable
{
    private readonly Process _process;
    private readonly TemporaryFolder? _folder;

    private RealOrigin(Process process, int port, TemporaryFolder? folder)
    {
        _process = process;
        _folder = folder;
        Url = new Uri($"http://127.0.0.1:{port}");
    }

    public Uri Url { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static Task<RealOrigin> StartAsync(string server) => server == "nginx" ? NginxAsync() : NodeAsync();

    /// <summary>Whatever was printed since the last call, up to and with the line that holds a text.</summary>
    public async Task<List<string>> SeenAsync(string last)
    {
        var lines = new List<string>();
        do
            lines.Add(await _process.StandardOutput.ReadLineAsync(Stop) ?? throw new InvalidOperationException("The server ended."));
        while (!lines[^1].Contains(last, StringComparison.Ordinal));
        return lines;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder?.Dispose();
    }

    private static async Task<RealOrigin> NodeAsync()
    {
        var process = Start("node", RepositoryRoot.Of("tests", "Proxy.Tests", "Protocols", "clients", "echo.mjs"));
        return new RealOrigin(process, int.Parse((await process.StandardOutput.ReadLineAsync(Stop))!, CultureInfo.InvariantCulture), null);
    }

    // nginx reads a body only where it passes it on, so that a second server of the same process answers.
    private static async Task<RealOrigin> NginxAsync()
    {
        var folder = new TemporaryFolder();
        int port = FreePort(), inner = FreePort();
        string temporary = string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(n => $"{n}_temp_path {folder.Path}/{n}; "));
        await File.WriteAllTextAsync(folder["nginx.conf"], $$"""
            daemon off; master_process off; error_log {{folder.Path}}/error.log; pid {{folder.Path}}/pid;
            events { worker_connections 256; }
            http {
              {{temporary}}
              log_format seen escape=json '$status $request_method $request_uri $request_body';
              client_body_in_single_buffer on; keepalive_requests 100000;
              server { listen 127.0.0.1:{{inner}}; access_log off; location / { return 200 "$request_method $request_uri"; } }
              server { listen 127.0.0.1:{{port}}; access_log /dev/stdout seen; location / { proxy_pass http://127.0.0.1:{{inner}}; } }
            }
            """, Stop);
        var process = Start("/usr/sbin/nginx", "-p", folder.Path, "-c", folder["nginx.conf"]);
        while (true)
        {
            Assert.False(process.HasExited, "nginx ended.");
            using var tcp = new TcpClient();
            try
            {
                await tcp.ConnectAsync(IPAddress.Loopback, port, Stop);
                return new RealOrigin(process, port, folder);
            }
            catch (SocketException)
            {
                await Task.Yield();
            }
        }
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
